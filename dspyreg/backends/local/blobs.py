"""Blobs as files: ``objects/1f/2e3d…``, named by the BLAKE3 of their bytes.

A blob appears under its name whole or not at all: it is copied to a temporary file, synced,
renamed, and the directory synced. A shard's directory carries the lock that keeps ``delete``
apart from ``put``.
"""

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
    open_directory,
    open_regular,
    stat_regular,
    sync,
    sync_directory,
)
from dspyreg.errors import Conflict, Corrupt, UsageError
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Source

_SHARD = r"[0-9a-f]{2}"
_REST = r"[0-9a-f]{62}"
_TEMPORARY: Final = "tmp-"
_SMALL: Final = 1 << 20
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_RDWR
_FEW: Final = 16
_BUFFER: Final = 16 << 10  # if it is not said, Python asks whether a file is a terminal


class LocalBlobs:
    """``Blobs`` in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._objects = directory, str(directory)
        self._clock = 0.0, 0.0

    def put(self, source: Source) -> Digest:
        """See ``Blobs``. Raises ``Conflict`` if a file changes while it is copied."""
        if isinstance(source, bytes):
            return self._put_bytes(source)
        if not isinstance(source, os.PathLike):
            return self._put_stream(source)
        with open(source, "rb", 0, opener=_open_without_waiting) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise UsageError(f"{source} is not a regular file")
            digest = self._put_stream(file)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Conflict(f"{source} changed while it was being read")
        return digest

    def put_all(self, sources: Iterable[Source]) -> list[Digest]:
        """See ``Blobs``. The first few are put one by one: to sync a whole file system pays for
        many alone, and others may have much to write on it.
        """
        remaining = iter(sources)
        digests = [self.put(source) for source in islice(remaining, _FEW)]
        if len(digests) == _FEW:
            from dspyreg.backends.local.many import ManyBlobs

            with ManyBlobs(self._directory) as many:
                digests += map(many.put, remaining)
        return digests

    def open(self, digest: Digest) -> BinaryIO:
        """See ``Blobs``."""
        fd = open_regular(self._objects, digest.hex[:2], digest.hex[2:])
        return os.fdopen(fd, "rb", _BUFFER)

    def stat(self, digest: Digest) -> Stat | None:
        """See ``Blobs``."""
        try:
            there = stat_regular(self._objects, digest.hex[:2], digest.hex[2:])
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failure(f"cannot look at {digest}", error) from error
        return Stat(there.st_size, self._age(there))

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        """See ``Blobs``."""
        try:
            with locked(self._objects, digest.hex[:2]) as shard:
                there = stat_regular(self._objects, digest.hex[:2], digest.hex[2:])
                if self._age(there) < if_older_than:
                    return False
                os.unlink(digest.hex[2:], dir_fd=shard)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise failure(f"cannot delete {digest}", error) from error
        return True

    def list(self) -> Iterator[Listed]:
        """See ``Blobs``."""
        for shard in self._names():
            if re.fullmatch(_SHARD, shard):
                for blob in self._names(shard):
                    if re.fullmatch(_REST, blob):
                        yield from self._listed(Digest(f"b3:{shard}{blob}"))

    def _listed(self, digest: Digest) -> Iterator[Listed]:
        try:
            there = self.stat(digest)
        except Corrupt:  # to open it says what it is; it is never old enough to be deleted
            yield Listed(digest, 0, timedelta.min)
        else:
            if there is not None:  # it was not deleted meanwhile
                yield Listed(digest, there.size, there.age)

    def sweep(self, *, if_older_than: timedelta) -> int:
        """See ``Blobs``. Only regular files are removed: a writer leaves nothing else behind."""
        freed = 0
        for name in self._names():
            if name.startswith(_TEMPORARY):
                freed += self._sweep_one(name, if_older_than)
        return freed

    def _sweep_one(self, name: str, if_older_than: timedelta) -> int:
        try:
            with entered(self._objects) as objects:
                there = os.stat(name, dir_fd=objects, follow_symlinks=False)
                if not stat.S_ISREG(there.st_mode) or self._age(there) < if_older_than:
                    return 0
                os.unlink(name, dir_fd=objects)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise failure(f"cannot delete {self._objects}/{name}", error) from error
        return there.st_size

    def _names(self, *below: str) -> tuple[str, ...]:
        try:
            fd = open_directory(self._objects, *below)
            try:
                return tuple(sorted(os.listdir(fd)))
            finally:
                os.close(fd)
        except FileNotFoundError:  # git keeps no empty directory
            return ()
        except OSError as error:
            where = "/".join((self._objects, *below))
            raise failure(f"cannot list {where}", error) from error

    def _age(self, there: os.stat_result) -> timedelta:
        return timedelta(seconds=max(0.0, self._now() - there.st_mtime))

    def _now(self) -> float:
        """The storage's own clock, which goes on by itself for a second."""
        told, at = self._clock
        elapsed = monotonic() - at
        if told and elapsed < 1.0:
            return told + elapsed
        self._clock = self._ask_the_storage(), monotonic()
        return self._clock[0]

    def _ask_the_storage(self) -> float:
        """What it writes on a new file; where none can be made, nothing is old."""
        name = f"{_TEMPORARY}{os.urandom(8).hex()}"
        try:
            fd = open_regular(self._objects, name, flags=_NEW)
            try:
                return os.fstat(fd).st_mtime
            finally:
                os.close(fd)
                (self._directory / name).unlink()
        except OSError:
            return 0.0

    def _put_stream(self, source: BinaryIO) -> Digest:
        size = _size(source)
        if size is not None and size <= _SMALL:
            return self._put_bytes(source.read())
        from dspyreg.backends.local.copy import copy_file, copy_stream

        if size is None:
            return self._store(lambda fd: copy_stream(source, fd))
        # the descriptor of a stream may be further than the stream, which reads ahead
        return self._store(lambda fd: copy_file(source.fileno(), source.tell(), fd))

    def _put_bytes(self, data: bytes) -> Digest:
        def fill(fd: int) -> Digest:
            write(fd, data)
            sync(fd)
            return Digest.of(data)

        return self._store(fill)

    def _temporary(self) -> Path:
        return self._directory / f"{_TEMPORARY}{os.urandom(8).hex()}"

    def _store(self, fill: Callable[[int], Digest]) -> Digest:
        temporary = self._temporary()
        try:
            digest = self._filled(temporary, fill)
            self._move(temporary, digest)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError):
                raise failure("cannot store a blob", error) from error
            raise
        return digest

    def _filled(self, temporary: Path, fill: Callable[[int], Digest]) -> Digest:
        make_directory(self._objects)
        fd = open_regular(self._objects, temporary.name, flags=_NEW)
        try:
            return fill(fd)
        finally:
            os.close(fd)

    def _move(self, temporary: Path, digest: Digest) -> None:
        shard = digest.hex[:2]
        if make_directory(self._objects, shard):
            sync_directory(self._directory)
        with (
            entered(self._objects) as objects,
            locked(self._objects, shard, shared=True) as fd,
        ):
            self._rename(temporary, digest, objects, fd)
            os.fsync(fd)

    def _rename(self, temporary: Path, digest: Digest, objects: int, shard: int) -> None:
        """Give a temporary file a blob's name; both directories are open."""
        rest = digest.hex[2:]
        try:
            os.rename(temporary.name, rest, src_dir_fd=objects, dst_dir_fd=shard)
        except IsADirectoryError:
            stat_regular(self._objects, digest.hex[:2], rest)  # raises what names it
            raise


def _open_without_waiting(path: str, flags: int) -> int:
    """Open what may have become a FIFO since somebody looked."""
    return os.open(path, flags | os.O_NONBLOCK)


def _size(source: BinaryIO) -> int | None:
    """The size of a regular file; None for a pipe or an object without a descriptor."""
    try:
        there = os.fstat(source.fileno())
    except (OSError, AttributeError):
        return None
    return there.st_size if stat.S_ISREG(there.st_mode) else None


def write(fd: int, data: bytes) -> None:
    """Write all of some bytes where a file stands."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
