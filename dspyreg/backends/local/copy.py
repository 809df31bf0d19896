"""Large content on its way into a file: copied, hashed and synced, all at the same time."""

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
    """Copy a file, from an offset on, into an empty one; durable on return, with its digest."""
    with _synced_meanwhile(fd), _Copy(source, start, fd) as copy:
        return Digest.of_stream(cast("BinaryIO", copy))


def copy_stream(source: BinaryIO, fd: int) -> Digest:
    """Copy what a stream gives into an empty file; durable on return, with its digest."""
    with _synced_meanwhile(fd), open(fd, "r+b", 0, closefd=False) as copy:
        shutil.copyfileobj(source, copy, _PIECE)
        copy.seek(0)
        return Digest.of_stream(copy)


class _Copy:
    """A copy in the making, to read from as far as it has come: the copy is hashed, for the source
    may change meanwhile.
    """

    def __init__(self, source: int, start: int, fd: int) -> None:
        self._source, self._start, self._fd = source, start, fd
        self._reader = open(fd, "rb", 0, closefd=False)  # noqa: SIM115 - closed by __exit__
        self._made: SimpleQueue[int | BaseException] = SimpleQueue()
        self._unread = 0
        self._is_wanted = True
        self._maker = threading.Thread(target=self._make)

    def __enter__(self) -> Self:
        self._maker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_wanted = False
        self._maker.join()
        self._reader.close()

    def readinto(self, buffer: memoryview) -> int:
        """Read what has been copied, once there is something; 0 is the end."""
        if not self._unread:
            made = self._made.get()
            if isinstance(made, BaseException):
                raise made
            self._unread = made
        taken = self._reader.readinto(buffer[: self._unread])
        self._unread -= taken
        return taken

    def _make(self) -> None:
        end, made = 0, 1
        try:
            while made and self._is_wanted:
                made = _copy_piece(self._source, self._start + end, self._fd, end)
                end += made
                self._made.put(made)
        except BaseException as error:
            self._made.put(error)


def _copy_piece(source: int, at: int, fd: int, end: int) -> int:
    """Copy a piece, by the kernel if it can; 0 where the source ends. No position is moved."""
    try:
        return os.copy_file_range(source, fd, _PIECE, at, end)
    except AttributeError:  # macOS
        pass
    except OSError as error:
        if error.errno not in _NO_KERNEL_COPY:
            raise
    return os.pwrite(fd, os.pread(source, _PIECE, at), end)


@contextmanager
def _synced_meanwhile(fd: int) -> Iterator[None]:
    """Sync a file again and again while it is filled, and once more when it is full: the disk
    begins with the first bytes, and not after the last.
    """
    failures: list[OSError] = []
    full = threading.Event()

    def work() -> None:
        try:
            while not full.wait(_PAUSE):
                sync(fd)
            sync(fd)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        full.set()
        thread.join()
    if failures:
        raise failures[0]
