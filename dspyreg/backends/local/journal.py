"""The journal as files: segments of lines under one lock (docs/reference/format.md, "Log").

A line is appended by one write and one sync while the ``format`` file is locked. What a crash
can leave is at the end of the last segment; ``_judge`` says what it is.
"""

from __future__ import annotations

import itertools
import os
import re
import threading
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import FileIO
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.backends.interface import Diverged, SyncFailed
from dspyreg.backends.local.files import (
    failure,
    locked,
    make_directory,
    network_kind,
    open_directory,
    open_regular,
    read_at,
    release,
    require_one_name,
    sync,
    sync_directory,
    take_lock,
    write_all,
)
from dspyreg.backends.local.synced import Synced
from dspyreg.errors import Corrupt, Denied
from dspyreg.model import line as lines
from dspyreg.model.line import Head, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Place

_SEGMENT: Final = ".jsonl"
_ROLL_OVER: Final = 16 * 1024 * 1024
_SECTOR: Final = 512
_FIRST_BLOCK: Final = 32 * 1024  # mostly there are only a few lines to read
_BLOCK: Final = 256 * 1024
START: Final = "1:0"
_ID_LENGTH: Final = len(',"id":"b3:') + 64 + len('"}\n')


class _Spot(NamedTuple):
    """A byte of the log: a segment, named by its first seq, and an offset in it."""

    segment: int
    offset: int

    def __str__(self) -> str:
        return f"{self.segment}:{self.offset}"


class _Seen:
    """The end of the log as this process last saw it; two stats tell whether it still is."""

    __slots__ = ("head", "inode", "next_path", "path", "size")

    def __init__(self, head: Head, path: str, inode: int, size: int, next_path: str) -> None:
        self.head, self.path, self.inode, self.size = head, path, inode, size
        self.next_path = next_path

    def __str__(self) -> str:
        """The end as the note of what is synced has it."""
        return f"{self.name} {self.inode} {self.size} {self.head.id}"

    @property
    def name(self) -> str:
        """The name of the last segment's file."""
        return self.path.rpartition("/")[2]


class _Tail:
    """What stands after the last whole line: ``unfinished`` is an entry that lacks its LF."""

    __slots__ = ("spot", "torn", "unfinished")

    def __init__(self, spot: _Spot, unfinished: Line | None = None, torn: bytes = b"") -> None:
        self.spot, self.unfinished, self.torn = spot, unfinished, torn


class LocalJournal:
    """``Journal`` in a directory of segments.

    Threads may share one. Writers take ``_thread_lock``, then the lock file, which every
    acquisition opens for itself. Readers take neither: ``_seen`` is a cache that is replaced as a
    whole, and one that is out of date costs a longer look.
    """

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
        self._log = str(directory)
        self._waiting_room = f"{lock.parent}/."  # the store itself may be a link
        self._genesis, self._roll_over = genesis, roll_over
        self._allow_network = allow_network
        self._thread_lock = threading.RLock()
        self._is_our_turn = False
        self._seen: _Seen | None = None
        self._settled = ""
        self._synced = Synced(lock.with_name("synced"), tell)

    def head(self, hint: Head | None = None) -> Head:
        """See ``Journal``."""
        if hint is not None and self._has_seen_all_after(hint):
            return hint
        start = self._start(hint)
        head = start
        for good in self._walk(start):
            head = good[-1].head
        if hint is not None and hint == head:
            head = hint
        return self._remember(head)

    def read(self, after: Head) -> Iterator[Line]:
        """See ``Journal``."""
        if self._has_seen_all_after(after):
            return iter(())
        few = self._few_after(after)
        if few is not None:
            return iter(few)
        return itertools.chain.from_iterable(self._read_on(self._locate(after)))

    def mark(self, head: Head) -> Head:
        """See ``Journal``. A copy of a segment has another inode."""
        spot = _spot_of(head.hint)
        if spot is None or not spot.offset:
            return head
        try:
            inode = os.stat(self._path(spot.segment)).st_ino
        except OSError:
            return head
        return head._replace(hint=f"{spot}:{inode}")

    def append(self, after: Head, place: Place) -> Head:
        """See ``Journal``."""
        known: list[Line] = []

        def rehearse() -> None:
            known.extend(self.read(after))
            if known:
                place(known, known[-1].head)

        with self._thread_lock, _failing_to_write(), self._writing(rehearse):
            since = self._since(after, known)
            end = self._end_at(since[-1].head if since else self._found(after))
            self._settle_at(end)
            data = place(since, end.head)
            made = self._written(data, end)  # from here it happened
            self._seen, self._settled = made, str(made)
            self._synced.note(self._settled)
            return made.head

    @contextmanager
    def turn(self) -> Iterator[None]:
        """See ``Journal``."""
        with self._thread_lock, self._writing():
            outer, self._is_our_turn = self._is_our_turn, True
            try:
                yield
            finally:
                self._is_our_turn = outer

    def settle(self) -> None:
        """See ``Journal``."""
        with self._thread_lock, _failing_to_write(), self._writing():
            head = self._seen.head if self._seen is not None else self._genesis
            since = list(self._finished(head))
            self._settle_at(self._end_at(self._locate(since[-1].head if since else head)))

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """See ``Journal``."""
        segments = self._segments()
        for segment in segments:
            whole, rest = lines.split(self._content(_Spot(segment, 0)))
            for nth, data in enumerate(whole, start=1):
                yield f"log/{segment:020d}.jsonl line {nth}", data
            if rest:
                last = segment == segments[-1]
                yield ("torn" if last else f"log/{segment:020d}.jsonl, its end"), rest

    # Finding one's place

    def _has_seen_all_after(self, head: Head) -> bool:
        """Has nothing come since this head? Two stats tell, if this process saw the end there."""
        seen = self._seen
        return seen is not None and head == seen.head and _is_current(seen)

    def _start(self, hint: Head | None) -> Head:
        """A head that is surely in the log, as late as is cheap to find."""
        if hint is not None:
            try:
                return self._locate(hint)
            except Diverged:
                pass
        return self._locate(self._genesis)

    def _locate(self, head: Head) -> Head:
        """Return the head with a hint that holds. Raises ``Diverged``."""
        if head.seq == 0:
            if head.id != self._genesis.id:
                raise Diverged(head)
            return head._replace(hint=START)
        spot = _spot_of(head.hint)
        if spot is not None and self._ends_at(head, spot):
            return head
        return self._search(head)

    def _found(self, head: Head) -> Head:
        seen = self._seen
        return seen.head if seen is not None and seen.head.same(head) else self._locate(head)

    def _search(self, head: Head) -> Head:
        candidates = [segment for segment in self._segments() if segment <= head.seq]
        if candidates:
            spot, content = _Spot(candidates[-1], 0), self._content(_Spot(candidates[-1], 0))
            for data in content.split(b"\n"):
                spot = _Spot(spot.segment, spot.offset + len(data) + 1)
                if b'"seq":%d,' % head.seq in data and spot.offset <= len(content):
                    line = lines.parse(data)
                    if line is not None and line.head.same(head):
                        return head._replace(hint=str(spot))
            if not self._was_seen_elsewhere(head):
                self._refuse_loss(head, candidates[-1])
        raise Diverged(head)

    def _was_seen_elsewhere(self, head: Head) -> bool:
        """Was the head marked in a file that this log does not have, such as that of a copy?"""
        spot, inode = _spot_of(head.hint), head.hint.rpartition(":")[2]
        if spot is None or head.hint == str(spot):
            return False
        try:
            return str(os.stat(self._path(spot.segment)).st_ino) != inode
        except OSError:
            return True

    def _refuse_loss(self, head: Head, segment: int) -> None:
        """A broken line where an entry is known to have been is damage, never a torn write."""
        last = self._genesis if segment == 1 else None
        offset = 0
        for data in self._content(_Spot(segment, 0)).splitlines(keepends=True):
            line = lines.parse(data[:-1]) if data.endswith(b"\n") else None
            if line is None or (last is not None and not line.follows(last)):
                if not lines.first_complete(data):
                    raise Corrupt(f"entry {last.seq + 1 if last else segment}", "it is damaged")
                return
            last, offset = line.head, offset + len(data)

    def _ends_at(self, head: Head, spot: _Spot) -> bool:
        try:
            begin = spot.offset - _ID_LENGTH
            end = read_at(_ID_LENGTH, begin, self._log, _name(spot.segment))
        except OSError:
            return False
        return end == lines.end_of(head.id) + b"\n"

    # Reading on

    def _few_after(self, after: Head) -> list[Line] | None:
        """Return the lines behind the end that this process saw last, where they are few and
        nothing is wrong with them: one look instead of many.
        """
        seen = self._seen
        if seen is None or seen.size == 0 or not seen.head.same(after):
            return None
        try:
            fd = open_regular(self._log, seen.name)
            try:
                there = os.pread(fd, _ID_LENGTH + _FIRST_BLOCK, seen.size - _ID_LENGTH)
                inode = os.fstat(fd).st_ino
            finally:
                os.close(fd)
        except OSError:
            return None
        block = there[_ID_LENGTH:]
        if not there.startswith(lines.end_of(after.id) + b"\n") or not block.endswith(b"\n"):
            return None
        whole, _ = lines.split(block)
        good = lines.chain(after, whole, *self._spot(seen.head))
        if len(good) < len(whole) or len(block) == _FIRST_BLOCK:
            return None
        end = self._end(good[-1].head, inode)
        if os.access(end.next_path, os.F_OK):
            return None
        self._seen = end
        return good

    def _read_on(self, start: Head) -> Iterator[list[Line]]:
        good = None
        for good in self._walk(start):
            yield good
        if good is not None:
            self._remember(good[-1].head)

    def _walk(self, start: Head) -> Iterator[list[Line]]:
        """Yield the whole lines after a located head, many at a time; stop at an unfinished or torn
        tail.
        """
        for item in self._items(start):
            if isinstance(item, list):
                yield item

    def _items(self, start: Head) -> Iterator[list[Line] | _Tail]:
        head, spot = start, self._spot(start)
        later = [segment for segment in self._segments() if segment > spot.segment]
        for following in (*later, None):
            head, spot, rest = yield from self._to_its_end(head, spot)
            if following is None:
                yield _judge(rest, spot, head)
            elif rest or following != head.seq + 1:
                raise Corrupt(f"entry {head.seq + 1}", "it is damaged or missing")
            else:
                spot = _Spot(following, 0)

    def _to_its_end(
        self, head: Head, spot: _Spot
    ) -> Generator[list[Line], None, tuple[Head, _Spot, bytes]]:
        """Yield the lines of a segment, up to the first that is not whole or does not follow;
        return where they lead, and what stands behind them.
        """
        while True:
            is_clean = True
            for whole, begun in self._blocks(spot):
                good = lines.chain(head, whole, *spot)
                if good:
                    yield good
                    head = good[-1].head
                    spot = self._spot(head)
                is_clean = not begun and len(good) == len(whole)
                if len(good) < len(whole):
                    break
            if is_clean:
                return head, spot, b""
            rest = self._content(spot)
            data, end, _ = rest.partition(b"\n")
            if not end or not lines.chain(head, [data]):
                return head, spot, rest
            # a writer was faster than we

    def _blocks(self, spot: _Spot) -> Iterator[tuple[list[bytes], bytes]]:
        """Yield whole lines of a segment, many at a time, and what of the next one came along."""
        try:
            with self._reader(spot) as file:
                begun, size = b"", _FIRST_BLOCK
                while block := file.read(size):
                    whole, begun = lines.split(begun + block)
                    yield whole, begun
                    if len(block) < size:
                        return
                    size = _BLOCK
        except FileNotFoundError:
            return
        except OSError as error:
            raise failure("cannot read the log", error) from error

    def _spot(self, head: Head) -> _Spot:
        spot = _spot_of(head.hint)
        assert spot is not None  # noqa: S101 - only located heads come here
        return spot

    def _segments(self) -> list[int]:
        try:
            fd = open_directory(self._log)
            try:
                found = [name for name in os.listdir(fd) if _is_segment(name)]
            finally:
                os.close(fd)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise failure("cannot read the log", error) from error
        return sorted(int(name[:20]) for name in found)

    def _path(self, segment: int) -> str:
        return f"{self._log}/{_name(segment)}"

    def _reader(self, spot: _Spot) -> FileIO:
        file = FileIO(open_regular(self._log, _name(spot.segment)))
        file.seek(spot.offset)
        return file

    def _content(self, spot: _Spot) -> bytes:
        try:
            with self._reader(spot) as file:
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise failure("cannot read the log", error) from error

    def _remember(self, head: Head) -> Head:
        with suppress(OSError):  # then the next look is not a quick one
            end = self._end_at(head)
            if os.lstat(end.path).st_size == end.size:
                self._seen = end
        return head

    def _end_at(self, head: Head) -> _Seen:
        """Return a head as the end of the log that it is, or was. Raises ``OSError``."""
        spot = self._spot(head)
        return self._end(head, os.lstat(self._path(spot.segment)).st_ino if spot.offset else 0)

    def _end(self, head: Head, inode: int) -> _Seen:
        segment, offset = self._spot(head)
        return _Seen(head, self._path(segment), inode, offset, self._path(head.seq + 1))

    # Writing

    @contextmanager
    def _writing(self, rehearse: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the lock, which is ours already in our turn."""
        if self._is_our_turn:
            yield
            return
        self._refuse_network()
        with _failing_to_write():
            fd = self._take_lock(rehearse)
            try:
                yield
            finally:
                with suppress(OSError):
                    release(fd)

    def _take_lock(self, rehearse: Callable[[], None]) -> int:
        """Return the lock. Of those who wait, the next to get it rehearses while the one before
        still writes: what is found out then need not be found out while all others wait.
        """
        try:
            return take_lock(self._lock_path, patient=False)
        except BlockingIOError:
            with locked(self._waiting_room):
                rehearse()
                return take_lock(self._lock_path)

    def _refuse_network(self) -> None:
        if self._allow_network:
            return
        kind = network_kind(self._directory)
        if kind is not None:
            raise Denied(
                f"the store is on {kind}, where locks and syncs may not hold",
                hint="if you know that they do, use --allow-network-fs",
            )
        self._allow_network = True  # asked once a process

    def _since(self, after: Head, known: list[Line]) -> list[Line]:
        """Return the lines after a head, of which some are known, the end mended."""
        if known:
            with suppress(Diverged):  # what was read without the lock can be taken back
                return [*known, *self._finished(known[-1].head)]
        return list(self._finished(after))

    def _finished(self, after: Head) -> Iterator[Line]:
        """Yield the lines after a head, having mended what a crash left at the end."""
        seen = self._seen  # readers that have no lock may set it at any time
        if seen is not None and seen.head.same(after) and _is_current(seen):
            return
        few = self._few_after(after)
        if few is not None:
            yield from few
            return
        tail = None
        for item in self._items(self._locate(after)):
            if isinstance(item, list):
                yield from item
            else:
                tail = item
        assert tail is not None  # noqa: S101 - _items always ends with one
        if tail.torn:
            self._cut(tail)
        if tail.unfinished is not None:
            end = tail.spot.offset + len(tail.unfinished.data)
            self._write(_Spot(tail.spot.segment, end), b"\n")
            yield tail.unfinished._replace(hint=str(_Spot(tail.spot.segment, end + 1)))

    def _cut(self, tail: _Tail) -> None:
        """Cut a torn tail off, and keep it: nobody was told that it happened."""
        make_directory(self._log, "cut")
        copy = f"{tail.spot.segment:020d}-{tail.spot.offset}-{os.urandom(4).hex()}"
        new = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        with open(open_regular(self._log, "cut", copy, flags=new), "wb") as file:
            file.write(tail.torn)
            file.flush()
            os.fsync(file.fileno())
        sync_directory(self._directory / "cut")
        self._truncate(tail.spot)

    def _truncate(self, spot: _Spot) -> None:
        fd = self._open_to_change(spot.segment)
        try:
            os.ftruncate(fd, spot.offset)
            os.fsync(fd)
        finally:
            os.close(fd)

    def _settle_at(self, end: _Seen) -> None:
        """Sync a tail that another wrote and perhaps not synced: ours must not outlive it."""
        told = str(end)
        if end.size == 0 or told == self._settled:
            return
        if not self._synced.holds(told):
            fd = open_regular(self._log, end.name)
            try:
                sync(fd)
            finally:
                os.close(fd)
            self._synced.note(told)
        self._settled = told

    def _new_segment(self, first: int) -> _Spot:
        """Make an empty segment whose name is durable before its first line is."""
        if make_directory(self._log):  # git keeps no empty directory
            sync_directory(self._directory.parent)
        os.close(open_regular(self._log, _name(first), flags=os.O_CREAT | os.O_WRONLY))
        sync_directory(self._directory)
        return _Spot(first, 0)

    def _written(self, data: bytes, end: _Seen) -> _Seen:
        """Write a line behind the end of the log; return the end that there is then.

        Raises ``Diverged`` if another line ends there: one that was taken back, and replaced by
        one as long, looks the same from outside.
        """
        spot = self._spot(end.head)
        if spot.offset and not self._ends_at(end.head, spot):
            self._seen = None
            raise Diverged(end.head)
        if spot.offset >= self._roll_over:
            spot = self._new_segment(end.head.seq + 1)
        inode = self._write(spot, data)
        spot = _Spot(spot.segment, spot.offset + len(data))
        return self._end(Head(end.head.seq + 1, lines.id_of(data[:-1]), str(spot)), inode)

    def _write(self, spot: _Spot, data: bytes) -> int:
        """Write and sync what comes at a spot; return the inode of the segment."""
        try:
            fd = self._open_to_change(spot.segment)
        except FileNotFoundError:
            self._new_segment(spot.segment)
            fd = self._open_to_change(spot.segment)
        try:
            inode = os.fstat(fd).st_ino
            try:
                write_all(fd, data, spot.offset)
                sync(fd)
            except OSError:
                _take_back(fd, spot.offset)
                raise
        finally:
            with suppress(OSError):  # what was synced has happened, whatever close says
                os.close(fd)
        return inode

    def _open_to_change(self, segment: int) -> int:
        """Open a segment to write into. Raises ``Denied`` if that would change another file."""
        fd = open_regular(self._log, _name(segment), flags=os.O_WRONLY)
        try:
            require_one_name(fd, self._path(segment))
        except BaseException:
            os.close(fd)
            raise
        return fd


def _name(segment: int) -> str:
    return f"{segment:020d}.jsonl"


@contextmanager
def _failing_to_write() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise failure("cannot write the log", error) from error


def _is_segment(name: str) -> bool:
    number = name.removesuffix(_SEGMENT)
    return number != name and len(number) == 20 and number.isascii() and number.isdecimal()


def _take_back(fd: int, size: int) -> None:
    try:
        os.ftruncate(fd, size)
        os.fsync(fd)
    except OSError as error:
        raise SyncFailed(str(error)) from error


@lru_cache(64)
def _spot_of(hint: str) -> _Spot | None:
    segment, _, rest = hint.partition(":")
    offset = rest.partition(":")[0]  # an inode may follow: see ``mark``
    return _Spot(int(segment), int(offset)) if offset.isdecimal() else None


def _is_current(seen: _Seen) -> bool:
    try:
        there = os.lstat(seen.path)
    except OSError:
        return False
    if there.st_size != seen.size or there.st_ino != seen.inode:
        return False
    return not os.access(seen.next_path, os.F_OK)


def _judge(rest: bytes, spot: _Spot, head: Head) -> _Tail:
    """Say what stands after the last whole line: nothing, an entry without its end, or a torn
    write. Raises ``Corrupt`` for everything else.
    """
    if not rest:
        return _Tail(spot)
    length = lines.first_complete(rest)
    found = lines.chain(head, [rest[:length]])
    if found:
        if rest[length:] in {b"", b"\0"}:
            return _Tail(spot, unfinished=found[0])
    elif b"\n" not in rest[:-1] and (not rest.endswith(b"\n") or _has_holes(rest, spot.offset)):
        return _Tail(spot, torn=rest)
    raise Corrupt(f"entry {head.seq + 1}", "it is damaged")


def _has_holes(rest: bytes, offset: int) -> bool:
    """Are there sectors that the disk never got, and no NUL elsewhere?"""
    runs = list(re.finditer(rb"\x00+", rest))
    return bool(runs) and all(
        (run.start() == 0 or (offset + run.start()) % _SECTOR == 0)
        and (run.end() == len(rest) or (offset + run.end()) % _SECTOR == 0)
        for run in runs
    )
