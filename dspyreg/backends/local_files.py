"""What the local backend asks of a file system: sync, locks, whole writes; door to ``fcntl``."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Denied, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READ_ONLY: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_NETWORK: Final = frozenset(
    (
        *("nfs", "cifs", "smb", "smbfs", "afs", "afpfs", "9p"),
        *("fuse", "fuseblk", "ceph", "glusterfs", "webdav"),
    )
)


def sync(fd: int) -> None:
    """Return when the bytes of a file are on the disk, and not only in its cache."""
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(fd)


def sync_directory(path: Path) -> None:
    """Return when the names in a directory are on the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write every byte at an offset. Raises ``OSError``, also where the kernel takes too few."""
    taken = os.pwrite(fd, data, offset)
    if taken != len(data):
        raise OSError(errno.ENOSPC, f"only {taken} of {len(data)} bytes were taken")


def read_at(path: str, length: int, offset: int) -> bytes:
    """Return the bytes of a file at an offset, fewer where it ends. Raises ``OSError``."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.pread(fd, length, offset)
    finally:
        os.close(fd)


def take_lock(
    path: str | Path,
    *,
    shared: bool = False,
    patient: bool = True,
    flags: int = os.O_RDONLY,
    mode: int = 0o666,
) -> int:
    """Lock a file or directory and return the descriptor that holds the lock until it is closed;
    it goes with the process, too.

    The path is opened each time: a lock that a parent holds is not shared by its forks, and a
    file that was replaced while we waited (git does that) is locked anew. Raises
    ``BlockingIOError`` if others hold it and one need not be ``patient``. ``flags`` and ``mode``
    are those of ``os.open``.
    """
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if patient else fcntl.LOCK_NB)
    while True:
        fd = os.open(path, flags, mode)
        try:
            fcntl.flock(fd, how)
            if _is_still(path, fd):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


@contextmanager
def locked(
    path: str | Path, *, shared: bool = False, flags: int = os.O_RDONLY, mode: int = 0o666
) -> Iterator[int]:
    """Hold a lock on a file or directory; see ``take_lock``."""
    fd = take_lock(path, shared=shared, flags=flags, mode=mode)
    try:
        yield fd
    finally:
        os.close(fd)


def _is_still(path: str | Path, fd: int) -> bool:
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(fd), there)


def failure(doing: str, error: OSError) -> StorageError | Denied:
    """Return the error that tells a user what the file system said."""
    text = f"{doing}: {error.strerror or error}"
    if error.errno in _READ_ONLY:
        return Denied(text, hint="the store cannot be written from here; reading it works")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageError(text, hint="make room and try again")
    return StorageError(text, hint="try again")


def network_kind(path: Path, mounts: str | None = None) -> str | None:
    """Return the kind of network or user-space file system under a path; None for a local one.

    Linux only; elsewhere nothing is known and None is returned. ``mounts`` is for tests.
    """
    try:
        told = mounts if mounts is not None else _mounts()
    except OSError:
        return None
    best, kind = "", None
    whole = str(path.resolve()) + "/"
    for row in told.splitlines():
        before, _, after = row.partition(" - ")
        point = before.split(" ")[4].replace(r"\040", " ").rstrip("/") + "/"
        if whole.startswith(point) and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind if kind and _without_detail(kind) in _NETWORK else None


def _without_detail(kind: str) -> str:
    """Return ``fuse`` for ``fuse.sshfs``, ``nfs`` for ``nfs4``."""
    return kind.partition(".")[0].rstrip("0123456789")


def _mounts() -> str:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        return file.read()
