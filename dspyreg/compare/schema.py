"""The differences between two JSON schemas, as facts for the bump rules."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

from dspyreg.model import canonical

_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$defs", "definitions"})
_MAX_DEPTH = 20
_CHOICES = frozenset({"enum", "const", "anyOf", "oneOf"})
_FLOORS = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_CEILINGS = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_CONSTRAINTS = frozenset({"pattern", "multipleOf"})
_VALUE, _SCHEMA = "value", "schema"
_TYPES: Final[dict[type, tuple[str, ...]]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    type(None): ("null",),
}


class SchemaKind(StrEnum):
    """A kind of change to a schema."""

    WIDENED = "widened"
    NARROWED = "narrowed"
    RETYPED = "retyped"
    LOST = "lost a property"
    GAINED = "gained a property"
    GAINED_REQUIRED = "gained a required property"


class Fact(NamedTuple):
    """A difference: its kind, and its path below the field."""

    kind: SchemaKind
    path: str = ""


def facts(old: Any, new: Any) -> list[Fact]:
    """Return how ``new`` differs from ``old``; nothing if both admit the same values."""
    return list(_facts(_plain(old), _plain(new), ""))


def _plain(schema: Any) -> Any:
    """Return the schema without annotations, with its references resolved."""
    members = schema if isinstance(schema, dict) else {}
    definitions = members.get("$defs", members.get("definitions"))
    return _resolved(schema, definitions if isinstance(definitions, dict) else {}, ())


def _resolved(value: Any, definitions: dict[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_resolved(each, definitions, within) for each in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if name in within or len(within) > _MAX_DEPTH:
        # The distance identifies a recursive reference, whatever its definition is called.
        return {"recursive": len(within) - within.index(name) if name in within else 0}
    if name in definitions:
        return _resolved(definitions[name], definitions, (*within, name))
    return {
        key: _properties(each, definitions, within)
        if key == "properties"
        else _resolved(each, definitions, within)
        for key, each in value.items()
        if key not in _ANNOTATIONS
    }


def _properties(value: Any, definitions: dict[str, Any], within: tuple[str, ...]) -> Any:
    """Return resolved properties. A property may have the name of an annotation."""
    if not isinstance(value, dict):
        return value
    return {name: _resolved(each, definitions, within) for name, each in value.items()}


def _facts(old: Any, new: Any, path: str) -> Iterator[Fact]:
    if _same(old, new):
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Fact(SchemaKind.RETYPED, path)
    elif not old or not new:
        yield Fact(SchemaKind.NARROWED if new else SchemaKind.WIDENED, path)
    elif _is_choice(old) or _is_choice(new) or old.get("type") != new.get("type"):
        yield from _set_facts(_values(old), _values(new), path)
    else:
        by_keyword = list(_keyword_facts(old, new, path))
        retyped = Fact(SchemaKind.RETYPED, path)
        yield from [retyped] if retyped in by_keyword else by_keyword


def _is_choice(schema: dict[str, Any]) -> bool:
    """Return whether a schema admits one of several alternatives."""
    return not _CHOICES.isdisjoint(schema) or isinstance(schema.get("type"), list)


def _keyword_facts(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Fact]:
    """Yield the differences between two schemas of one type, keyword by keyword."""
    if ("properties" in old) != ("properties" in new):
        yield Fact(SchemaKind.RETYPED, path)
        return
    if "properties" in old:
        yield from _object_facts(old, new, path)
    for key in sorted((old.keys() | new.keys()) - {"properties", "required"}):
        a, b = old.get(key), new.get(key)
        if _same(a, b):
            continue
        if key == "items" and "prefixItems" not in old | new:
            yield from _facts(a or {}, b or {}, f"{path}[]")
        elif key == "additionalProperties":
            yield from _additional_facts(old.get(key, True), new.get(key, True), path)
        else:
            yield Fact(_bound(key, a, b), path)


def _additional_facts(old: Any, new: Any, path: str) -> Iterator[Fact]:
    if False in (old, new):
        if old != new:
            yield Fact(SchemaKind.WIDENED if old is False else SchemaKind.NARROWED, path)
        return
    yield from _facts({} if old is True else old, {} if new is True else new, f"{path}{{}}")


def _bound(key: str, old: Any, new: Any) -> SchemaKind:
    """Return the effect of a changed keyword; None is a missing one."""
    if key not in _FLOORS | _CEILINGS | _CONSTRAINTS:
        return SchemaKind.RETYPED
    if old is None or new is None:
        return SchemaKind.NARROWED if old is None else SchemaKind.WIDENED
    if key in _CONSTRAINTS or not all(type(each) in {int, float} for each in (old, new)):
        return SchemaKind.RETYPED
    return SchemaKind.NARROWED if (new > old) is (key in _FLOORS) else SchemaKind.WIDENED


def _same(old: Any, new: Any) -> bool:
    return canonical.dumps(old) == canonical.dumps(new)


def _values(schema: dict[str, Any]) -> set[bytes]:
    """Return the set of what a schema admits: the values of an enum, the members of a union."""
    if isinstance(schema.get("enum"), list):
        return {canonical.dumps([_VALUE, value]) for value in schema["enum"]}
    if "const" in schema:
        return {canonical.dumps([_VALUE, schema["const"]])}
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return {value for member in schema[key] for value in _members(member)}
    if isinstance(schema.get("type"), list):
        rest = {key: value for key, value in schema.items() if key != "type"}
        return {value for kind in schema["type"] for value in _values({**rest, "type": kind})}
    return {canonical.dumps([_SCHEMA, schema])}


def _members(member: Any) -> set[bytes]:
    if isinstance(member, dict):
        return _values(member)
    return {canonical.dumps([_VALUE, member])}


def _set_facts(old: set[bytes], new: set[bytes], path: str) -> Iterator[Fact]:
    gone, come = old - new, new - old
    if old & new and len(gone) == len(come) == 1:  # Optional[A] and Optional[B]: compare A and B
        (a, before), (b, after) = canonical.loads(gone.pop()), canonical.loads(come.pop())
        if a == b == _SCHEMA:
            yield from _facts(before, after, path)
            return
    more, less = _beyond(new, old), _beyond(old, new)
    if more == new and less == old:
        yield Fact(SchemaKind.RETYPED, path)
        return
    if more:
        yield Fact(SchemaKind.WIDENED, path)
    if less:
        yield Fact(SchemaKind.NARROWED, path)


def _beyond(some: set[bytes], others: set[bytes]) -> set[bytes]:
    """Return the members of one set that nothing in the other set admits."""
    return {each for each in some - others if others.isdisjoint(_admitting(each))}


def _admitting(member: bytes) -> Iterator[bytes]:
    """Yield the plain types that admit a member."""
    kind, content = canonical.loads(member)
    if kind == _VALUE:
        types = _TYPES.get(type(content), ())
    else:
        types = ("number",) if content == {"type": "integer"} else ()
    return (canonical.dumps([_SCHEMA, {"type": each}]) for each in types)


def _object_facts(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Fact]:
    before, after = old["properties"], new["properties"]
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() - after.keys()):
        yield Fact(SchemaKind.LOST, f"{path}.{name}")
    for name in sorted(after.keys() - before.keys()):
        kind = SchemaKind.GAINED_REQUIRED if name in needed_after else SchemaKind.GAINED
        yield Fact(kind, f"{path}.{name}")
    for name in sorted(before.keys() & after.keys()):
        if name in needed_before - needed_after:
            yield Fact(SchemaKind.WIDENED, f"{path}.{name}")
        elif name in needed_after - needed_before:
            yield Fact(SchemaKind.NARROWED, f"{path}.{name}")
        yield from _facts(before[name], after[name], f"{path}.{name}")
