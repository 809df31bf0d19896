"""``Journal`` as files: segments of lines under one lock (docs/reference/format.md, "Log").

The lock is a ``flock`` on the ``format`` file, which every acquisition opens for itself: it
excludes threads as well as processes, and dies with its holder. Of those who wait, the next in line
also holds the directory of the store locked. It reads and judges while the writer before it still
syncs, so that its own time under the lock is short. Readers take no lock.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from dspyreg.backends.interface import Diverged
from dspyreg.backends.local.cursor import Cursor
from dspyreg.backends.local.files import failure, locked, network_kind, release, take_lock
from dspyreg.backends.local.segments import Position, Segments, position_in
from dspyreg.backends.local.synced_end import SyncedEnd
from dspyreg.backends.local.tail import Tail
from dspyreg.backends.local.writer import Writer
from dspyreg.errors import Denied
from dspyreg.model import line as lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Place
    from dspyreg.model.line import Head, Line

_ROLL_OVER: Final = 16 * 1024 * 1024  # bytes of a segment


class LocalJournal:
    """``Journal`` in a directory of segments. Threads may share it: see the module."""

    def __init__(
        self,
        directory: Path,
        lock: Path,
        genesis: Head,
        *,
        allow_network: bool = False,
        roll_over: int = _ROLL_OVER,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._directory, self._lock_path = directory, str(lock)
        self._next_in_line = f"{lock.parent}/."  # the store itself may be a link
        self._allow_network = allow_network
        self._segments = Segments(directory)
        self._cursor = Cursor(self._segments, genesis)
        synced_end = SyncedEnd(lock.with_name("synced"), tell)
        self._writer = Writer(self._segments, self._cursor, synced_end, roll_over)
        self._thread_lock = threading.RLock()
        self._is_our_turn = False  # read and set under the thread lock

    def head(self, hint: Head | None = None) -> Head:
        """See ``Journal``."""
        if hint is not None and self._cursor.is_at_end(hint):
            return hint
        start = self._cursor.start(hint)
        head = start
        for block in self._cursor.complete_lines(start):
            head = block[-1].head
        if hint is not None and hint == head:
            head = hint
        return self._cursor.remember(head)

    def read(self, after: Head) -> Iterator[Line]:
        """See ``Journal``."""
        return self._cursor.read(after)

    def mark(self, head: Head) -> Head:
        """See ``Journal``. A copy of a segment has another inode."""
        position = position_in(head.hint)
        if position is None or not position.offset:
            return head
        try:
            inode = os.stat(self._segments.path_of(position.segment)).st_ino
        except OSError:
            return head
        return head._replace(hint=f"{position}:{inode}")

    def append(self, after: Head, place: Place) -> Head:
        """See ``Journal``."""
        known: list[Line] = []

        def rehearse() -> None:
            known.extend(self.read(after))
            if known:
                place(known, known[-1].head)

        with self._thread_lock, _write_failures(), self._lock(rehearse):
            since = self._lines_since(after, known)
            end = since[-1].head if since else self._cursor.locate_quickly(after)
            log_end = self._cursor.end_at(end)
            self._writer.settle(log_end)
            return self._writer.append(place(since, end), log_end)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """See ``Journal``."""
        with self._thread_lock, self._lock():
            outer, self._is_our_turn = self._is_our_turn, True
            try:
                yield
            finally:
                self._is_our_turn = outer

    def settle(self) -> None:
        """See ``Journal``."""
        with self._thread_lock, _write_failures(), self._lock():
            head = self._cursor.last_head
            since = list(self._mended_lines(head))
            end = self._cursor.locate(since[-1].head if since else head)
            self._writer.settle(self._cursor.end_at(end))

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """See ``Journal``."""
        segments = self._segments.numbers()
        for segment in segments:
            complete, rest = lines.split(self._segments.content(Position(segment, 0)))
            for number, data in enumerate(complete, start=1):
                yield f"log/{segment:020d}.jsonl line {number}", data
            if rest:
                last = segment == segments[-1]
                yield ("torn" if last else f"log/{segment:020d}.jsonl, its end"), rest

    # The lock

    @contextmanager
    def _lock(self, rehearse: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the lock on the log. Within a turn it is held already."""
        if self._is_our_turn:
            yield
            return
        self._refuse_network()
        with _write_failures():
            fd = self._take_lock(rehearse)
            try:
                yield
            finally:
                with suppress(OSError):
                    release(fd)

    def _take_lock(self, rehearse: Callable[[], None]) -> int:
        """Return the descriptor that holds the lock; rehearse if it must be waited for."""
        try:
            return take_lock(self._lock_path, patient=False)
        except BlockingIOError:
            with locked(self._next_in_line):
                rehearse()
                return take_lock(self._lock_path)

    def _refuse_network(self) -> None:
        if self._allow_network:
            return
        kind = network_kind(self._directory)
        if kind is not None:
            raise Denied("store-on-network", kind=kind)
        self._allow_network = True  # one check per process

    # The lines under the lock

    def _lines_since(self, after: Head, known: list[Line]) -> list[Line]:
        """Return the lines behind a head, of which some are known, and mend the tail."""
        if known:
            with suppress(Diverged):  # a line read without the lock may have been cut off since
                return [*known, *self._mended_lines(known[-1].head)]
        return list(self._mended_lines(after))

    def _mended_lines(self, after: Head) -> Iterator[Line]:
        """Yield the lines behind a head, with an entry that a crash left unfinished."""
        if self._cursor.is_same_as_end(after):
            return
        few = self._cursor.read_few(after)
        if few is not None:
            yield from few
            return
        for item in self._cursor.lines_and_tail(self._cursor.locate(after)):
            if isinstance(item, Tail):
                entry = self._writer.mend(item)
                if entry is not None:
                    yield entry
            else:
                yield from item


@contextmanager
def _write_failures() -> Iterator[None]:
    """Raise what the file system says as an error of the store."""
    try:
        yield
    except OSError as error:
        raise failure("log-not-writable", error) from error
