"""Kinds of names: the spelling of each name in the log, and its valid values.

See ``entry_members`` for the other half of the judgement on a line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.checks import (
    PLAIN,
    excerpt,
    is_digest,
    is_object,
    is_operation_id,
    is_program,
    is_text,
    is_truth,
    is_word,
    or_null,
)
from dspyreg.model.numbers import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dspyreg.model.checks import Check

LONGEST_NAME: Final = 8192
MOST_SEGMENTS: Final = 16
_LONGEST_IDENTITY: Final = 256
_PERCENT: Final = 100
_LARGEST_DOUBLE: Final = int(1.7e308)
_DIGITS: Final = frozenset("0123456789")
_SPELT: Final = PLAIN | frozenset("~%/")


@lru_cache(4096)
def _is_number_text(text: str) -> bool:
    return (
        _DIGITS.issuperset(text)
        and text[:1] not in {"", "0"}
        and len(text) <= len(str(LARGEST))
        and int(text) <= LARGEST
    )


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST


@lru_cache(4096)
def _is_label_text(text: str) -> bool:
    return 0 < len(text) <= labels.LONGEST and PLAIN.issuperset(text)


def _is_label(value: Any) -> bool:
    return type(value) is str and _is_label_text(value)


def _is_key(value: Any) -> bool:
    return type(value) is str and names.is_key(value)


@lru_cache(4096)
def _is_word_segment(segment: str) -> bool:
    return names.path(*names.split(segment)) == segment and names.is_word(names.split(segment)[0])


def _is_identity(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= _LONGEST_IDENTITY


def _is_measurement(value: Any) -> bool:
    if type(value) is int:
        return -_LARGEST_DOUBLE <= value <= _LARGEST_DOUBLE
    return type(value) is float


def _is_share(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value <= _PERCENT


def _is_true(value: Any) -> bool:
    return value is True


def _is_canary(value: Any) -> bool:
    return (
        is_object(value)
        and _is_number(value.get("number"))
        and _is_share(value.get("percent"))
        and _is_identity(value.get("deployment"))
    )


def _is_file(value: Any) -> bool:
    return is_object(value) and is_digest(value.get("blob")) and is_text(value.get("name"))


_is_textor_null: Final = or_null(is_text)


def _members(**checks: Check) -> Callable[[Any], str | None]:
    """Return the function that returns the fault of an object with these members."""
    rows = tuple(checks.items())

    def fault(value: Any) -> str | None:
        if type(value) is not dict:
            return f"its value is {excerpt(value)}"
        for member, check in rows:
            if member not in value and member not in _OPTIONAL:
                return f"its {member} is missing"
            if not check(value.get(member)):
                return f"its {member} is {excerpt(value[member])}"
        return None

    return fault


_OPTIONAL: Final = frozenset(("program_digest", "canary", "file"))


def _whole(check: Check) -> Callable[[Any], str | None]:
    return lambda value: None if check(value) else f"its value is {excerpt(value)}"


def _pointer(value: Any) -> str | None:
    fault = _POINTER(value)
    if fault is None and value["live"] is None and value.get("canary") is not None:
        return "it has a canary and nothing is live"
    return fault


_POINTER: Final = _members(
    live=or_null(_is_number), deployment=or_null(_is_identity), canary=or_null(_is_canary)
)


class NameKind(NamedTuple):
    """A kind of name: the checks of its segments after the first, and the fault of a value."""

    segments: tuple[Check, ...]
    value: Callable[[Any], str | None]


# One row for each name of docs/reference/format.md, "Names". Names without a row are kept as is.
KINDS: Final[Mapping[str, NameKind]] = {
    "versions": NameKind(
        (names.is_program, _is_number_text),
        _members(label=_is_label, document=is_digest, program_digest=or_null(is_digest)),
    ),
    "labels": NameKind((names.is_program, _is_label_text), _whole(_is_number)),
    "stages": NameKind(
        (names.is_program, _is_number_text), _members(stage=_is_key, reason=_is_textor_null)
    ),
    "environments": NameKind((names.is_program, names.is_key), _pointer),
    "deployments": NameKind(
        (names.is_program, names.is_key, is_operation_id),
        _members(
            number=_is_number,
            status=is_word,
            strategy=is_word,
            percent=_is_share,
            reason=_is_textor_null,
            rollback_from=_is_textor_null,
            restores=_is_textor_null,
        ),
    ),
    "metrics": NameKind(
        (names.is_program, _is_number_text, _is_word_segment, is_operation_id),
        _whole(_is_measurement),
    ),
    "approvals": NameKind(
        (names.is_program, _is_number_text, names.is_key, _is_word_segment),
        _members(operation_id=is_word, reason=_is_textor_null),
    ),
    "evidence": NameKind(
        (names.is_program, _is_number_text, _is_word_segment, is_operation_id),
        _members(passed=is_truth, note=_is_textor_null, file=or_null(_is_file)),
    ),
    "tags": NameKind((names.is_program, _is_number_text, _is_word_segment), _whole(_is_true)),
    names.CONFIG: NameKind((), _members(document=is_digest, source=is_digest)),
}
_RESERVED: Final[Mapping[str, NameKind]] = {
    ".name": NameKind((), _whole(is_program)),
    "number": NameKind((names.is_program,), _whole(_is_number)),
    "label": NameKind((names.is_program, _is_label_text), _whole(is_digest)),
}
_SUBKIND: Final = 2  # the segment of reserved/P/number, reserved/P/label/L


def name_fault(name: str) -> str | None:
    """Return the fault in the spelling of a name, None without one. Names of unknown kinds pass."""
    segments = name.split("/")
    kind = KINDS.get(segments[0])
    if kind is None:
        return _other_name_fault(name, segments)
    if len(segments) != len(kind.segments) + 1:
        return f"{segments[0]} has no such name"
    for check, segment in zip(kind.segments, segments[1:], strict=True):
        if not check(segment):
            return f"{excerpt(segment)} is not valid there"
    return None


def _other_name_fault(name: str, segments: Sequence[str]) -> str | None:
    if not _SPELT.issuperset(name) or len(name) > LONGEST_NAME:
        return "it is no name"
    if "" in segments or len(segments) > MOST_SEGMENTS:
        return "it is no name"
    if not all(map(_is_spelt_right, segments)):
        return "it is spelled wrongly"
    return _reserved_fault(segments) if segments[0] == "reserved" else None


def _is_spelt_right(segment: str) -> bool:
    return "%" not in segment or names.path(*names.split(segment)) == segment


def _reserved_fault(segments: Sequence[str]) -> str | None:
    kind = _reserved(segments)
    if kind is None:
        return None
    rest = (segments[1], *segments[_SUBKIND + 1 :]) if kind.segments else ()
    if len(rest) != len(kind.segments):
        return "reserved has no such name"
    fits = all(check(segment) for check, segment in zip(kind.segments, rest, strict=True))
    return None if fits else "it names no program or label"


def _reserved(segments: Sequence[str]) -> NameKind | None:
    if len(segments) <= _SUBKIND:
        return None
    return _RESERVED.get(".name" if segments[1] == ".name" else segments[_SUBKIND])


def value_fault(name: str, value: Any) -> str | None:
    """Return the fault of the value of a name that is spelled right, None without one."""
    kind = KINDS.get(name.partition("/")[0])
    if kind is not None:
        return kind.value(value)
    if not name.startswith("reserved/"):
        return None
    segments = name.split("/")
    kind = _reserved(segments)
    fault = None if kind is None else kind.value(value)
    if fault is None and segments[1] == ".name" and value.lower() != segments[_SUBKIND]:
        return f"{excerpt(value)} is spelled otherwise"
    return fault


def change_fault(name: str, new: Any) -> str | None:
    """Return the fault of a change by itself, None without one."""
    return name_fault(name) or (None if new is None else value_fault(name, new))


def old_fault(name: str, old: Any) -> str | None:
    """Return the fault of the value before a valid change, None without one."""
    fault = None if old is None else value_fault(name, old)
    return fault and f"{fault} before it"


def unpaired(after: Mapping[str, Any]) -> dict[str, str]:
    """Return the faults of changes that lack another one in the same entry, by name: a version and
    its stage come together, and go together. ``after`` are the new values of an entry.
    """
    faults = {}
    for name, new in after.items():
        kind, _, rest = name.partition("/")
        if kind == "versions":
            other = f"stages/{rest}"
            if other not in after or (after[other] is None) != (new is None):
                faults[name] = "a version and its stage come together, and go together"
        elif kind == "stages" and new is None and after.get(f"versions/{rest}", 1) is not None:
            faults[name] = "a stage goes with its version alone"
    return faults


def is_change(value: Any) -> bool:
    """Return whether a value has the form of a change: a name and its new value."""
    return is_object(value) and is_text(value.get("name")) and "new" in value


def numbers_in(name: str, value: Any) -> tuple[int, ...]:
    """Return the numbers of the versions that a name and its value refer to."""
    kind, *rest = name.split("/")
    if kind in _OF_A_NUMBER:
        return (int(rest[1]),)
    if kind == "labels":
        return (value,)
    if kind == "deployments":
        return (value["number"],)
    if kind == "environments":
        canary = value.get("canary")
        both = (value["live"], canary and canary["number"])
        return tuple(number for number in both if number is not None)
    return ()


_OF_A_NUMBER: Final = frozenset(("stages", "metrics", "approvals", "evidence", "tags"))
