"""An entry: what one line of the log says happened."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Self

from dspyreg.errors import UsageError
from dspyreg.model import canonical, sense
from dspyreg.model.digest import Digest
from dspyreg.model.line import LONGEST, Line

DONE = "done"
REFUSED = "refused"
_LONGEST_TEXT = 4096
_LONGEST_PLACE = 256
_ROOM_TO_UNDO = 12 * 1024  # for the longest reason, spelt with escapes, and what an undo reads
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
NO_TIME: Final = "0001-01-01T00:00:00.000000Z"  # stands where a line tells no time
UNKNOWN: Final = "?"  # stands where a line does not tell who, or what
_LONGEST_SUMMARY = 200
_LONGEST_SHOWN = 80
_OPERATION_ID = 16


Seal = Callable[[bytes], Mapping[str, Any]]


class Change(NamedTuple):
    """A name of the state, its value before and after; None where there is none."""

    name: str
    old: Any
    new: Any

    def inverse(self) -> "Change":
        """The change that takes this one back."""
        return Change(self.name, self.new, self.old)


class Entry(NamedTuple):
    """One entry of the log. ``time`` is UTC text; order comes from ``seq`` alone. The entry of a
    dry run has no place in the log: ``seq`` is 0, ``id`` and ``prev`` are None.
    """

    seq: int
    id: Digest | None
    prev: Digest | None
    time: str
    actor: str
    operation: str
    operation_id: str
    program: str | None
    label: str | None
    outcome: str
    reason: str | None
    forced: bool
    automatic: bool
    changes: tuple[Change, ...]
    evidence: Any
    undoes: int | None
    context: dict[str, Any]

    @classmethod
    def read(cls, line: Line) -> Self:
        """Return the entry of a line. What makes no sense in it is left out: see ``Said``.

        Unknown members are ignored; they stay in the line, whose bytes nobody rewrites.
        """
        said = Said.by(line)
        told = said.members
        return cls(
            seq=line.seq,
            id=line.id,
            prev=line.prev,
            time=said.time,
            actor=said.actor,
            operation=said.operation,
            operation_id=said.operation_id,
            program=told.get("program"),
            label=told.get("label"),
            outcome=told.get("outcome", DONE),
            reason=told.get("reason"),
            forced=told.get("forced", False),
            automatic=told.get("automatic", False),
            changes=said.changes,
            evidence=told.get("evidence"),
            undoes=said.undoes,
            context=told.get("context", {}),
        )

    def to_json(self) -> dict[str, Any]:
        """The entry object of ``--json``."""
        return {
            **self._asdict(),
            "seq": self.seq or None,
            "changes": [change._asdict() for change in self.changes],
        }


class Said(NamedTuple):
    """What a line says that makes sense, and what is wrong with the rest, in words.

    A member of no sense is as if it were not there. If it is one that the entry stands on, or the
    line is no JSON object, the entry ``counts`` for nothing: it changes and undoes nothing. Nor
    does a change of no sense count; a value before that makes none is read as null. ``written`` is
    how many changes it has, or tried to have, that an undo would take back.
    """

    line: Line
    members: dict[str, Any]
    changes: tuple[Change, ...]
    written: int
    counts: bool
    faults: tuple[str, ...]

    @classmethod
    def by(cls, line: Line) -> Self:
        """Read a line."""
        try:
            told = sense.members(line.data)
        except ValueError as error:
            return cls(line, {}, (), 1, counts=False, faults=(f"it is no JSON object: {error}",))
        faults = sense.member_faults(told, line.seq)
        counts = True
        for member in faults:
            told.pop(member, None)
            counts = counts and not sense.MEMBERS[member].is_needed
        every = told.get("changes", [])
        changes, wrong = _sensible(every) if counts else ((), [])
        kept = sum(name.startswith("reserved/") for name, *_ in changes)
        written = len(every) - kept if counts else max(len(every), 1)
        return cls(line, told, changes, written, counts, (*faults.values(), *wrong))

    @property
    def time(self) -> str:
        """When it happened."""
        return str(self.members.get("time", NO_TIME))

    @property
    def actor(self) -> str:
        """Who did it."""
        return str(self.members.get("actor", UNKNOWN))

    @property
    def operation(self) -> str:
        """What was done."""
        return str(self.members.get("operation", UNKNOWN))

    @property
    def operation_id(self) -> str:
        """The operation that it belongs to; one of its own if it does not tell."""
        return str(self.members.get("operation_id", self.line.id.hex[:_OPERATION_ID]))

    @property
    def undoes(self) -> int | None:
        """The entry that it takes back."""
        found: int | None = self.members.get("undoes") if self.counts else None
        return found


def _sensible(every: list[Any]) -> tuple[tuple[Change, ...], list[str]]:
    """Return the changes that make sense, and what is wrong with the others."""
    found, faults = dict[str, Change](), list[str]()
    for nth, each in enumerate(every, 1):
        if not sense.is_change(each):
            faults.append(f"change {nth} is {sense.shown(each)}")
            continue
        name, old, new = each["name"], each.get("old"), each["new"]
        fault = "it is changed twice" if name in found else sense.change_fault(name, new)
        if fault is not None:
            faults.append(f"{_begun(name)}: {fault}")
            continue
        wrong = sense.old_fault(name, old)
        if wrong is not None:
            faults.append(f"{name}: {wrong}")
        found[name] = Change(name, None if wrong else old, new)
    for name, fault in sense.unpaired({name: each.new for name, each in found.items()}).items():
        del found[name]
        faults.append(f"{name}: {fault}")
    return tuple(found.values()), faults


def _begun(name: str) -> str:
    """Return as much of a name as an error shows."""
    return name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"


class Intent(NamedTuple):
    """An entry that has not found its place in the log yet.

    ``expects`` is all that the judgement read: (name, value), and (prefix ending in ``/``, seq of
    the newest change under it).
    """

    time: str
    actor: str
    operation: str
    operation_id: str
    program: str | None = None
    label: str | None = None
    outcome: str = DONE
    reason: Any = None
    forced: bool = False
    automatic: bool = False
    changes: tuple[Change, ...] = ()
    evidence: Any = None
    undoes: int | None = None
    context: dict[str, Any] = {}  # noqa: RUF012 - never mutated; a NamedTuple has no factory
    expects: tuple[tuple[str, Any], ...] = ()

    def members(self, seal: Seal | None = None) -> bytes:
        """The intent of a log line, under a seal if there is one; members that say nothing are
        left out.

        Raises ``UsageError`` if it is too long for a line, wherever that will stand, and
        ``ValueError`` if a seal has members that an entry has itself.
        """
        told = {
            key: value
            for key, value in zip(self._fields, self, strict=True)
            if value or value == ""
        }
        if self.outcome == DONE:
            del told["outcome"]
        told["changes"] = [
            {"name": name, "old": old, "new": new} for name, old, new in self.changes
        ]
        data = _encode(told)[1:-1].encode()
        if seal is not None:
            data += _sealed(data, seal)
        room = LONGEST - _LONGEST_PLACE - (_ROOM_TO_UNDO if self.undoes is None else 0)
        if len(data) >= room:
            most = max(told, key=lambda member: len(_encode(told[member])))
            fewer = "record fewer metrics or tags at a time; at most some 200"
            hint = fewer if most == "changes" else f"most of it is its {most}"
            raise UsageError("too much for one entry of the log", hint=hint)
        return data

    def entry(self, line: Line | None = None) -> Entry:
        """The entry that it became, as ``Entry.read`` tells it; a dry run has no line."""
        told = self[:-1]  # all but what it expects, in the order of an entry
        return Entry(line.seq, line.id, line.prev, *told) if line else Entry(0, None, None, *told)


def _sealed(data: bytes, seal: Seal) -> bytes:
    """Return the members that a seal adds to those of an intent."""
    more = dict(seal(data))
    taken = more.keys() & {*Entry._fields, *Intent._fields}
    if taken:
        raise ValueError(f"an entry has these members itself: {', '.join(sorted(taken))}")
    return b"," + _encode(more)[1:-1].encode() if more else b""


def text_or_blob(text: str) -> tuple[Any, bytes | None]:
    """Return what a line says for a text, and the blob that it names if the text is long."""
    data = text.encode()
    if len(data) <= _LONGEST_TEXT:
        return text, None
    return {"blob": Digest.of(data)}, data


def beginning(text: str | None) -> str | None:
    """Return as much of a text as a value of the state holds; the entry itself has all of it.

    Values stand twice in each later entry that changes them, and a line has its limit.
    """
    if text is None or len(text) <= _LONGEST_SUMMARY:
        return text
    return text[: _LONGEST_SUMMARY - 1] + "…"


def same_value(a: Any, b: Any) -> bool:
    """Are two values of a name the same, to the byte of their canonical form?"""
    return a == b and canonical.dumps(a) == canonical.dumps(b)
