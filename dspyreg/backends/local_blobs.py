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
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO, Final

from dspyreg.backends.interface import Listed, Stat
from dspyreg.backends.local_files import failure, locked, sync, sync_directory
from dspyreg.errors import Conflict
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Source

_SHARD = r"[0-9a-f]{2}"
_REST = r"[0-9a-f]{62}"
_TEMPORARY: Final = "tmp-"
_SMALL: Final = 1 << 20
_BUFFER: Final = 16 << 10  # if it is not said, Python asks whether a file is a terminal


class LocalBlobs:
    """``Blobs`` in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._clock = 0.0, 0.0

    def put(self, source: Source) -> Digest:
        """See ``Blobs``. Raises ``Conflict`` if a file changes while it is copied."""
        if isinstance(source, bytes):
            return self._put_bytes(source)
        if not isinstance(source, os.PathLike):
            return self._put_stream(source)
        with open(source, "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            digest = self._put_stream(file)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Conflict(f"{source} changed while it was being read")
        return digest

    def open(self, digest: Digest) -> BinaryIO:
        """See ``Blobs``."""
        return open(self._file(digest), "rb", _BUFFER)

    def stat(self, digest: Digest) -> Stat | None:
        """See ``Blobs``."""
        try:
            there = os.stat(self._file(digest))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failure(f"cannot look at {digest}", error) from error
        return Stat(there.st_size, self._age(there))

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        """See ``Blobs``."""
        path = self._path(digest)
        try:
            with locked(path.parent):
                if self._age(path.stat()) < if_older_than:
                    return False
                path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise failure(f"cannot delete {digest}", error) from error
        return True

    def list(self) -> Iterator[Listed]:
        """See ``Blobs``."""
        for shard in self._entries(self._directory):
            if re.fullmatch(_SHARD, shard.name):
                for blob in self._entries(shard):
                    if re.fullmatch(_REST, blob.name):
                        digest = Digest(f"b3:{shard.name}{blob.name}")
                        there = self.stat(digest)
                        if there is not None:  # it was not deleted meanwhile
                            yield Listed(digest, there.size, there.age)

    def sweep(self, *, if_older_than: timedelta) -> int:
        """See ``Blobs``."""
        freed = 0
        for path in self._entries(self._directory):
            if path.name.startswith(_TEMPORARY):
                freed += self._sweep_one(path, if_older_than)
        return freed

    def _sweep_one(self, path: Path, if_older_than: timedelta) -> int:
        try:
            there = path.stat()
            if self._age(there) < if_older_than:
                return 0
            path.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise failure(f"cannot delete {path}", error) from error
        return there.st_size

    def _entries(self, directory: Path) -> tuple[Path, ...]:
        try:
            return tuple(sorted(directory.iterdir()))
        except FileNotFoundError:  # git keeps no empty directory
            return ()
        except OSError as error:
            raise failure(f"cannot list {directory}", error) from error

    def _path(self, digest: Digest) -> Path:
        return self._directory / digest.hex[:2] / digest.hex[2:]

    def _file(self, digest: Digest) -> str:  # a path costs more than to open it
        return f"{self._directory}/{digest.hex[:2]}/{digest.hex[2:]}"

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
        path = self._directory / f"{_TEMPORARY}{os.urandom(8).hex()}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return path.stat().st_mtime
        except OSError:
            return 0.0
        finally:
            with suppress(OSError):
                path.unlink()

    def _put_stream(self, source: BinaryIO) -> Digest:
        size = _size(source)
        if size is not None and size <= _SMALL:
            return self._put_bytes(source.read())
        from dspyreg.backends.local_copy import copy_file, copy_stream

        if size is None:
            return self._store(lambda fd: copy_stream(source, fd))
        # the descriptor of a stream may be further than the stream, which reads ahead
        return self._store(lambda fd: copy_file(source.fileno(), source.tell(), fd))

    def _put_bytes(self, data: bytes) -> Digest:
        return self._store(lambda fd: _write(fd, data))

    def _store(self, fill: Callable[[int], Digest]) -> Digest:
        temporary = self._directory / f"{_TEMPORARY}{os.urandom(8).hex()}"
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
        self._directory.mkdir(exist_ok=True)
        fd = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        try:
            return fill(fd)
        finally:
            os.close(fd)

    def _move(self, temporary: Path, digest: Digest) -> None:
        path = self._path(digest)
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            sync_directory(self._directory)
        with locked(path.parent, shared=True) as shard:
            temporary.rename(path)
            os.fsync(shard)


def _size(source: BinaryIO) -> int | None:
    """The size of a regular file; None for a pipe or an object without a descriptor."""
    try:
        there = os.fstat(source.fileno())
    except (OSError, AttributeError):
        return None
    return there.st_size if stat.S_ISREG(there.st_mode) else None


def _write(fd: int, data: bytes) -> Digest:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    sync(fd)
    return Digest.of(data)
