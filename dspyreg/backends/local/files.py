"""What the local backend asks of a file system: sync, locks, whole writes; door to ``fcntl``.

Everything in a store is opened by ``open_regular`` or ``open_directory``, which follow no link and
wait for no FIFO (docs/reference/format.md, "Links, and files that are none"). Both take a path,
whose last name is the first in the store, and the names below it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Corrupt, Denied, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_WAIT: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_ON_THE_WAY: Final = _DIRECTORY | getattr(os, "O_PATH", 0)  # needs no permission to list
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
    """Return when the bytes of a file are on the disk, and not only in its cache."""
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(fd)


def open_directory(path: str | Path, *below: str) -> int:
    """Open a directory of a store and return its descriptor, to list, to lock or to sync it.

    Raises ``Corrupt`` naming what is no directory, ``OSError``.
    """
    if not below:
        return _opened(path, _DIRECTORY, None, path)
    with entered(path, *below[:-1]) as directory:
        return _opened(below[-1], _DIRECTORY, directory, _joined(path, below))


@contextmanager
def entered(path: str | Path, *below: str) -> Iterator[int]:
    """Yield a descriptor of a directory of a store, to reach what is in it by ``dir_fd``.

    Raises ``Corrupt`` naming what is no directory, ``OSError``.
    """
    fd = _opened(path, _ON_THE_WAY, None, path)
    try:
        for nth, name in enumerate(below):
            outer, fd = fd, -1
            try:
                fd = _opened(name, _ON_THE_WAY, outer, _joined(path, below[: nth + 1]))
            finally:
                os.close(outer)
        yield fd
    finally:
        if fd >= 0:
            os.close(fd)


def open_regular(path: str | Path, *below: str, flags: int = os.O_RDONLY) -> int:
    """Open a regular file of a store and return its descriptor.

    Raises ``Corrupt`` naming what is no regular file, ``OSError``.
    """
    if not below:
        return _opened(path, flags | _NO_WAIT, None, path)
    with entered(path, *below[:-1]) as directory:
        return _opened(below[-1], flags | _NO_WAIT, directory, _joined(path, below))


def stat_regular(path: str | Path, *below: str) -> os.stat_result:
    """Return what is known of a regular file of a store.

    Raises ``Corrupt`` naming what is no regular file, ``OSError``.
    """
    there = _lstat(path, below)
    if not stat.S_ISREG(there.st_mode):
        raise _another_kind(_joined(path, below), there.st_mode, "a regular file")
    return there


def make_directory(path: str | Path, *below: str) -> bool:
    """Make a directory of a store; return False if something stands there already."""
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
    """Raise ``Denied`` for an open file that has several names: to write changes the others."""
    there = os.fstat(fd)
    if there.st_nlink > 1:
        from shlex import quote

        old, new = quote(path), quote(f"{path}.own")
        raise Denied(
            f"{path} has {there.st_nlink} names (hard links), and writing would change them all",
            hint=f"give the store a file of its own: cp -p {old} {new} && mv {new} {old}",
        )


def _opened(name: str | Path, flags: int, directory: int | None, where: str | Path) -> int:
    """Open what must be a directory or a regular file, as the flags say."""
    wants_directory = flags & os.O_DIRECTORY
    try:
        fd = os.open(name, flags, 0o666, dir_fd=directory)
    except OSError as error:
        if error.errno not in _IS_ANOTHER_KIND:
            error.filename = str(where)  # and not the name in the directory alone
            raise
        there = os.stat(name, dir_fd=directory, follow_symlinks=False)
        wanted = "a directory" if wants_directory else "a regular file"
        raise _another_kind(where, there.st_mode, wanted) from error
    if wants_directory:
        return fd
    try:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise _another_kind(where, mode, "a regular file")
        if flags & os.O_CREAT:
            from dspyreg.backends.sharing import share

            share(where)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _another_kind(where: str | Path, mode: int, wanted: str) -> Corrupt:
    from dspyreg.model.file_kind import kind_of

    what, hint = f"it is {kind_of(mode)}, and not {wanted}", None
    if stat.S_ISLNK(mode):
        what = "it is a link, and links in a store are not followed"
        hint = "only the store as a whole may be a link; a bind mount is no link"
    return Corrupt(str(where), what, hint=hint)


def _joined(path: str | Path, below: tuple[str, ...]) -> str:
    return "/".join((str(path), *below))


def sync_directory(path: Path) -> None:
    """Return when the names in a directory are on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write every byte at an offset. Raises ``OSError``, also where the kernel takes too few."""
    taken = os.pwrite(fd, data, offset)
    if taken != len(data):
        raise OSError(errno.ENOSPC, f"only {taken} of {len(data)} bytes were taken")


def read_at(length: int, offset: int, path: str, *below: str) -> bytes:
    """Return the bytes of a file of a store at an offset, fewer where it ends.

    Raises ``Corrupt``, ``OSError``; see ``open_regular``.
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
    """Lock a file or directory and return the descriptor that holds the lock, for ``release``; it
    goes with the process, too.

    The path is opened each time: a lock that a parent holds is not shared by its forks, and a
    file that was replaced while we waited (git does that) is locked anew. Raises
    ``BlockingIOError`` if others hold it and one need not be ``patient``, ``Corrupt`` for a link.
    ``flags`` and ``mode`` are those of ``os.open``, for a path with nothing ``below``.
    """
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if patient else fcntl.LOCK_NB)
    while True:
        fd = _lockable(path, below, flags, mode)
        try:
            fcntl.flock(fd, how)
            if _is_still(path, below, fd):
                return fd
        except BaseException:
            release(fd)
            raise
        release(fd)


def release(fd: int) -> None:
    """Give up a lock and close its descriptor. Closing alone keeps the lock as long as a child has
    a copy that another thread forked meanwhile.
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
        there = os.lstat(path)
        raise _another_kind(path, there.st_mode, "a file or a directory") from error


def _is_still(path: str | Path, below: tuple[str, ...], fd: int) -> bool:
    try:
        there = _lstat(path, below)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(fd), there)


def _lstat(path: str | Path, below: tuple[str, ...]) -> os.stat_result:
    if not below:
        return os.lstat(path)
    with entered(path, *below[:-1]) as directory:
        return os.stat(below[-1], dir_fd=directory, follow_symlinks=False)


def failure(doing: str, error: OSError) -> StorageError | Denied:
    """Return the error that tells a user what the file system said."""
    text = f"{doing}: {error.strerror or error}"
    if error.errno in _FORBIDDEN and isinstance(error.filename, str | bytes | os.PathLike):
        from dspyreg.backends.sharing import who_may

        with suppress(OSError):
            return Denied(text, hint=who_may(os.fsdecode(error.filename)))
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
