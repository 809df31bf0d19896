"""Readers of one value of the configuration document, or of a list of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml

from dspyreg.config.yaml_nodes import (
    Member,
    described,
    error,
    kind,
    plain,
    relayed,
    text,
    unknown,
)
from dspyreg.config.yaml_text import shown
from dspyreg.errors import UsageError
from dspyreg.model import names
from dspyreg.policy import quantities

if TYPE_CHECKING:
    from dspyreg.config.yaml_text import DocumentError

LONGEST_COMMAND: Final = 10_000
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_COMMAND = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_TRUTHS: Final = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}

_T = TypeVar("_T")


def truth(member: Member) -> bool:
    """Return true or false."""
    node = member.value
    if kind(node) != "bool":
        raise _refused(member, "truth-expected")
    return _TRUTHS[node.value.lower()]


def count(member: Member) -> int:
    """Return a whole number from 0 up."""
    written = plain(member.value)
    if written is None or not _WHOLE.fullmatch(written):
        raise _refused(member, "count-expected")
    return int(written)


def decimal(member: Member) -> float:
    """Return a finite number from 0 up."""
    number = quantities.decimal(plain(member.value) or "")
    if number is None:
        raise _refused(member, "number-expected")
    return number


def fraction(member: Member) -> float:
    """Return a number from 0 to 1."""
    number = quantities.decimal(plain(member.value) or "")
    if number is None or number > 1:
        raise _refused(member, "fraction-expected")
    return number


def time(member: Member, *, longest: float, least: float = 0.0) -> float:
    """Return a length of time in seconds."""
    node = member.value
    written = node.value if isinstance(node, yaml.ScalarNode) else ""
    if kind(node) == "str" or _WHOLE.fullmatch(written):
        try:
            length = quantities.seconds(written)
        except ValueError:
            length = -1.0
    else:
        length = -1.0
    if length < 0:
        raise _refused(member, "time-expected")
    if not least <= length <= longest:
        low, high = map(quantities.written_time, (least, longest))
        raise _refused(member, "time-out-of-range", least=low, longest=high)
    return length


def size(member: Member) -> int:
    """Return a number of bytes."""
    node = member.value
    number = quantities.size(node.value) if isinstance(node, yaml.ScalarNode) else None
    if number is None:
        raise _refused(member, "size-expected")
    return number


def choice(kind: str, valid: Iterable[str] | Mapping[str, str], member: Member) -> str:
    """Return one of the valid words; with a mapping, the value of that key."""
    word = text(member.value)
    if word not in valid:
        raise unknown(member.value, kind, word, valid)
    return valid[word] if isinstance(valid, Mapping) else word


def word(kind: str, member: Member) -> str:
    """Return one printable line."""
    line = text(member.value)
    try:
        return names.word(kind, line)
    except UsageError as cause:
        raise relayed(member.value, cause) from cause


def demand(read: Callable[[str], _T], member: Member) -> _T:
    """Return the demand that one line spells."""
    line = word("demand", member)
    try:
        return read(line)
    except UsageError as cause:
        raise relayed(member.value, cause) from cause


def command(member: Member) -> str:
    """Return a command for a shell: some lines of printable text."""
    lines = text(member.value)
    if not lines.strip() or len(lines) > LONGEST_COMMAND:
        raise error(member.value, "command-length", key=member.name, longest=LONGEST_COMMAND)
    if not _COMMAND.fullmatch(lines):
        raise error(member.value, "command-unprintable", command=shown(lines))
    return lines


def listed(kind: str, read: Callable[[Member], _T], member: Member) -> tuple[_T, ...]:
    """Return the items of a list, each read by itself; none may be repeated."""
    if not isinstance(member.value, yaml.SequenceNode):
        raise _refused(member, "list-expected")
    items: dict[_T, None] = {}
    for node in member.value.value:
        item = read(member._replace(value=node))
        if item in items:
            facts = {"kind": kind, "item": shown(str(item)), "key": member.name}
            raise error(node, "item-repeated", **facts)
        items[item] = None
    return tuple(items)


def _refused(member: Member, problem: str, **facts: Any) -> DocumentError:
    """Return the error of a value that its key does not take."""
    return error(member.value, problem, key=member.name, value=described(member.value), **facts)
