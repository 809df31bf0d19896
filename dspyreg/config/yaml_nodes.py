"""Nodes of a YAML document: read as nodes, not as values, so that errors have their line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import yaml

from dspyreg.config.yaml_text import DocumentError, shown

if TYPE_CHECKING:
    from dspyreg.errors import UsageError

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
    """A key of a mapping and its value."""

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
    """Return the values of a mapping, each read by the reader of its key, in their order."""
    by_name = known(node, readers, kind=kind, never_empty=never_empty)
    values = {name: readers[name](member) for name, member in by_name.items()}
    return {name: values[name] for name in readers if name in values}


def optional(
    by_name: dict[str, Member], name: str, reader: Callable[[Member], _T], default: _T
) -> _T:
    """Return the value of a key, or else the default."""
    return reader(by_name[name]) if name in by_name else default


def known(
    node: yaml.Node | None,
    keys: Iterable[str],
    *,
    kind: str = "key",
    never_empty: Iterable[str] = (),
) -> dict[str, Member]:
    """Return the members that have a value, by name. Raises ``DocumentError`` for other keys."""
    every = members(node)
    for member in every:
        if member.name not in keys:
            raise unknown(member.key, kind, member.name, keys)
        if member.name in never_empty and _is_empty(member):
            raise error(member.key, "value-empty", key=member.name)
    return {member.name: member for member in every if not _is_empty(member)}


def _is_empty(member: Member) -> bool:
    return kind(member.value) == "null"


def members(node: yaml.Node | None) -> list[Member]:
    """Return the members of a mapping as written; no node at all is an empty mapping."""
    if node is None or kind(node) == "null":
        return []
    if not isinstance(node, yaml.MappingNode):
        raise error(node, "mapping-expected", value=described(node))
    by_name: dict[str, Member] = {}
    for key, value in node.value:
        member = Member(text(key), key, value)
        if member.name in by_name:
            first = _line(by_name[member.name].key)
            raise error(key, "key-repeated", key=shown(member.name), first=first)
        by_name[member.name] = member
    return list(by_name.values())


def require_distinct(named: Iterable[Member], kind: str, beside: Iterable[str] = ()) -> None:
    """Refuse two names that differ only in case, among these and those ``beside`` them."""
    taken = {name.lower(): name for name in beside}
    for member in named:
        if (other := taken.setdefault(member.name.lower(), member.name)) != member.name:
            facts = {"kind": kind, "name": member.name, "other": other}
            raise error(member.key, "names-differ-in-case", **facts)


# One node.


def text(node: yaml.Node) -> str:
    """Return the text of a node. Raises ``DocumentError`` if YAML takes it for something else."""
    word = kind(node)
    if word == "merge":
        raise error(node, "document-merge-key")
    if word in _READ_AS:
        raise error(node, "text-unquoted", text=shown(node.value), meaning=_READ_AS[word])
    if word != "str":
        raise error(node, "text-expected", value=described(node))
    return str(node.value)


def plain(node: yaml.Node) -> str | None:
    """Return the text of a scalar without quotes; None for any other node."""
    return node.value if isinstance(node, yaml.ScalarNode) and node.style is None else None


def kind(node: yaml.Node) -> str:
    """Return the last word of a node's resolved tag."""
    return node.tag.rpartition(":")[2]


def described(node: yaml.Node) -> str:
    """Return a description of a node's value for errors."""
    if not isinstance(node, yaml.ScalarNode):
        return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
    return f"the text {shown(node.value)}" if kind(node) == "str" else shown(node.value)


# Errors.


def error(
    node: yaml.Node | None, problem: str, *, hint: str | None = None, **facts: Any
) -> DocumentError:
    """Return the error of a problem with its line."""
    return DocumentError(problem, line=_line(node), hint=hint, **facts)


def relayed(node: yaml.Node, cause: UsageError) -> DocumentError:
    """Return an error about a value with the line of its node."""
    facts = {"reason": str(cause), "advice": cause.command_hint}
    return error(node, "value-invalid", hint="relayed" if cause.command_hint else None, **facts)


def unknown(node: yaml.Node, kind: str, name: str, valid: Iterable[str]) -> DocumentError:
    """Return the error that names the nearest of the valid names, or else all of them."""
    facts = {"kind": kind, "name": shown(name)}
    by_case = {each.lower(): each for each in valid}
    if near := get_close_matches(name[:_LONGEST_COMPARED].lower(), by_case, n=1):
        return error(node, "name-misspelled", nearest=shown(by_case[near[0]]), **facts)
    return error(node, "name-unknown", valid=", ".join(valid), **facts)


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1
