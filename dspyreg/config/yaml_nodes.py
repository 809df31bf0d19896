"""YAML as nodes, not as values, so that every problem is told with its line.

Plain trees only: no anchors, tags or merge keys, which could make a short text enormous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeVar

import yaml

from dspyreg.errors import UsageError

LARGEST: Final = 1 << 20
MOST: Final = 20_000
DEEPEST: Final = 20
_LONGEST_SHOWN: Final = 60
_LONGEST_COMPARED: Final = 100
_READ_AS = {
    "bool": "a boolean",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "null": "nothing",
    "merge": "a merge mark",
    "value": "a default mark",
}

_T = TypeVar("_T")


class Member(NamedTuple):
    """A key of a mapping and what stands under it."""

    name: str
    key: yaml.Node
    value: yaml.Node


Reader = Callable[[Member], Any]


# Mappings.


def fields(
    node: yaml.Node | None,
    readers: dict[str, Reader],
    *,
    kind: str = "key",
    never_empty: Iterable[str] = (),
) -> dict[str, Any]:
    """Return what is said under these keys, in their order, each read by its reader."""
    told = known(node, readers, kind=kind, never_empty=never_empty)
    found = {name: readers[name](member) for name, member in told.items()}
    return {name: found[name] for name in readers if name in found}


def said(told: dict[str, Member], name: str, reader: Callable[[Member], _T], default: _T) -> _T:
    """Return what is said under a key, or else the default."""
    return reader(told[name]) if name in told else default


def known(
    node: yaml.Node | None,
    keys: Iterable[str],
    *,
    kind: str = "key",
    never_empty: Iterable[str] = (),
) -> dict[str, Member]:
    """Return the members that say something; all must have one of these keys."""
    found = members(node)
    for member in found:
        if member.name not in keys:
            raise unknown(member.key, kind, member.name, keys)
        if member.name in never_empty and _is_silent(member):
            raise error(member.key, f"{member.name} is there, but says nothing")
    return {member.name: member for member in found if not _is_silent(member)}


def _is_silent(member: Member) -> bool:
    return kind(member.value) == "null"


def members(node: yaml.Node | None) -> list[Member]:
    """Return the members of a mapping as written; nothing at all is an empty mapping."""
    if node is None or kind(node) == "null":
        return []
    if not isinstance(node, yaml.MappingNode):
        raise error(node, f"expected keys and values, found {found_in(node)}")
    found: dict[str, Member] = {}
    for key, value in node.value:
        member = Member(text(key), key, value)
        if member.name in found:
            line = _line(found[member.name].key)
            raise error(key, f"{shown(member.name)} stands already in line {line}")
        found[member.name] = member
    return list(found.values())


def apart_in_case(found: Iterable[Member], kind: str, beside: Iterable[str] = ()) -> None:
    """Refuse two names that differ in case alone, among these and those ``beside`` them."""
    taken = {name.lower(): name for name in beside}
    for member in found:
        if (other := taken.setdefault(member.name.lower(), member.name)) != member.name:
            raise error(member.key, f"{kind} `{member.name}` and `{other}` differ only in case")


# One node.


def text(node: yaml.Node) -> str:
    """Return the text of a node, if YAML and its reader agree that it is text."""
    word = kind(node)
    if word == "merge":
        raise error(node, "merge keys are not accepted; write it out, or quote it if it is text")
    if word in _READ_AS:
        raise error(node, f"{shown(node.value)} is read as {_READ_AS[word]}; quote it")
    if word != "str":
        raise error(node, f"expected text, found {found_in(node)}")
    return str(node.value)


def plain(node: yaml.Node) -> str | None:
    """Return what is written without quotes, if it is a scalar."""
    return node.value if isinstance(node, yaml.ScalarNode) and node.style is None else None


def kind(node: yaml.Node) -> str:
    """Return the last word of a node's resolved tag."""
    return node.tag.rpartition(":")[2]


def found_in(node: yaml.Node) -> str:
    """Return in words what stands in a node."""
    if not isinstance(node, yaml.ScalarNode):
        return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
    return f"the text {shown(node.value)}" if kind(node) == "str" else shown(node.value)


# Errors.


def shown(text: str) -> str:
    """Return text as an error may show it: short, and nothing that a terminal would obey."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return f"`{short}`" if short.isprintable() else ascii(short)


def error(node: yaml.Node | None, problem: str, *, hint: str | None = None) -> UsageError:
    """Return the error that tells a problem with its line."""
    return UsageError(f"line {_line(node)}: {problem}", hint=hint)


def unknown(node: yaml.Node, kind: str, name: str, valid: Iterable[str]) -> UsageError:
    """Return the error that names the nearest of the valid names, or else all of them."""
    problem = f"unknown {kind} {shown(name)}"
    by_case = {each.lower(): each for each in valid}
    if near := get_close_matches(name[:_LONGEST_COMPARED].lower(), by_case, n=1):
        return error(node, f"{problem}; did you mean {shown(by_case[near[0]])}?")
    return error(node, problem, hint="one of: " + ", ".join(valid))


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1


# From text to nodes.


class _Plain(yaml.SafeLoader):
    """Composes plain trees only, and refuses the rest before it is built or repeated."""

    _depth = 0
    _documents = 0
    _values = 0

    def get_event(self) -> Any:
        """Return the next event of the parser, if it is a plain one."""
        event: Any = super().get_event()  # type: ignore[no-untyped-call] # its stub says nothing
        if problem := self._problem(event):
            raise UsageError(f"line {event.start_mark.line + 1}: {problem}")
        return event

    def _problem(self, event: yaml.Event) -> str | None:
        self._depth += isinstance(event, yaml.CollectionStartEvent)
        self._depth -= isinstance(event, yaml.CollectionEndEvent)
        self._documents += isinstance(event, yaml.DocumentStartEvent)
        self._values += isinstance(event, yaml.NodeEvent)
        if self._depth > DEEPEST:
            return f"nested more than {DEEPEST} deep"
        if self._values > MOST:
            return f"more than {MOST} keys and values"
        if self._documents > 1:
            return "a second document begins; only one is accepted"
        if getattr(event, "anchor", None) is not None:
            return "anchors and aliases are not accepted; write it out"
        if (tag := getattr(event, "tag", None)) is not None:
            short = shown(tag.replace("tag:yaml.org,2002:", "!!"))
            return f"tags such as {short} are not accepted; to keep text as text, quote it"
        return None


def compose(text: str) -> yaml.Node | None:
    """Return the root node of the one document in a text, None if there is none."""
    if len(text) > LARGEST or len(text.encode(errors="surrogatepass")) > LARGEST:
        raise UsageError(f"line 1: the document is larger than {LARGEST >> 20} MiB")
    loader = _open(text)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or loader.get_mark()).line + 1
        raise UsageError(f"line {line}: not YAML: {error.problem}") from error
    except (ValueError, OverflowError) as error:  # PyYAML lets chr() and int() speak for themselves
        line = loader.line + 1
        raise UsageError(f"line {line}: not YAML: an escape or a number out of range") from error


def _open(text: str) -> _Plain:
    try:
        return _Plain(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UsageError(
            f"line {line}: the character {text[error.position]!a} is not accepted"
        ) from error
