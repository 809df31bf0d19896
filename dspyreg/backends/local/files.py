"""The calls to the file system: opening, syncs, locks, whole writes. The door to ``fcntl``.

Everything in a store is opened by ``open_regular`` or ``open_directory``, which follow no link and
wait for no FIFO (docs/reference/format.md, "Links, and files that are none"). Both take a path,
whose last component is the first in the store, and the names below it. Each name is opened by
``dir_fd`` of the directory before it, so that no link can be put in between.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import Corrupt, Denied, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_WAIT: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_PASSED_THROUGH: Final = _DIRECTORY | getattr(os, "O_PATH", 0)  # needs no permission to list
_IS_ANOTHER_KIND: Final = {
    *(errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.EISDIR),  # EMLINK: a link, on FreeBSD
    *(errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP),  # a socket, a FIFO, a device
}
_FORBIDDEN: Final = {errno.EACCES, errno.EPERM}
_READ_ONLY: Final = {errno.EROFS, *_FORBIDDEN}
_NETWORK: Final = frozenset(
    (
        *("nfs", "cifs", "smb", "smbfs", "afs", "afpfs", "9p"),
        *("fuse", "fuseblk", "ceph", "glusterfs", "webdav"),
    )
)


def sync(fd: int) -> None:
    """Write the bytes of a file through to the disk. On macOS ``fsync`` stops at its cache."""
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(fd)


def open_directory(path: str | Path, *below: str) -> int:
    """Open a directory of a store and return its descriptor, to list, lock or sync it.

    Raises ``Corrupt`` if another kind of file is there, ``OSError``.
    """
    if not below:
        return _opened(path, _DIRECTORY, None, path)
    with entered(path, *below[:-1]) as directory:
        return _opened(below[-1], _DIRECTORY, directory, _joined(path, below))


@contextmanager
def entered(path: str | Path, *below: str) -> Iterator[int]:
    """Yield a descriptor of a directory of a store, for use as ``dir_fd``.

    Raises ``Corrupt`` if another kind of file is there, ``OSError``.
    """
    fd = _opened(path, _PASSED_THROUGH, None, path)
    try:
        for depth, name in enumerate(below, 1):
            outer, fd = fd, -1
            try:
                fd = _opened(name, _PASSED_THROUGH, outer, _joined(path, below[:depth]))
            finally:
                os.close(outer)
        yield fd
    finally:
        if fd >= 0:
            os.close(fd)


def open_regular(path: str | Path, *below: str, flags: int = os.O_RDONLY) -> int:
    """Open a regular file of a store and return its descriptor.

    Raises ``Corrupt`` if another kind of file is there, ``OSError``.
    """
    if not below:
        return _opened(path, flags | _NO_WAIT, None, path)
    with entered(path, *below[:-1]) as directory:
        return _opened(below[-1], flags | _NO_WAIT, directory, _joined(path, below))


def stat_regular(path: str | Path, *below: str) -> os.stat_result:
    """Return the status of a regular file of a store.

    Raises ``Corrupt`` if another kind of file is there, ``OSError``.
    """
    status = _lstat(path, below)
    if not stat.S_ISREG(status.st_mode):
        raise _another_kind(_joined(path, below), status.st_mode, "a regular file")
    return status


def make_directory(path: str | Path, *below: str) -> bool:
    """Create a directory of a store; return False if something is there already."""
    try:
        if below:
            with entered(path, *below[:-1]) as directory:
                os.mkdir(below[-1], dir_fd=directory)
        else:
            os.mkdir(path)
    except FileExistsError:
        return False
    from dspyreg.backends.sharing import share

    share(_joined(path, below))
    return True


def require_one_name(fd: int, path: str) -> None:
    """Raise ``Denied`` for an open file that has hard links, which a write would change as well."""
    count = os.fstat(fd).st_nlink
    if count > 1:
        from shlex import quote

        old, new = quote(path), quote(f"{path}.own")
        raise Denied("file-has-links", path=path, count=count, old=old, new=new)


def _opened(name: str | Path, flags: int, directory: int | None, path: str | Path) -> int:
    """Open a name in a directory, which must be a directory or a regular file as ``flags`` say.

    ``path`` is its whole path, for errors.
    """
    wants_directory = flags & os.O_DIRECTORY
    try:
        fd = os.open(name, flags, 0o666, dir_fd=directory)
    except OSError as error:
        if error.errno not in _IS_ANOTHER_KIND:
            error.filename = str(path)
            raise
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        wanted = "a directory" if wants_directory else "a regular file"
        raise _another_kind(path, status.st_mode, wanted) from error
    if wants_directory:
        return fd
    try:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise _another_kind(path, mode, "a regular file")
        if flags & os.O_CREAT:
            from dspyreg.backends.sharing import share

            share(path)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _another_kind(path: str | Path, mode: int, wanted: str) -> Corrupt:
    """Return the error for a path that another kind of file has than the one that is wanted."""
    from dspyreg.model.file_kind import kind_of

    if stat.S_ISLNK(mode):
        return Corrupt(str(path), "store-has-link", hint="store-may-be-link")
    return Corrupt(str(path), "store-has-other-file", kind=kind_of(mode), wanted=wanted)


def _joined(path: str | Path, below: tuple[str, ...]) -> str:
    return "/".join((str(path), *below))


def sync_directory(path: Path) -> None:
    """Write the names in a directory through to the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all bytes at an offset by one call. Raises ``OSError``, for a short write as well: the
    rest would be a second write, which others could see the log without.
    """
    taken = os.pwrite(fd, data, offset)
    if taken != len(data):
        raise OSError(errno.ENOSPC, f"only {taken} of {len(data)} bytes were taken")


def read_at(length: int, offset: int, path: str, *below: str) -> bytes:
    """Return the bytes of a file of a store at an offset, fewer where it ends.

    Raises what ``open_regular`` raises.
    """
    fd = open_regular(path, *below)
    try:
        return os.pread(fd, length, offset)
    finally:
        os.close(fd)


def take_lock(
    path: str | Path,
    *below: str,
    shared: bool = False,
    patient: bool = True,
    flags: int = os.O_RDONLY,
    mode: int = 0o666,
) -> int:
    """Lock a file or directory and return the descriptor that holds the lock, for ``release``. The
    lock ends with the process at the latest.

    The path is opened each time: threads and forks do not share a lock, and a file that was
    replaced meanwhile (git does that) is opened and locked again. Raises ``BlockingIOError`` if
    the lock is held elsewhere and ``patient`` is false, ``Corrupt`` for a link. ``flags`` and
    ``mode`` are those of ``os.open``, for a path with nothing ``below``.
    """
    operation = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if patient else fcntl.LOCK_NB)
    while True:
        fd = _lockable(path, below, flags, mode)
        try:
            fcntl.flock(fd, operation)
            if _is_still(path, below, fd):
                return fd
        except BaseException:
            release(fd)
            raise
        release(fd)


def release(fd: int) -> None:
    """Release a lock and close its descriptor. Closing it would not do: a child that another thread
    forked meanwhile has a copy, which keeps the lock.
    """
    with suppress(OSError):
        fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


@contextmanager
def locked(
    path: str | Path,
    *below: str,
    shared: bool = False,
    flags: int = os.O_RDONLY,
    mode: int = 0o666,
) -> Iterator[int]:
    """Hold a lock on a file or directory; see ``take_lock``."""
    fd = take_lock(path, *below, shared=shared, flags=flags, mode=mode)
    try:
        yield fd
    finally:
        release(fd)


def _lockable(path: str | Path, below: tuple[str, ...], flags: int, mode: int) -> int:
    if below:
        return open_directory(path, *below)
    try:
        return os.open(path, flags | _NO_WAIT, mode)
    except OSError as error:
        if error.errno not in _IS_ANOTHER_KIND:
            raise
        mode = os.lstat(path).st_mode
        raise _another_kind(path, mode, "a file or a directory") from error


def _is_still(path: str | Path, below: tuple[str, ...], fd: int) -> bool:
    try:
        status = _lstat(path, below)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(fd), status)


def _lstat(path: str | Path, below: tuple[str, ...]) -> os.stat_result:
    if not below:
        return os.lstat(path)
    with entered(path, *below[:-1]) as directory:
        return os.stat(below[-1], dir_fd=directory, follow_symlinks=False)


def failure(problem: str, error: OSError, **facts: Any) -> StorageError | Denied:
    """Return the error of the store for what the file system said.

    ``problem`` is a key of ``errors.texts`` whose text has ``{reason}``.
    """
    kind, hint, owner = _diagnosis(error)
    return kind(problem, hint=hint, reason=error.strerror or error, **facts, **owner)


def _diagnosis(error: OSError) -> tuple[type[StorageError | Denied], str, dict[str, str]]:
    """Return the class of an error, the key of its hint, and the facts of that hint."""
    if error.errno in _FORBIDDEN and isinstance(error.filename, str | bytes | os.PathLike):
        from dspyreg.backends.sharing import access_hint

        with suppress(OSError):
            return Denied, *access_hint(os.fsdecode(error.filename))
    if error.errno in _READ_ONLY:
        return Denied, "store-read-only", {}
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return StorageError, "disk-full" if is_full else "try-again", {}


def network_kind(path: Path, mounts: str | None = None) -> str | None:
    """Return the kind of network or user-space file system under a path; None for a local one.

    Linux only: elsewhere None is returned. ``mounts`` is for tests.
    """
    try:
        table = mounts if mounts is not None else _mounts()
    except OSError:
        return None
    longest, kind = "", None
    real_path = str(path.resolve()) + "/"
    for row in table.splitlines():
        before, _, after = row.partition(" - ")
        point = before.split(" ")[4].replace(r"\040", " ").rstrip("/") + "/"
        if real_path.startswith(point) and len(point) >= len(longest):
            longest, kind = point, after.split(" ")[0]
    return kind if kind and _family(kind) in _NETWORK else None


def _family(kind: str) -> str:
    """Return ``fuse`` for ``fuse.sshfs``, ``nfs`` for ``nfs4``."""
    return kind.partition(".")[0].rstrip("0123456789")


def _mounts() -> str:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        return file.read()
