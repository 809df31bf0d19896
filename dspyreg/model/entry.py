"""An entry: an operation as a line of the log describes it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Self

from dspyreg.errors import UsageError
from dspyreg.model import canonical, name_kinds
from dspyreg.model.checks import excerpt
from dspyreg.model.digest import Digest
from dspyreg.model.entry_members import MEMBERS, member_faults, members
from dspyreg.model.line import LONGEST, Line

DONE = "done"
REFUSED = "refused"
_LONGEST_TEXT = 4096
_LONGEST_PLACE = 256
_ROOM_TO_UNDO = 12 * 1024  # for the longest reason, with escapes, and what an undo reads
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
NO_TIME: Final = "0001-01-01T00:00:00.000000Z"  # the time of a line without one
UNKNOWN: Final = "?"  # the actor or operation of a line without one
_LONGEST_SUMMARY = 200
_LONGEST_SHOWN = 80
_OPERATION_ID = 16


Seal = Callable[[bytes], Mapping[str, Any]]


class Change(NamedTuple):
    """A name of the state with its values before and after; None is no value."""

    name: str
    old: Any
    new: Any

    def inverse(self) -> "Change":
        """Return the change that undoes this one."""
        return Change(self.name, self.new, self.old)


class Entry(NamedTuple):
    """An entry of the log. ``time`` is UTC text; order comes from ``seq`` alone. The entry of a dry
    run is not in the log: ``seq`` is 0, ``id`` and ``prev`` are None.
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
        """Return the entry of a line, without what is invalid in it: see ``LineReading``.

        Unknown members are ignored. They stay in the line, whose bytes never change.
        """
        read = LineReading.of(line)
        values = read.members
        return cls(
            seq=line.seq,
            id=line.id,
            prev=line.prev,
            time=read.time,
            actor=read.actor,
            operation=read.operation,
            operation_id=read.operation_id,
            program=values.get("program"),
            label=values.get("label"),
            outcome=values.get("outcome", DONE),
            reason=values.get("reason"),
            forced=values.get("forced", False),
            automatic=values.get("automatic", False),
            changes=read.changes,
            evidence=values.get("evidence"),
            undoes=read.undoes,
            context=values.get("context", {}),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the entry object of ``--json``."""
        return {
            **self._asdict(),
            "seq": self.seq or None,
            "changes": [change._asdict() for change in self.changes],
        }


class LineReading(NamedTuple):
    """The valid members and changes of a line, and the faults of the others, in words.

    An invalid member is ignored. If the entry needs it, or the line is no JSON object, the entry
    does not ``count``: it changes and undoes nothing. Invalid changes are ignored; an invalid value
    before a change is read as null. ``written`` is the number of changes, valid or not, that an
    undo would revert.
    """

    line: Line
    members: dict[str, Any]
    changes: tuple[Change, ...]
    written: int
    counts: bool
    faults: tuple[str, ...]

    @classmethod
    def of(cls, line: Line) -> Self:
        """Read a line."""
        try:
            values = members(line.data)
        except ValueError as error:
            return cls(line, {}, (), 1, counts=False, faults=(f"it is no JSON object: {error}",))
        faults = member_faults(values, line.seq)
        counts = True
        for member in faults:
            values.pop(member, None)
            counts = counts and not MEMBERS[member].is_needed
        every = values.get("changes", [])
        changes, wrong = _valid(every) if counts else ((), [])
        kept = sum(name.startswith("reserved/") for name, *_ in changes)
        written = len(every) - kept if counts else max(len(every), 1)
        return cls(line, values, changes, written, counts, (*faults.values(), *wrong))

    @property
    def time(self) -> str:
        """The time of the entry."""
        return str(self.members.get("time", NO_TIME))

    @property
    def actor(self) -> str:
        """The person or job behind it."""
        return str(self.members.get("actor", UNKNOWN))

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return str(self.members.get("operation", UNKNOWN))

    @property
    def operation_id(self) -> str:
        """The id of its operation; one of its own if the line has none."""
        return str(self.members.get("operation_id", self.line.id.hex[:_OPERATION_ID]))

    @property
    def undoes(self) -> int | None:
        """The entry that it undoes."""
        seq: int | None = self.members.get("undoes") if self.counts else None
        return seq


def _valid(every: list[Any]) -> tuple[tuple[Change, ...], list[str]]:
    """Return the valid changes, and the faults of the others."""
    changes, faults = dict[str, Change](), list[str]()
    for nth, each in enumerate(every, 1):
        if not name_kinds.is_change(each):
            faults.append(f"change {nth} is {excerpt(each)}")
            continue
        name, old, new = each["name"], each.get("old"), each["new"]
        fault = "it is changed twice" if name in changes else name_kinds.change_fault(name, new)
        if fault is not None:
            faults.append(f"{_shortened(name)}: {fault}")
            continue
        wrong = name_kinds.old_fault(name, old)
        if wrong is not None:
            faults.append(f"{name}: {wrong}")
        changes[name] = Change(name, None if wrong else old, new)
    after = {name: change.new for name, change in changes.items()}
    for name, fault in name_kinds.unpaired(after).items():
        del changes[name]
        faults.append(f"{name}: {fault}")
    return tuple(changes.values()), faults


def _shortened(name: str) -> str:
    """Return the beginning of a name for errors."""
    return name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"


class Intent(NamedTuple):
    """An entry without a place in the log yet.

    ``expects`` lists everything that the judgement has read: (name, value), and (prefix ending in
    ``/``, seq of the newest change under it).
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
        """Return the members of a log line without its place, and those of a seal. Empty members
        are left out.

        Raises ``UsageError`` if they are too long for a line at any place, and ``ValueError`` if a
        seal has members that an entry has itself.
        """
        values = {
            key: value
            for key, value in zip(self._fields, self, strict=True)
            if value or value == ""
        }
        if self.outcome == DONE:
            del values["outcome"]
        values["changes"] = [
            {"name": name, "old": old, "new": new} for name, old, new in self.changes
        ]
        data = _encode(values)[1:-1].encode()
        if seal is not None:
            data += _sealed(data, seal)
        room = LONGEST - _LONGEST_PLACE - (_ROOM_TO_UNDO if self.undoes is None else 0)
        if len(data) >= room:
            most = max(values, key=lambda member: len(_encode(values[member])))
            raise UsageError(
                "entry-too-long",
                hint="fewer-changes" if most == "changes" else "largest-member",
                member=most,
            )
        return data

    def entry(self, line: Line | None = None) -> Entry:
        """Return the entry of its line, equal to that of ``Entry.read``; a dry run has no line."""
        fields = self[:-1]  # all but ``expects``, in the order of an entry
        if line is None:
            return Entry(0, None, None, *fields)
        return Entry(line.seq, line.id, line.prev, *fields)


def _sealed(data: bytes, seal: Seal) -> bytes:
    """Return the members that a seal adds to those of an intent."""
    more = dict(seal(data))
    taken = more.keys() & {*Entry._fields, *Intent._fields}
    if taken:
        raise ValueError(f"an entry has these members itself: {', '.join(sorted(taken))}")
    return b"," + _encode(more)[1:-1].encode() if more else b""


def text_or_blob(text: str) -> tuple[Any, bytes | None]:
    """Return the value of a text in a line, and the blob that it names if the text is long."""
    data = text.encode()
    if len(data) <= _LONGEST_TEXT:
        return text, None
    return {"blob": Digest.of(data)}, data


def beginning(text: str | None) -> str | None:
    """Return the beginning of a text, for a value of the state. The entry itself has all of it.

    Values are repeated in each later entry that changes them, and lines are limited.
    """
    if text is None or len(text) <= _LONGEST_SUMMARY:
        return text
    return text[: _LONGEST_SUMMARY - 1] + "…"


def same_value(a: Any, b: Any) -> bool:
    """Return whether two values are equal, to the byte of their canonical form."""
    return a == b and canonical.dumps(a) == canonical.dumps(b)
