"""What makes sense in a line of the log: the one judgement that every reader shares.

A line can match the grammar, its id and the chain, and still say what cannot be: another writer's
mistake, or a forger's work. docs/reference/format.md, "What makes no sense", says what a reader
does then. Everything here is pure, and asks no more than one entry.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.model import canonical, moment, names
from dspyreg.model import label as labels
from dspyreg.model.digest import Digest
from dspyreg.model.numbers import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Check = Callable[[Any], bool]

LONGEST_NAME: Final = 8192
MOST_SEGMENTS: Final = 16
_MOST_SHOWN: Final = 40
_MOST_IDENTITY: Final = 256
_WHOLE: Final = 100
_DIGITS: Final = frozenset("0123456789")
_LABEL: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")
_SPELT: Final = _LABEL | frozenset("~%/")
_INFINITE: Final = object()  # in the place of a number that no double holds


# Members of an entry


def members(data: bytes) -> dict[str, Any]:
    """Return the members of the JSON object that a line is. Raises ``ValueError`` for another."""
    try:
        value = _parsed(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    canonical.require_plain(data, value)
    return value


def _parsed(text: str) -> Any:
    try:
        return canonical.DECODER.decode(text)
    except ValueError:  # it may be but a number out of range
        value = _MARKING.decode(text)
    # What holds the number is as if it were something else; the rest of the entry can be read.
    marked = {key: _INFINITE if _is_marked(it) else it for key, it in value.items()}
    if isinstance(value.get("changes"), list):
        marked["changes"] = [
            _INFINITE if _is_marked(change) else change for change in value["changes"]
        ]
    return marked


def _or_mark(number: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(digits: str) -> Any:
        try:
            return number(digits)
        except ValueError:
            return _INFINITE

    return read


_MARKING: Final = json.JSONDecoder(
    parse_float=_or_mark(canonical.finite),
    parse_int=_or_mark(int),
    parse_constant=canonical.refuse,
)


def _is_marked(value: Any) -> bool:
    return any(each is _INFINITE for each in canonical.walk(value))


def is_text(value: Any) -> bool:
    """Is it a text?"""
    return type(value) is str


def is_time(value: Any) -> bool:
    """Is it a time as the log spells it, of a day that there is?"""
    try:
        datetime.fromisoformat(moment.exact(value))
    except (TypeError, ValueError):
        return False
    return True


def _is_object(value: Any) -> bool:
    return type(value) is dict


def _is_truth(value: Any) -> bool:
    return type(value) is bool


def _is_reason(value: Any) -> bool:
    return is_text(value) or (_is_object(value) and _is_digest(value.get("blob")))


def _is_undoable(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_list(value: Any) -> bool:
    return type(value) is list


def _are_pairs(value: Any) -> bool:
    return type(value) is list and all(
        type(pair) is list and len(pair) == 2 and type(pair[0]) is str for pair in value
    )


def _is_operation_id(value: Any) -> bool:
    return type(value) is str and is_operation_id(value)


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


class _Member(NamedTuple):
    """A member of an entry: what it must be, and whether the entry stands on it."""

    check: Check
    is_needed: bool = False
    is_required: bool = False


def is_word(value: Any) -> bool:
    """Is it a text of one printable line?"""
    return type(value) is str and names.is_word(value)


def is_program(value: Any) -> bool:
    """Is it the name of a program?"""
    return type(value) is str and names.is_program(value)


MEMBERS: Final[Mapping[str, _Member]] = {
    "time": _Member(is_time, is_needed=True, is_required=True),
    "actor": _Member(is_word, is_needed=True, is_required=True),
    "operation": _Member(is_word, is_needed=True, is_required=True),
    "operation_id": _Member(_is_operation_id, is_needed=True, is_required=True),
    "program": _Member(_or_null(is_program), is_needed=True),
    "undoes": _Member(_or_null(_is_undoable), is_needed=True),
    "changes": _Member(_is_list, is_needed=True),
    "label": _Member(_or_null(is_text)),
    "outcome": _Member(is_text),
    "reason": _Member(_or_null(_is_reason)),
    "forced": _Member(_is_truth),
    "automatic": _Member(_is_truth),
    "evidence": _Member(_or_null(_is_object)),
    "context": _Member(_is_object),
    "expects": _Member(_are_pairs),
}


def member_faults(told: Mapping[str, Any], seq: int) -> dict[str, str]:
    """Return what is wrong with the members of the entry with this seq, by member."""
    found = {}
    for name, member in MEMBERS.items():
        if name not in told:
            if member.is_required:
                found[name] = f"{name} is missing"
        elif not member.check(told[name]):
            found[name] = f"{name} is {shown(told[name])}"
    undoes = told.get("undoes")
    if undoes is not None and "undoes" not in found and undoes >= seq:
        found["undoes"] = f"undoes is {undoes}, which is no entry before it"
    return found


def shown(value: Any) -> str:
    """Return what an error says of a value."""
    if value is _INFINITE:
        return "or holds a number out of range"
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return "or holds a number out of range"
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


# Changes


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
    return 0 < len(text) <= labels.LONGEST and _LABEL.issuperset(text)


def _is_label(value: Any) -> bool:
    return type(value) is str and _is_label_text(value)


def _is_key(value: Any) -> bool:
    """Is it what a stage or an environment may be called?"""
    return type(value) is str and names.is_key(value)


@lru_cache(4096)
def _is_word_segment(segment: str) -> bool:
    return names.path(*names.split(segment)) == segment and names.is_word(names.split(segment)[0])


def _is_identity(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= _MOST_IDENTITY


@lru_cache(4096)
def is_operation_id(text: str) -> bool:
    """May an operation be called so?"""
    return 0 < len(text) <= _MOST_IDENTITY and _LABEL.issuperset(text)


def _is_digest(value: Any) -> bool:
    return type(value) is str and Digest.is_one(value)


def _is_measurement(value: Any) -> bool:
    """Is it a number that a double can hold?"""
    if type(value) is int:
        return -_LARGEST_DOUBLE <= value <= _LARGEST_DOUBLE
    return type(value) is float


_LARGEST_DOUBLE: Final = int(1.7e308)


def _is_share(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value <= _WHOLE


def _is_true(value: Any) -> bool:
    return value is True


def _is_canary(value: Any) -> bool:
    return (
        _is_object(value)
        and _is_number(value.get("number"))
        and _is_share(value.get("percent"))
        and _is_identity(value.get("deployment"))
    )


def _is_file(value: Any) -> bool:
    return _is_object(value) and _is_digest(value.get("blob")) and is_text(value.get("name"))


_is_text_or_null: Final = _or_null(is_text)


def _members(**checks: Check) -> Callable[[Any], str | None]:
    """Return what says which member of an object makes no sense."""
    told = tuple(checks.items())

    def fault(value: Any) -> str | None:
        if type(value) is not dict:
            return f"its value is {shown(value)}"
        for member, check in told:
            if member not in value and member not in _OPTIONAL:
                return f"its {member} is missing"
            if not check(value.get(member)):
                return f"its {member} is {shown(value[member])}"
        return None

    return fault


_OPTIONAL: Final = frozenset(("program_digest", "canary", "file"))


def _whole(check: Check) -> Callable[[Any], str | None]:
    return lambda value: None if check(value) else f"its value is {shown(value)}"


def _pointer(value: Any) -> str | None:
    fault = _POINTER(value)
    if fault is None and value["live"] is None and value.get("canary") is not None:
        return "its canary stands beside nothing"
    return fault


_POINTER: Final = _members(
    live=_or_null(_is_number), deployment=_or_null(_is_identity), canary=_or_null(_is_canary)
)


class Kind(NamedTuple):
    """One kind of name: what its segments must be after the first, and its value."""

    segments: tuple[Check, ...]
    value: Callable[[Any], str | None]


# A row for each name of docs/reference/format.md, "Names". A name of no row is kept as it is.
KINDS: Final[Mapping[str, Kind]] = {
    "versions": Kind(
        (names.is_program, _is_number_text),
        _members(label=_is_label, document=_is_digest, program_digest=_or_null(_is_digest)),
    ),
    "labels": Kind((names.is_program, _is_label_text), _whole(_is_number)),
    "stages": Kind(
        (names.is_program, _is_number_text), _members(stage=_is_key, reason=_is_text_or_null)
    ),
    "environments": Kind((names.is_program, names.is_key), _pointer),
    "deployments": Kind(
        (names.is_program, names.is_key, is_operation_id),
        _members(
            number=_is_number,
            status=is_word,
            strategy=is_word,
            percent=_is_share,
            reason=_is_text_or_null,
            rollback_from=_is_text_or_null,
            restores=_is_text_or_null,
        ),
    ),
    "metrics": Kind(
        (names.is_program, _is_number_text, _is_word_segment, is_operation_id),
        _whole(_is_measurement),
    ),
    "approvals": Kind(
        (names.is_program, _is_number_text, names.is_key, _is_word_segment),
        _members(operation_id=is_word, reason=_is_text_or_null),
    ),
    "evidence": Kind(
        (names.is_program, _is_number_text, _is_word_segment, is_operation_id),
        _members(passed=_is_truth, note=_is_text_or_null, file=_or_null(_is_file)),
    ),
    "tags": Kind((names.is_program, _is_number_text, _is_word_segment), _whole(_is_true)),
    names.CONFIG: Kind((), _members(document=_is_digest, source=_is_digest)),
}
_RESERVED: Final[Mapping[str, Kind]] = {
    ".name": Kind((), _whole(is_program)),
    "number": Kind((names.is_program,), _whole(_is_number)),
    "label": Kind((names.is_program, _is_label_text), _whole(_is_digest)),
}
_TELLS: Final = 2  # reserved/P/number, reserved/P/label/L


def name_fault(name: str) -> str | None:
    """Return what is wrong with how a name is spelled; None if it is right, or of no known kind."""
    segments = name.split("/")
    kind = KINDS.get(segments[0])
    if kind is None:
        return _other_name_fault(name, segments)
    if len(segments) != len(kind.segments) + 1:
        return f"{segments[0]} has no such name"
    for check, segment in zip(kind.segments, segments[1:], strict=True):
        if not check(segment):
            return f"{shown(segment)} cannot stand there"
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
    rest = (segments[1], *segments[_TELLS + 1 :]) if kind.segments else ()
    if len(rest) != len(kind.segments):
        return "reserved has no such name"
    fits = all(check(segment) for check, segment in zip(kind.segments, rest, strict=True))
    return None if fits else "it names no program or label"


def _reserved(segments: Sequence[str]) -> Kind | None:
    if len(segments) <= _TELLS:
        return None
    return _RESERVED.get(".name" if segments[1] == ".name" else segments[_TELLS])


def value_fault(name: str, value: Any) -> str | None:
    """Return what is wrong with the value of a name that is spelled right."""
    kind = KINDS.get(name.partition("/")[0])
    if kind is not None:
        return kind.value(value)
    if not name.startswith("reserved/"):
        return None
    segments = name.split("/")
    kind = _reserved(segments)
    fault = None if kind is None else kind.value(value)
    if fault is None and segments[1] == ".name" and value.lower() != segments[_TELLS]:
        return f"{shown(value)} is spelled otherwise"
    return fault


def change_fault(name: str, new: Any) -> str | None:
    """Return what is wrong with a change by itself, None if it makes sense."""
    return name_fault(name) or (None if new is None else value_fault(name, new))


def old_fault(name: str, old: Any) -> str | None:
    """Return what is wrong with the value before a change that makes sense."""
    fault = None if old is None else value_fault(name, old)
    return fault and f"{fault} before it"


def unpaired(after: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with changes that lack another in the same entry, by name: a version
    and its stage come together, and go together. ``after`` are the values that an entry gives.
    """
    found = {}
    for name, new in after.items():
        kind, _, rest = name.partition("/")
        if kind == "versions":
            other = f"stages/{rest}"
            if other not in after or (after[other] is None) != (new is None):
                found[name] = "a version and its stage come together, and go together"
        elif kind == "stages" and new is None and after.get(f"versions/{rest}", 1) is not None:
            found[name] = "a stage goes with its version alone"
    return found


def is_change(value: Any) -> bool:
    """Has it the shape of a change: a name, and what is its value now?"""
    return _is_object(value) and is_text(value.get("name")) and "new" in value


def spoken_of(name: str, value: Any) -> tuple[int, ...]:
    """Return the numbers of the versions that a name, whose second segment is their program, or
    its value speaks of.
    """
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


def doubles(data: bytes) -> list[str]:
    """Return what is wrong with a line in which a member stands twice: the last one counts."""
    found = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            found.append("a member stands twice in one object")
        return value

    try:
        json.loads(data, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return []
    return found[:1]
