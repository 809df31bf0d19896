"""An entry: what one line of the log says happened."""

import json
from typing import Any, NamedTuple, Self

from dspyreg.errors import UsageError
from dspyreg.model import canonical, moment
from dspyreg.model.digest import Digest
from dspyreg.model.line import LONGEST, Line

DONE = "done"
REFUSED = "refused"
_LONGEST_TEXT = 4096
_LONGEST_PLACE = 256
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_DECODER = json.JSONDecoder()
_LONGEST_SUMMARY = 200


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
    changes: tuple[Change, ...]
    evidence: Any
    undoes: int | None
    context: dict[str, Any]

    @classmethod
    def read(cls, line: Line) -> Self:
        """Return the entry of a line. Raises ``ValueError`` if it is not one.

        Unknown members are ignored; they stay in the line, whose bytes nobody rewrites.
        """
        told = members_of(line)
        try:
            return cls(
                seq=line.seq,
                id=line.id,
                prev=line.prev,
                time=moment.exact(told["time"]),
                actor=told["actor"],
                operation=told["operation"],
                operation_id=told["operation_id"],
                program=told.get("program"),
                label=told.get("label"),
                outcome=told.get("outcome", DONE),
                reason=told.get("reason"),
                forced=told.get("forced", False),
                changes=changes_of(told),
                evidence=told.get("evidence"),
                undoes=told.get("undoes"),
                context=told.get("context", {}),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"entry {line.seq} lacks {error}") from error

    def to_json(self) -> dict[str, Any]:
        """The entry object of ``--json``."""
        return {
            **self._asdict(),
            "seq": self.seq or None,
            "changes": [change._asdict() for change in self.changes],
        }


def members_of(line: Line) -> dict[str, Any]:
    """Return what a line says, in its own words. Raises ``ValueError`` if that is not JSON."""
    return told_by(line.data)


def told_by(data: bytes) -> dict[str, Any]:
    """Return what the bytes of a line say, see ``members_of``."""
    told: dict[str, Any] = _DECODER.raw_decode(data.decode())[0]  # lines begin with "{"
    return told


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
    changes: tuple[Change, ...] = ()
    evidence: Any = None
    undoes: int | None = None
    context: dict[str, Any] = {}  # noqa: RUF012 - never mutated; a NamedTuple has no factory
    expects: tuple[tuple[str, Any], ...] = ()

    def members(self) -> bytes:
        """The intent of a log line; members that say nothing are left out.

        Raises ``UsageError`` if it is too long for a line, wherever that will stand.
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
        if len(data) >= LONGEST - _LONGEST_PLACE:
            raise UsageError(
                "too much for one entry of the log",
                hint="record fewer metrics or tags at a time; at most some 200",
            )
        return data

    def entry(self, line: Line | None = None) -> Entry:
        """The entry that it became, as ``Entry.read`` tells it; a dry run has no line."""
        told = self[:-1]  # all but what it expects, in the order of an entry
        return Entry(line.seq, line.id, line.prev, *told) if line else Entry(0, None, None, *told)


def changes_of(told: dict[str, Any]) -> tuple[Change, ...]:
    """Return the changes of a parsed line."""
    return tuple(Change(c["name"], c["old"], c["new"]) for c in told.get("changes", ()))


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
