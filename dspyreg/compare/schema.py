"""How one JSON schema differs from another, in facts that bump rules can judge."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

from dspyreg.model import canonical

_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$defs", "definitions"})
_DEEPEST = 20
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


class Kind(StrEnum):
    """What can happen to a schema."""

    WIDENED = "widened"
    NARROWED = "narrowed"
    RETYPED = "retyped"
    LOST = "lost a property"
    GAINED = "gained a property"
    GAINED_REQUIRED = "gained a required property"


class Fact(NamedTuple):
    """One difference: what happened, and where below the field it did."""

    kind: Kind
    path: str = ""


def facts(old: Any, new: Any) -> list[Fact]:
    """Return how ``new`` differs from ``old``; nothing if the same values fit both."""
    return list(_facts(_plain(old), _plain(new), ""))


def _plain(schema: Any) -> Any:
    """The schema without annotations, its references put in place."""
    told = schema if isinstance(schema, dict) else {}
    definitions = told.get("$defs", told.get("definitions"))
    return _resolved(schema, definitions if isinstance(definitions, dict) else {}, ())


def _resolved(value: Any, definitions: dict[str, Any], within: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_resolved(each, definitions, within) for each in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("$ref", "")).rpartition("/")[2]
    if name in within or len(within) > _DEEPEST:  # how far up tells as much as the name, and more
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
    """Properties by name, where no name is an annotation."""
    if not isinstance(value, dict):
        return value
    return {name: _resolved(each, definitions, within) for name, each in value.items()}


def _facts(old: Any, new: Any, path: str) -> Iterator[Fact]:
    if _same(old, new):
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Fact(Kind.RETYPED, path)
    elif not old or not new:
        yield Fact(Kind.NARROWED if new else Kind.WIDENED, path)
    elif _is_choice(old) or _is_choice(new) or old.get("type") != new.get("type"):
        yield from _set_facts(_values(old), _values(new), path)
    else:
        found = list(_keyword_facts(old, new, path))
        yield from [Fact(Kind.RETYPED, path)] if Fact(Kind.RETYPED, path) in found else found


def _is_choice(schema: dict[str, Any]) -> bool:
    """Does it admit one of several things?"""
    return not _CHOICES.isdisjoint(schema) or isinstance(schema.get("type"), list)


def _keyword_facts(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Fact]:
    """How two schemas of one type differ, keyword by keyword."""
    if ("properties" in old) != ("properties" in new):
        yield Fact(Kind.RETYPED, path)
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
            yield Fact(Kind.WIDENED if old is False else Kind.NARROWED, path)
        return
    yield from _facts({} if old is True else old, {} if new is True else new, f"{path}{{}}")


def _bound(key: str, old: Any, new: Any) -> Kind:
    """What became of a schema whose keyword ``key`` changed; None stands for none."""
    if key not in _FLOORS | _CEILINGS | _CONSTRAINTS:
        return Kind.RETYPED
    if old is None or new is None:
        return Kind.NARROWED if old is None else Kind.WIDENED
    if key in _CONSTRAINTS or not all(type(each) in {int, float} for each in (old, new)):
        return Kind.RETYPED
    return Kind.NARROWED if (new > old) is (key in _FLOORS) else Kind.WIDENED


def _same(old: Any, new: Any) -> bool:
    return canonical.dumps(old) == canonical.dumps(new)


def _values(schema: dict[str, Any]) -> set[bytes]:
    """What a schema admits, as a set: the values of an enum, the members of a union."""
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
    if old & new and len(gone) == len(come) == 1:  # Optional[A] and Optional[B]: look at A and B
        (a, before), (b, after) = canonical.loads(gone.pop()), canonical.loads(come.pop())
        if a == b == _SCHEMA:
            yield from _facts(before, after, path)
            return
    more, less = _beyond(new, old), _beyond(old, new)
    if more == new and less == old:
        yield Fact(Kind.RETYPED, path)
        return
    if more:
        yield Fact(Kind.WIDENED, path)
    if less:
        yield Fact(Kind.NARROWED, path)


def _beyond(some: set[bytes], others: set[bytes]) -> set[bytes]:
    """What is in one set and admitted by nothing in another."""
    return {each for each in some - others if others.isdisjoint(_admitting(each))}


def _admitting(member: bytes) -> Iterator[bytes]:
    """The plain types that admit a member."""
    kind, told = canonical.loads(member)
    if kind == _VALUE:
        types = _TYPES.get(type(told), ())
    else:
        types = ("number",) if told == {"type": "integer"} else ()
    return (canonical.dumps([_SCHEMA, {"type": each}]) for each in types)


def _object_facts(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Fact]:
    before, after = old["properties"], new["properties"]
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() - after.keys()):
        yield Fact(Kind.LOST, f"{path}.{name}")
    for name in sorted(after.keys() - before.keys()):
        kind = Kind.GAINED_REQUIRED if name in needed_after else Kind.GAINED
        yield Fact(kind, f"{path}.{name}")
    for name in sorted(before.keys() & after.keys()):
        if name in needed_before - needed_after:
            yield Fact(Kind.WIDENED, f"{path}.{name}")
        elif name in needed_after - needed_before:
            yield Fact(Kind.NARROWED, f"{path}.{name}")
        yield from _facts(before[name], after[name], f"{path}.{name}")
