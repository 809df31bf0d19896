"""Copies of large content into a file: copied, hashed and synced at the same time.

One thread copies, by the kernel where it can; the caller hashes what is copied already; another
thread syncs again and again, so that the disk starts with the first bytes and not after the last.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, Final, Self, cast

from dspyreg.backends.local.files import sync
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE: Final = 16 << 20
_PAUSE: Final = 0.02  # seconds between two syncs
_NO_KERNEL_COPY: Final = {errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM}


def copy_file(source: int, start: int, fd: int) -> Digest:
    """Copy a file from an offset on into an empty file; durable on return. Return its digest."""
    with _synced_meanwhile(fd), _Copy(source, start, fd) as copy:
        return Digest.of_stream(cast("BinaryIO", copy))


def copy_stream(source: BinaryIO, fd: int) -> Digest:
    """Copy a stream into an empty file; durable on return. Return its digest."""
    with _synced_meanwhile(fd), open(fd, "r+b", 0, closefd=False) as copy:
        shutil.copyfileobj(source, copy, _PIECE)
        copy.seek(0)
        return Digest.of_stream(copy)


class _Copy:
    """A copy that is read while it is made. The copy is hashed, because the source may change
    meanwhile.
    """

    def __init__(self, source: int, start: int, fd: int) -> None:
        self._source, self._start, self._fd = source, start, fd
        self._reader = open(fd, "rb", 0, closefd=False)  # noqa: SIM115 - closed by __exit__
        self._pieces: SimpleQueue[int | BaseException] = SimpleQueue()  # their sizes
        self._unread = 0
        self._is_wanted = True
        self._copier = threading.Thread(target=self._copy)

    def __enter__(self) -> Self:
        self._copier.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_wanted = False
        self._copier.join()
        self._reader.close()

    def readinto(self, buffer: memoryview) -> int:
        """Read bytes that have been copied, and wait for them; 0 is the end."""
        if not self._unread:
            piece = self._pieces.get()
            if isinstance(piece, BaseException):
                raise piece
            self._unread = piece
        count = self._reader.readinto(buffer[: self._unread])
        self._unread -= count
        return count

    def _copy(self) -> None:
        end, size = 0, 1
        try:
            while size and self._is_wanted:
                size = _copy_piece(self._source, self._start + end, self._fd, end)
                end += size
                self._pieces.put(size)
        except BaseException as error:
            self._pieces.put(error)


def _copy_piece(source: int, start: int, fd: int, end: int) -> int:
    """Copy a piece and return its size, 0 where the source ends. No file position changes."""
    try:
        return os.copy_file_range(source, fd, _PIECE, start, end)
    except AttributeError:  # macOS
        pass
    except OSError as error:
        if error.errno not in _NO_KERNEL_COPY:
            raise
    return os.pwrite(fd, os.pread(source, _PIECE, start), end)


@contextmanager
def _synced_meanwhile(fd: int) -> Iterator[None]:
    """Sync a file repeatedly while it is filled, and once more when it is full."""
    failures: list[OSError] = []
    full = threading.Event()

    def sync_repeatedly() -> None:
        try:
            while not full.wait(_PAUSE):
                sync(fd)
            sync(fd)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=sync_repeatedly)
    thread.start()
    try:
        yield
    finally:
        full.set()
        thread.join()
    if failures:
        raise failures[0]
