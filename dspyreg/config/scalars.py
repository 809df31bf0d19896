"""Readers of one value of the configuration document, or of a list of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

import yaml

from dspyreg.config import expressions
from dspyreg.config.yaml_nodes import Member, error, found_in, kind, plain, shown, text, unknown
from dspyreg.errors import UsageError
from dspyreg.model import names

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
        raise error(node, f"{member.name} takes true or false, not {found_in(node)}")
    return _TRUTHS[node.value.lower()]


def count(member: Member) -> int:
    """Return a whole number from 0 up."""
    written = plain(member.value)
    if written is None or not _WHOLE.fullmatch(written):
        problem = f"{member.name} takes a whole number from 0 up, not {found_in(member.value)}"
        raise error(member.value, problem)
    return int(written)


def decimal(member: Member) -> float:
    """Return a finite number from 0 up."""
    number = expressions.decimal(plain(member.value) or "")
    if number is None:
        problem = f"{member.name} takes a finite number from 0 up, not {found_in(member.value)}"
        raise error(member.value, problem)
    return number


def fraction(member: Member) -> float:
    """Return a number from 0 to 1."""
    number = expressions.decimal(plain(member.value) or "")
    if number is None or number > 1:
        problem = f"{member.name} takes a number from 0 to 1, not {found_in(member.value)}"
        raise error(member.value, problem, hint="90% is 0.9")
    return number


def time(member: Member, *, longest: float, least: float = 0.0) -> float:
    """Return a length of time in seconds."""
    node = member.value
    written = node.value if isinstance(node, yaml.ScalarNode) else ""
    if kind(node) == "str" or _WHOLE.fullmatch(written):
        try:
            length = expressions.seconds(written)
        except ValueError:
            length = -1.0
    else:
        length = -1.0
    if length < 0:
        problem = f"{member.name} takes a time such as 30s, 10m, 1h or 2d, not {found_in(node)}"
        raise error(node, problem)
    if not least <= length <= longest:
        bounds = f"from {expressions.written_time(least)} to {expressions.written_time(longest)}"
        raise error(node, f"{member.name} takes a time {bounds}, not {found_in(node)}")
    return length


def size(member: Member) -> int:
    """Return a number of bytes."""
    found = (
        expressions.size(member.value.value) if isinstance(member.value, yaml.ScalarNode) else None
    )
    if found is None:
        problem = f"{member.name} takes a size such as 500MB, 64 KiB or 1 GiB"
        raise error(member.value, f"{problem}, not {found_in(member.value)}")
    return found


def choice(kind: str, valid: Iterable[str] | Mapping[str, str], member: Member) -> str:
    """Return one of the valid words; with a mapping, what the word stands for."""
    word = text(member.value)
    if word not in valid:
        raise unknown(member.value, kind, word, valid)
    return valid[word] if isinstance(valid, Mapping) else word


def word(kind: str, member: Member) -> str:
    """Return one printable line."""
    found = text(member.value)
    try:
        return names.word(kind, found)
    except UsageError as problem:
        raise error(member.value, str(problem), hint=problem.command_hint) from problem


def demand(read: Callable[[str], _T], member: Member) -> _T:
    """Return what a demand in one line says."""
    line = word("demand", member)
    try:
        return read(line)
    except UsageError as problem:
        raise error(member.value, str(problem), hint=problem.command_hint) from problem


def command(member: Member) -> str:
    """Return a command for a shell: some lines of printable text."""
    found = text(member.value)
    if not found.strip() or len(found) > LONGEST_COMMAND:
        problem = f"{member.name} takes a command of 1 to {LONGEST_COMMAND} characters"
        raise error(member.value, problem)
    if not _COMMAND.fullmatch(found):
        raise error(member.value, f"a command with control characters: {shown(found)}")
    return found


def listed(kind: str, read: Callable[[Member], _T], member: Member) -> tuple[_T, ...]:
    """Return what stands in a list, each read by itself; nothing may stand there twice."""
    if not isinstance(member.value, yaml.SequenceNode):
        raise error(member.value, f"{member.name} takes a list, not {found_in(member.value)}")
    found: dict[_T, None] = {}
    for node in member.value.value:
        each = read(member._replace(value=node))
        if each in found:
            raise error(node, f"{kind} {shown(str(each))} stands twice in {member.name}")
        found[each] = None
    return tuple(found)
