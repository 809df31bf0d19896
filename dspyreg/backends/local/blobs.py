"""``Blobs`` as files; ``objects`` says how they are laid out and locked."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO, Final

from dspyreg.backends.interface import Listed, Stat
from dspyreg.backends.local.files import (
    entered,
    failure,
    locked,
    make_directory,
    open_regular,
    stat_regular,
    sync,
    sync_directory,
)
from dspyreg.backends.local.objects import TEMPORARY, Objects, write
from dspyreg.backends.opening import open_without_waiting
from dspyreg.errors import Conflict, Corrupt, UsageError
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Source

_SHARD = r"[0-9a-f]{2}"
_REST = r"[0-9a-f]{62}"
_SMALL: Final = 1 << 20  # bytes
_FEW: Final = 16
_BUFFER: Final = 16 << 10  # with a size given, Python does not check for a terminal


class LocalBlobs:
    """``Blobs`` in a directory."""

    def __init__(self, directory: Path) -> None:
        self._objects = Objects(directory)
        self._clock = 0.0, 0.0

    def put(self, source: Source) -> Digest:
        """See ``Blobs``. Raises ``Conflict`` if a file changes while it is copied."""
        return self._put(source, self._put_bytes)

    def put_all(self, sources: Iterable[Source]) -> list[Digest]:
        """See ``Blobs``. The first few are put one by one: a sync of the whole file system, which
        others may be writing to, pays only for many.
        """
        remaining = iter(sources)
        digests = [self.put(source) for source in islice(remaining, _FEW)]
        if len(digests) == _FEW:
            from dspyreg.backends.local.batch import BlobBatch

            with BlobBatch(self._objects) as batch:
                digests += (self._put(source, batch.put_bytes) for source in remaining)
        return digests

    def open(self, digest: Digest) -> BinaryIO:
        """See ``Blobs``."""
        name = digest.hex
        fd = open_regular(self._objects.path, name[:2], name[2:])
        return os.fdopen(fd, "rb", _BUFFER)

    def stat(self, digest: Digest) -> Stat | None:
        """See ``Blobs``."""
        try:
            status = stat_regular(self._objects.path, digest.hex[:2], digest.hex[2:])
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failure("blob-unreadable", error, digest=digest) from error
        return Stat(status.st_size, self._age(status))

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        """See ``Blobs``."""
        try:
            with locked(self._objects.path, digest.hex[:2]) as shard:
                status = stat_regular(self._objects.path, digest.hex[:2], digest.hex[2:])
                if self._age(status) < if_older_than:
                    return False
                os.unlink(digest.hex[2:], dir_fd=shard)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise failure("file-not-deleted", error, path=digest) from error
        return True

    def list(self) -> Iterator[Listed]:
        """See ``Blobs``."""
        for shard in self._objects.names():
            if re.fullmatch(_SHARD, shard):
                for name in self._objects.names(shard):
                    if re.fullmatch(_REST, name):
                        yield from self._listed(Digest(f"b3:{shard}{name}"))

    def _listed(self, digest: Digest) -> Iterator[Listed]:
        try:
            blob = self.stat(digest)
        except Corrupt:  # opening it says what it is; it is never old enough to be deleted
            yield Listed(digest, 0, timedelta.min)
        else:
            if blob is not None:  # else it was deleted meanwhile
                yield Listed(digest, blob.size, blob.age)

    def sweep(self, *, if_older_than: timedelta) -> int:
        """See ``Blobs``. Only regular files are removed: a writer leaves nothing else behind."""
        freed = 0
        for name in self._objects.names():
            if name.startswith(TEMPORARY):
                freed += self._sweep_one(name, if_older_than)
        return freed

    def _sweep_one(self, name: str, if_older_than: timedelta) -> int:
        try:
            with entered(self._objects.path) as objects:
                status = os.stat(name, dir_fd=objects, follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode) or self._age(status) < if_older_than:
                    return 0
                os.unlink(name, dir_fd=objects)
        except FileNotFoundError:
            return 0
        except OSError as error:
            path = f"{self._objects.path}/{name}"
            raise failure("file-not-deleted", error, path=path) from error
        return status.st_size

    def _age(self, status: os.stat_result) -> timedelta:
        return timedelta(seconds=max(0.0, self._now() - status.st_mtime))

    def _now(self) -> float:
        """Return the time by the storage's clock, which is read at most once a second."""
        time, read_at = self._clock
        elapsed = monotonic() - read_at
        if time and elapsed < 1.0:
            return time + elapsed
        self._clock = self._storage_time(), monotonic()
        return self._clock[0]

    def _storage_time(self) -> float:
        """Return the time that the storage writes on a new file. Where none can be made, return 0:
        then nothing is old.
        """
        temporary = self._objects.temporary()
        try:
            fd = self._objects.create(temporary)
            try:
                return os.fstat(fd).st_mtime
            finally:
                os.close(fd)
                temporary.unlink()
        except OSError:
            return 0.0

    def _put(self, source: Source, put_bytes: Callable[[bytes], Digest]) -> Digest:
        """Store a source: a small one by ``put_bytes``, a large one as a stream."""
        if isinstance(source, bytes):
            return put_bytes(source)
        if not isinstance(source, os.PathLike):
            return self._put_stream(source, put_bytes)
        with open(source, "rb", 0, opener=open_without_waiting) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise UsageError("source-not-regular", path=source)
            digest = self._put_stream(file, put_bytes)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Conflict("source-changed", path=source)
        return digest

    def _put_stream(self, source: BinaryIO, put_bytes: Callable[[bytes], Digest]) -> Digest:
        size = _size(source)
        if size is not None and size <= _SMALL:
            return put_bytes(source.read())
        from dspyreg.backends.local.copy import copy_file, copy_stream

        if size is None:
            return self._store(lambda fd: copy_stream(source, fd))
        # tell(), because the stream reads ahead of what its descriptor's position says
        return self._store(lambda fd: copy_file(source.fileno(), source.tell(), fd))

    def _put_bytes(self, data: bytes) -> Digest:
        def write_content(fd: int) -> Digest:
            write(fd, data)
            sync(fd)
            return Digest.of(data)

        return self._store(write_content)

    def _store(self, write_content: Callable[[int], Digest]) -> Digest:
        temporary = self._objects.temporary()
        try:
            digest = self._objects.fill(temporary, write_content)
            self._move(temporary, digest)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError):
                raise failure("blob-not-stored", error) from error
            raise
        return digest

    def _move(self, temporary: Path, digest: Digest) -> None:
        shard = digest.hex[:2]
        if make_directory(self._objects.path, shard):
            sync_directory(self._objects.directory)
        with (
            entered(self._objects.path) as objects,
            locked(self._objects.path, shard, shared=True) as fd,
        ):
            self._objects.rename(temporary, digest, objects, fd)
            os.fsync(fd)


def _size(source: BinaryIO) -> int | None:
    """Return the size of a regular file; None for a pipe or an object without a descriptor."""
    try:
        status = os.fstat(source.fileno())
    except (OSError, AttributeError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
