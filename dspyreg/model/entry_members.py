"""Members of an entry: how a line of the log is read, and which members are valid.

A line can match the grammar, its id and the chain, and still be invalid: another writer's mistake,
or a forger's work. docs/reference/format.md, "What makes no sense", says what readers do then. All
of them share this judgement, and that of ``name_kinds`` on changes. It needs one entry only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.model import canonical
from dspyreg.model.checks import (
    excerpt,
    is_digest,
    is_object,
    is_operation_id,
    is_program,
    is_text,
    is_time,
    is_truth,
    is_word,
    or_null,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dspyreg.model.checks import Check

_INFINITE: Final = object()  # replaces a number that no double can hold


def members(data: bytes) -> dict[str, Any]:
    """Return the members of the JSON object of a line. Raises ``ValueError`` for anything else.

    A member that holds a number out of range gets a value that is valid nowhere; so does a change.
    """
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
    except ValueError:  # perhaps only because of a number out of range
        value = _MARKING.decode(text)
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


_UNIQUE: Final = canonical.decoder(unique=True, strict=False)


def _is_marked(value: Any) -> bool:
    return any(each is _INFINITE for each in canonical.walk(value))


def _is_reason(value: Any) -> bool:
    return is_text(value) or (is_object(value) and is_digest(value.get("blob")))


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


class _Member(NamedTuple):
    """A member of an entry: its check, whether an entry is void if the check fails, and whether
    it may be missing.
    """

    check: Check
    is_needed: bool = False
    is_required: bool = False


MEMBERS: Final[Mapping[str, _Member]] = {
    "time": _Member(is_time, is_needed=True, is_required=True),
    "actor": _Member(is_word, is_needed=True, is_required=True),
    "operation": _Member(is_word, is_needed=True, is_required=True),
    "operation_id": _Member(_is_operation_id, is_needed=True, is_required=True),
    "program": _Member(or_null(is_program), is_needed=True),
    "undoes": _Member(or_null(_is_undoable), is_needed=True),
    "changes": _Member(_is_list, is_needed=True),
    "label": _Member(or_null(is_text)),
    "outcome": _Member(is_text),
    "reason": _Member(or_null(_is_reason)),
    "forced": _Member(is_truth),
    "automatic": _Member(is_truth),
    "evidence": _Member(or_null(is_object)),
    "context": _Member(is_object),
    "expects": _Member(_are_pairs),
}


def member_faults(values: Mapping[str, Any], seq: int) -> dict[str, str]:
    """Return the faults of the members of the entry with this seq, by member."""
    faults = {}
    for name, member in MEMBERS.items():
        if name not in values:
            if member.is_required:
                faults[name] = f"{name} is missing"
        elif not member.check(values[name]):
            faults[name] = f"{name} is {excerpt(values[name])}"
    undoes = values.get("undoes")
    if undoes is not None and "undoes" not in faults and undoes >= seq:
        faults["undoes"] = f"undoes is {undoes}, which is no entry before it"
    return faults


def repeated_members(data: bytes) -> list[str]:
    """Return the fault of a line with a repeated member, of which the last one counts."""
    try:
        _UNIQUE.decode(data.decode())
    except canonical.RepeatedKey:
        return ["a member is repeated in one object"]
    except (ValueError, RecursionError):
        return []
    return []
