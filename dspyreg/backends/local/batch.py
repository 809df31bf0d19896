"""A batch of many small blobs: one sync of the file system instead of one per file.

The blobs are written to temporary files; one sync makes all their bytes durable; then each is
renamed into its shard; at last the shards that got a name are synced. No file stays open, and the
number and size of files without a name are bounded.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Final, Self

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
from dspyreg.backends.local.objects import write
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dspyreg.backends.local.objects import Objects

_FILES_AT_ONCE: Final = 8192
_BYTES_AT_ONCE: Final = 256 << 20
_MAX_RELEASE: Final = 64  # bytes
_REPORTS_ERRORS: Final = (5, 8)  # the first Linux whose syncfs reports failed writes


class BlobBatch:
    """Small blobs that become durable, and get their names, together: on a clean exit at the
    latest.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._unnamed: dict[Digest, Path] = {}
        self._bytes = 0
        self._unsynced: set[tuple[str, ...]] = set()  # names below objects/
        self._directory = -1

    def __enter__(self) -> Self:
        # Open before the first write: syncfs reports the failures since then.
        self._directory = open_directory(self._objects.path)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._name_all()
                self._sync_names()
        finally:
            self._discard()
            os.close(self._directory)

    def put_bytes(self, data: bytes) -> Digest:
        """Write a blob and return its digest; it is neither durable nor named yet."""
        digest = Digest.of(data)
        if digest in self._unnamed:
            return digest
        self._unnamed[digest] = temporary = self._objects.temporary()

        def write_content(fd: int) -> Digest:
            write(fd, data)
            return digest

        try:
            self._objects.fill(temporary, write_content)
        except OSError as error:
            raise failure("blob-not-stored", error) from error
        self._bytes += len(data)
        if len(self._unnamed) >= _FILES_AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            self._name_all()
        return digest

    def _name_all(self) -> None:
        """Sync the bytes that were written, then give each blob its name."""
        try:
            self._sync_bytes()
            by_shard = groupby(sorted(self._unnamed), key=lambda digest: digest.hex[:2])
            for shard, digests in by_shard:
                self._name(shard, list(digests))
        except OSError as error:
            raise failure("blobs-not-stored", error) from error
        self._bytes = 0

    def _sync_bytes(self) -> None:
        """Sync the bytes that were written: by one sync of the file system, else file by file."""
        if _is_syncfs_safe(self._objects.directory) and _syncfs(self._directory):
            return
        for path in self._unnamed.values():
            fd = open_regular(self._objects.path, path.name, flags=os.O_RDWR)
            try:
                sync(fd)
            finally:
                os.close(fd)

    def _sync_names(self) -> None:
        try:
            for below in sorted(self._unsynced):
                fd = open_directory(self._objects.path, *below)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)
        except OSError as error:
            raise failure("blobs-not-stored", error) from error

    def _name(self, shard: str, digests: Iterable[Digest]) -> None:
        """Rename the blobs of one shard, all under one lock."""
        if make_directory(self._objects.path, shard):
            self._unsynced.add(())
        self._unsynced.add((shard,))
        with locked(self._objects.path, shard, shared=True) as fd:
            for digest in digests:
                self._objects.rename(self._unnamed[digest], digest, self._directory, fd)
                del self._unnamed[digest]

    def _discard(self) -> None:
        for temporary in self._unnamed.values():
            with suppress(OSError):
                temporary.unlink()
        self._unnamed.clear()


def _is_syncfs_safe(directory: Path) -> bool:
    """Return whether syncfs(2) makes bytes durable here and reports failed writes.

    File systems over a network or in user space may leave the bytes with another machine or
    process.
    """
    return (
        sys.platform == "linux"
        and _release() >= _REPORTS_ERRORS
        and network_kind(directory) is None
    )


def _release() -> tuple[int, ...]:
    """Return the kernel's major and minor number, as far as they are known."""
    try:
        release = read_at(_MAX_RELEASE, 0, "/proc/sys/kernel/osrelease").decode()
    except OSError:
        return ()
    return tuple(int(number) for number in release.split(".")[:2] if number.isdecimal())


def _syncfs(fd: int) -> bool:
    """Sync the file system of an open directory; return False where that call is not available."""
    import ctypes

    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):  # no C library, or one without the call
        return False
    if syncfs(fd) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EPERM}:  # a sandbox may forbid it
        return False
    raise OSError(number, os.strerror(number))
