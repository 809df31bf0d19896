"""The tail: the bytes behind the last complete line of the log, as a crash can leave them.

A line is written in one call, but a crash may keep any part of it. Readers ignore a tail. The next
writer decides by these rules (docs/reference/format.md, "The last line"):

1. A complete entry without its LF, or with a NUL instead, was written: the LF is added.
2. A line without its LF, or with sectors of NULs that the disk never got, was torn. It was never
   acknowledged, so it is cut off and kept in ``log/cut``.
3. Everything else is damage, which no writer repairs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Corrupt
from dspyreg.model import line as lines

if TYPE_CHECKING:
    from dspyreg.backends.local.segments import Position
    from dspyreg.model.line import Head, Line

_SECTOR: Final = 512


class Tail:
    """The bytes at a position behind the last complete line: an ``unfinished`` entry that lacks
    its LF, a ``torn`` line, or nothing.
    """

    __slots__ = ("position", "torn", "unfinished")

    def __init__(
        self, position: Position, unfinished: Line | None = None, torn: bytes = b""
    ) -> None:
        self.position, self.unfinished, self.torn = position, unfinished, torn


def judge(rest: bytes, position: Position, head: Head) -> Tail:
    """Return the tail that these bytes are, behind the line of a head. Raises ``Corrupt``."""
    if not rest:
        return Tail(position)
    length = lines.first_complete(rest)
    entry = lines.chain(head, [rest[:length]])
    if entry:
        if rest[length:] in {b"", b"\0"}:
            return Tail(position, unfinished=entry[0])
    elif b"\n" not in rest[:-1] and (not rest.endswith(b"\n") or _has_holes(rest, position.offset)):
        return Tail(position, torn=rest)
    raise Corrupt(f"entry {head.seq + 1}", "entry-damaged")


def _has_holes(rest: bytes, offset: int) -> bool:
    """Return whether there are whole sectors of NULs, and no NUL elsewhere."""
    runs = list(re.finditer(rb"\x00+", rest))
    return bool(runs) and all(
        (run.start() == 0 or (offset + run.start()) % _SECTOR == 0)
        and (run.end() == len(rest) or (offset + run.end()) % _SECTOR == 0)
        for run in runs
    )
