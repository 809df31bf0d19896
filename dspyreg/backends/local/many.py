"""Very many small blobs at once: written, synced together, renamed, their directories synced."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Final, Self

from dspyreg.backends.local.blobs import LocalBlobs, write
from dspyreg.backends.local.files import (
    failure,
    locked,
    make_directory,
    network_kind,
    open_directory,
    open_regular,
    read_at,
    sync,
)
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FILES_AT_ONCE: Final = 8192
_BYTES_AT_ONCE: Final = 256 << 20
_LONGEST_RELEASE: Final = 64
_REPORTS_ERRORS: Final = (5, 8)  # the first Linux whose syncfs tells of writes that failed


class ManyBlobs(LocalBlobs):
    """Blobs that are put together. ``put`` returns before a small one is durable, or has its name;
    all are and have on a clean exit. Large ones are as ever.

    A batch bounds what has no name yet. No file stays open.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._unnamed: dict[Digest, Path] = {}
        self._bytes = 0
        self._unsynced: set[tuple[str, ...]] = set()  # names below objects/
        self._opened = -1

    def __enter__(self) -> Self:
        # Open before the first write: syncfs tells of failures since then.
        self._opened = open_directory(self._objects)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._name_all()
                self._sync_names()
        finally:
            self._discard()
            os.close(self._opened)

    def _put_bytes(self, data: bytes) -> Digest:
        digest = Digest.of(data)
        if digest in self._unnamed:
            return digest
        self._unnamed[digest] = temporary = self._temporary()

        def fill(fd: int) -> Digest:
            write(fd, data)
            return digest

        try:
            self._filled(temporary, fill)
        except OSError as error:
            raise failure("cannot store a blob", error) from error
        self._bytes += len(data)
        if len(self._unnamed) >= _FILES_AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            self._name_all()
        return digest

    def _name_all(self) -> None:
        """Sync what was written, then give each blob its name."""
        try:
            self._sync_bytes()
            by_shard = groupby(sorted(self._unnamed), key=lambda digest: digest.hex[:2])
            for shard, digests in by_shard:
                self._name(shard, list(digests))
        except OSError as error:
            raise failure("cannot store blobs", error) from error
        self._bytes = 0

    def _sync_bytes(self) -> None:
        """Sync what was written: by one sync of the file system if that can be had, else file by
        file.
        """
        if _is_enough(self._directory) and _is_synced_whole(self._opened):
            return
        for path in self._unnamed.values():
            fd = open_regular(self._objects, path.name, flags=os.O_RDWR)
            try:
                sync(fd)
            finally:
                os.close(fd)

    def _sync_names(self) -> None:
        try:
            for below in sorted(self._unsynced):
                fd = open_directory(self._objects, *below)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)
        except OSError as error:
            raise failure("cannot store blobs", error) from error

    def _name(self, shard: str, digests: Iterable[Digest]) -> None:
        """Move blobs of one shard into place, all under one lock."""
        if make_directory(self._objects, shard):
            self._unsynced.add(())
        self._unsynced.add((shard,))
        with locked(self._objects, shard, shared=True) as fd:
            for digest in digests:
                self._rename(self._unnamed[digest], digest, self._opened, fd)
                del self._unnamed[digest]

    def _discard(self) -> None:
        for temporary in self._unnamed.values():
            with suppress(OSError):
                temporary.unlink()
        self._unnamed.clear()


def _is_enough(directory: Path) -> bool:
    """Is syncfs(2) a promise here? Linux has it, and tells of writes that failed since 5.8. File
    systems over a network or in user space may leave the bytes with another machine or process.
    """
    return (
        sys.platform == "linux"
        and _release() >= _REPORTS_ERRORS
        and network_kind(directory) is None
    )


def _release() -> tuple[int, ...]:
    """Return the kernel's major and minor number; nothing where it does not tell."""
    try:
        told = read_at(_LONGEST_RELEASE, 0, "/proc/sys/kernel/osrelease").decode()
    except OSError:
        return ()
    return tuple(int(number) for number in told.split(".")[:2] if number.isdecimal())


def _is_synced_whole(fd: int) -> bool:
    """Sync the file system that an open directory is on; False where that cannot be had."""
    import ctypes

    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):  # no C library to ask, or one without it
        return False
    if syncfs(fd) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EPERM}:  # a sandbox may forbid it
        return False
    raise OSError(number, os.strerror(number))
