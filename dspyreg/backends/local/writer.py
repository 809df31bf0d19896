"""The writer: one line, one write, one sync. Its caller holds the lock on the log.

An entry has happened when the sync of its line returns. If the write or the sync fails, the line is
cut off again and the cut is synced; if that fails too, nobody can tell what the disk kept
(``SyncFailed``). A line must not become durable before the lines in front of it, so a tail that
another process wrote, and perhaps died before syncing, is synced first (``settle``).
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from dspyreg.backends.interface import Diverged, SyncFailed
from dspyreg.backends.local.files import (
    make_directory,
    open_regular,
    sync,
    sync_directory,
    write_all,
)
from dspyreg.backends.local.segments import Position, position_of
from dspyreg.model import line as lines
from dspyreg.model.line import Head

if TYPE_CHECKING:
    from dspyreg.backends.local.cursor import Cursor, End
    from dspyreg.backends.local.segments import Segments
    from dspyreg.backends.local.synced_end import SyncedEnd
    from dspyreg.backends.local.tail import Tail
    from dspyreg.model.line import Line


class Writer:
    """Appends to the last segment, and starts a new one where that has ``roll_over`` bytes."""

    def __init__(
        self, segments: Segments, cursor: Cursor, synced_end: SyncedEnd, roll_over: int
    ) -> None:
        self._segments, self._cursor, self._roll_over = segments, cursor, roll_over
        self._synced_end = synced_end
        self._settled = ""

    def append(self, data: bytes, end: End) -> Head:
        """Append a line behind the end of the log and return its head.

        Raises ``Diverged`` if another line ends there: one that was cut off after a failed sync,
        and replaced by one of the same length, shows in neither inode nor size.
        """
        position = position_of(end.head)
        if position.offset and not self._segments.has_line_ending_at(end.head, position):
            self._cursor.set_end(None)
            raise Diverged(end.head)
        if position.offset >= self._roll_over:
            position = self._segments.create(end.head.seq + 1)
        inode = self._write(position, data)  # the entry has happened when this returns
        position = Position(position.segment, position.offset + len(data))
        head = Head(end.head.seq + 1, lines.id_of(data[:-1]), str(position))
        new_end = self._cursor.end_in(head, inode)
        self._cursor.set_end(new_end)
        self._settled = str(new_end)
        self._synced_end.note(self._settled)
        return head

    def settle(self, end: End) -> None:
        """Sync the end of the log, if another process wrote it and may not have synced it."""
        text = str(end)
        if end.size == 0 or text == self._settled:
            return
        if not self._synced_end.holds(text):
            fd = open_regular(self._segments.path, end.name)
            try:
                sync(fd)
            finally:
                os.close(fd)
            self._synced_end.note(text)
        self._settled = text

    def mend(self, tail: Tail) -> Line | None:
        """Cut off a torn tail, or finish an unfinished entry and return it."""
        if tail.torn:
            self._cut(tail)
        if tail.unfinished is None:
            return None
        segment, offset = tail.position
        end = offset + len(tail.unfinished.data)
        self._write(Position(segment, end), b"\n")
        return tail.unfinished._replace(hint=str(Position(segment, end + 1)))

    def _cut(self, tail: Tail) -> None:
        """Cut a torn tail off, once a copy of it is durable in ``log/cut``."""
        make_directory(self._segments.path, "cut")
        segment, offset = tail.position
        copy = f"{segment:020d}-{offset}-{os.urandom(4).hex()}"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        with open(open_regular(self._segments.path, "cut", copy, flags=flags), "wb") as file:
            file.write(tail.torn)
            file.flush()
            os.fsync(file.fileno())
        sync_directory(self._segments.directory / "cut")
        fd = self._segments.open_for_writing(segment)
        try:
            os.ftruncate(fd, offset)
            os.fsync(fd)
        finally:
            os.close(fd)

    def _write(self, position: Position, data: bytes) -> int:
        """Write and sync bytes at a position; return the inode of the segment."""
        try:
            fd = self._segments.open_for_writing(position.segment)
        except FileNotFoundError:
            self._segments.create(position.segment)
            fd = self._segments.open_for_writing(position.segment)
        try:
            inode = os.fstat(fd).st_ino
            try:
                write_all(fd, data, position.offset)
                sync(fd)
            except OSError:
                _cut_back(fd, position.offset)
                raise
        finally:
            with suppress(OSError):  # a line that was synced has happened, whatever close says
                os.close(fd)
        return inode


def _cut_back(fd: int, size: int) -> None:
    """Cut a segment back to the size it had. Raises ``SyncFailed``."""
    try:
        os.ftruncate(fd, size)
        os.fsync(fd)
    except OSError as error:
        raise SyncFailed(str(error)) from error
