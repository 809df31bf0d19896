"""The directory of the blobs: ``objects/1f/2e3d…``, named by the BLAKE3 of their bytes.

A blob appears under its name complete or not at all: its bytes are written to a temporary file
beside the shards and synced; the file is renamed into its shard, and the shard is synced. A shard
is locked while that happens: shared by those who put, exclusively by those who delete.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from dspyreg.backends.local.files import (
    failure,
    make_directory,
    open_directory,
    open_regular,
    stat_regular,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.model.digest import Digest

TEMPORARY: Final = "tmp-"
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_RDWR


class Objects:
    """The files below ``objects/``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = str(directory)

    def names(self, *below: str) -> tuple[str, ...]:
        """Return the names in the directory, or in a shard of it. Raises ``StorageError``."""
        try:
            fd = open_directory(self.path, *below)
            try:
                return tuple(sorted(os.listdir(fd)))
            finally:
                os.close(fd)
        except FileNotFoundError:  # git keeps no empty directory
            return ()
        except OSError as error:
            path = "/".join((self.path, *below))
            raise failure("blobs-not-listed", error, path=path) from error

    def temporary(self) -> Path:
        """Return the path of a temporary file that does not exist yet."""
        return self.directory / f"{TEMPORARY}{os.urandom(8).hex()}"

    def create(self, temporary: Path) -> int:
        """Create a temporary file and return its descriptor."""
        return open_regular(self.path, temporary.name, flags=_NEW)

    def fill(self, temporary: Path, write_content: Callable[[int], Digest]) -> Digest:
        """Create a temporary file, write its content, and return what ``write_content`` returns."""
        make_directory(self.path)
        fd = self.create(temporary)
        try:
            return write_content(fd)
        finally:
            os.close(fd)

    def rename(self, temporary: Path, digest: Digest, objects: int, shard: int) -> None:
        """Rename a temporary file to a blob's name; the descriptors are of both directories."""
        name = digest.hex[2:]
        try:
            os.rename(temporary.name, name, src_dir_fd=objects, dst_dir_fd=shard)
        except IsADirectoryError:
            stat_regular(
                self.path, digest.hex[:2], name
            )  # raises Corrupt, which says what is there
            raise


def write(fd: int, data: bytes) -> None:
    """Write all bytes at the current position of a file."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
