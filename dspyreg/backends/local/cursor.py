"""The cursor: it finds the position of a head in the segments and reads on from there.

A caller comes back with the head it read last, whose hint is a position. The 78 bytes before that
position hold the id of the line; if they match, everything before is known and reading goes on
there. If they do not, the log was replaced, cut or damaged, and the line is searched for.

The cursor also remembers the end of the log. As long as the last segment has the same inode and
size and no next segment exists, nothing was appended: two stats answer instead of a read. ``End``
is immutable and replaced as a whole, so threads share it without a lock; an old one costs a read.
"""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from dspyreg.backends.interface import Diverged
from dspyreg.backends.local.files import open_regular
from dspyreg.backends.local.segments import (
    FIRST_BLOCK,
    ID_LENGTH,
    START,
    Position,
    position_in,
    position_of,
)
from dspyreg.backends.local.tail import Tail, judge
from dspyreg.errors import Corrupt
from dspyreg.model import line as lines

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from dspyreg.backends.local.segments import Segments
    from dspyreg.model.line import Head, Line


class End:
    """The end of the log at some time: its head, and the inode and size of the last segment."""

    __slots__ = ("head", "inode", "next_path", "path", "size")

    def __init__(self, head: Head, path: str, inode: int, size: int, next_path: str) -> None:
        self.head, self.path, self.inode, self.size = head, path, inode, size
        self.next_path = next_path

    def __str__(self) -> str:
        """The end as ``SyncedEnd`` notes it."""
        return f"{self.name} {self.inode} {self.size} {self.head.id}"

    @property
    def name(self) -> str:
        """The name of the last segment's file."""
        return self.path.rpartition("/")[2]

    def is_current(self) -> bool:
        """Return whether the log still ends here, by two calls."""
        try:
            status = os.lstat(self.path)
        except OSError:
            return False
        if status.st_size != self.size or status.st_ino != self.inode:
            return False
        return not os.access(self.next_path, os.F_OK)


class Cursor:
    """Reads from any head of the log to its end."""

    def __init__(self, segments: Segments, genesis: Head) -> None:
        self._segments, self._genesis = segments, genesis
        self._end: End | None = None

    # The end of the log

    @property
    def last_head(self) -> Head:
        """The head that was seen last; the genesis if none was."""
        end = self._end
        return end.head if end is not None else self._genesis

    def is_at_end(self, head: Head) -> bool:
        """Return whether this head, hint and all, was seen at the end and is still there."""
        end = self._end
        return end is not None and head == end.head and end.is_current()

    def is_same_as_end(self, head: Head) -> bool:
        """Return whether this head, whatever its hint, was seen at the end and is still there."""
        end = self._end
        return end is not None and end.head.same(head) and end.is_current()

    def set_end(self, end: End | None) -> None:
        """Remember an end, or forget the one that was remembered."""
        self._end = end

    def remember(self, head: Head) -> Head:
        """Remember a head as the end, if the log ends there, and return it."""
        with suppress(OSError):  # then the next call has to read
            end = self.end_at(head)
            if os.lstat(end.path).st_size == end.size:
                self._end = end
        return head

    def end_at(self, head: Head) -> End:
        """Return the end that a located head is, or was. Raises ``OSError``."""
        return self.end_in(head, None)

    def end_in(self, head: Head, inode: int | None) -> End:
        """Return the end that a located head is in a segment of this inode; None looks it up."""
        segment, offset = position_of(head)
        path, next_path = self._segments.path_of(segment), self._segments.path_of(head.seq + 1)
        if inode is None:
            inode = os.lstat(path).st_ino if offset else 0
        return End(head, path, inode, offset, next_path)

    # The position of a head

    def start(self, hint: Head | None) -> Head:
        """Return a located head that is surely in the log: the hint, else the genesis."""
        if hint is not None:
            with suppress(Diverged):
                return self.locate(hint)
        return self.locate(self._genesis)

    def locate(self, head: Head) -> Head:
        """Return the head with the position behind its line. Raises ``Diverged``."""
        if head.seq == 0:
            if head.id != self._genesis.id:
                raise Diverged(head)
            return head._replace(hint=START)
        position = position_in(head.hint)
        if position is not None:
            with suppress(OSError):  # then the whole segment is read
                if self._segments.has_line_ending_at(head, position):
                    return head
        return self._search(head)

    def locate_quickly(self, head: Head) -> Head:
        """Return what ``locate`` returns; the end that was seen last needs no read."""
        end = self._end
        return end.head if end is not None and end.head.same(head) else self.locate(head)

    def _search(self, head: Head) -> Head:
        candidates = [segment for segment in self._segments.numbers() if segment <= head.seq]
        if candidates:
            position = Position(candidates[-1], 0)
            content = self._segments.content(position)
            for data in content.split(b"\n"):
                position = Position(position.segment, position.offset + len(data) + 1)
                if b'"seq":%d,' % head.seq in data and position.offset <= len(content):
                    line = lines.parse(data)
                    if line is not None and line.head.same(head):
                        return head._replace(hint=str(position))
            if not self._was_read_elsewhere(head):
                self._refuse_damage(candidates[-1])
        raise Diverged(head)

    def _was_read_elsewhere(self, head: Head) -> bool:
        """Return whether the head was marked in a file that is not in this log, as in a copy."""
        position, inode = position_in(head.hint), head.hint.rpartition(":")[2]
        if position is None or head.hint == str(position):
            return False
        try:
            return str(os.stat(self._segments.path_of(position.segment)).st_ino) != inode
        except OSError:
            return True

    def _refuse_damage(self, segment: int) -> None:
        """Raise ``Corrupt`` for a broken line in a segment. The caller has read an entry there, so
        the line is damage and not a torn write.
        """
        last = self._genesis if segment == 1 else None
        offset = 0
        for data in self._segments.content(Position(segment, 0)).splitlines(keepends=True):
            line = lines.parse(data[:-1]) if data.endswith(b"\n") else None
            if line is None or (last is not None and not line.follows(last)):
                if not lines.first_complete(data):
                    raise Corrupt(f"entry {last.seq + 1 if last else segment}", "entry-damaged")
                return
            last, offset = line.head, offset + len(data)

    # The lines behind a head

    def read(self, after: Head) -> Iterator[Line]:
        """Return the complete lines behind a head. Raises ``Diverged``, ``Corrupt``."""
        if self.is_at_end(after):
            return iter(())
        few = self.read_few(after)
        if few is not None:
            return iter(few)
        return itertools.chain.from_iterable(self._read_on(self.locate(after)))

    def read_few(self, after: Head) -> list[Line] | None:
        """Return the lines behind the end that was seen last, by one read; None if there are many,
        if anything is wrong with them, or if ``after`` is not that end.
        """
        end = self._end
        if end is None or end.size == 0 or not end.head.same(after):
            return None
        try:
            fd = open_regular(self._segments.path, end.name)
            try:
                read = os.pread(fd, ID_LENGTH + FIRST_BLOCK, end.size - ID_LENGTH)
                inode = os.fstat(fd).st_ino
            finally:
                os.close(fd)
        except OSError:
            return None
        block = read[ID_LENGTH:]
        if not read.startswith(lines.end_of(after.id) + b"\n") or not block.endswith(b"\n"):
            return None
        complete, _ = lines.split(block)
        valid = lines.chain(after, complete, *position_of(end.head))
        if len(valid) < len(complete) or len(block) == FIRST_BLOCK:
            return None
        new_end = self.end_in(valid[-1].head, inode)
        if os.access(new_end.next_path, os.F_OK):
            return None
        self._end = new_end
        return valid

    def _read_on(self, start: Head) -> Iterator[list[Line]]:
        block = None
        for block in self.complete_lines(start):
            yield block
        if block is not None:
            self.remember(block[-1].head)

    def complete_lines(self, start: Head) -> Iterator[list[Line]]:
        """Yield the complete lines behind a located head, many at a time, without the tail."""
        for item in self.lines_and_tail(start):
            if isinstance(item, list):
                yield item

    def lines_and_tail(self, start: Head) -> Iterator[list[Line] | Tail]:
        """Yield the complete lines behind a located head, many at a time, and at last the tail.

        Raises ``Corrupt``.
        """
        head, position = start, position_of(start)
        later = [segment for segment in self._segments.numbers() if segment > position.segment]
        for following in (*later, None):
            head, position, rest = yield from self._lines_of_segment(head, position)
            if following is None:
                yield judge(rest, position, head)
            elif rest or following != head.seq + 1:
                raise Corrupt(f"entry {head.seq + 1}", "entry-damaged-or-missing")
            else:
                position = Position(following, 0)

    def _lines_of_segment(
        self, head: Head, position: Position
    ) -> Generator[list[Line], None, tuple[Head, Position, bytes]]:
        """Yield the lines of a segment, up to the first that is not complete or does not follow.

        Return the head they lead to, its position, and the bytes behind it.
        """
        while True:
            is_clean = True
            for complete, begun in self._segments.blocks(position):
                valid = lines.chain(head, complete, *position)
                if valid:
                    yield valid
                    head = valid[-1].head
                    position = position_of(head)
                is_clean = not begun and len(valid) == len(complete)
                if len(valid) < len(complete):
                    break
            if is_clean:
                return head, position, b""
            rest = self._segments.content(position)
            data, end, _ = rest.partition(b"\n")
            if not end or not lines.chain(head, [data]):
                return head, position, rest
            # A concurrent writer completed the line meanwhile; read on.
