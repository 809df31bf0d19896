"""The blobs that one operation supplies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dspyreg.errors import Conflict, Denied, NotFound, StorageError, UsageError
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dspyreg.backends.interface import Blobs, Source
    from dspyreg.errors import RegistryError


class SuppliedBlobs:
    """Blobs that were put for an entry to come, and where their bytes can be read again.

    gc may delete them before the entry is appended: a hook can run for longer than gc's grace.
    """

    def __init__(self, blobs: Blobs, stored: Mapping[Digest, Source] | None = None) -> None:
        self._blobs, self._sources = blobs, dict(stored or {})

    def put(self, fresh: Iterable[bytes]) -> None:
        """Put blobs, each of them once however often the operation is tried."""
        for data in fresh:
            digest = Digest.of(data)
            if digest not in self._sources:
                self._blobs.put(data)
                self._sources[digest] = data

    def put_again(self, missing: Iterable[Digest]) -> Digest | None:
        """Put blobs again that were deleted; return the first that this operation did not supply.

        Raises ``Conflict`` if a file holds other bytes by now.
        """
        for digest in missing:
            source = self._sources.get(digest)
            if source is None:
                return digest
            if self._put(source) != digest:
                raise Conflict("file-changed")
        return None

    def lacks(self, needed: Iterable[Digest], fresh: Iterable[bytes]) -> Digest | None:
        """Return a needed blob that is neither stored nor supplied, None if there is none."""
        supplied = self._sources.keys() | {Digest.of(data) for data in fresh}
        missing = (each for each in needed if self._blobs.stat(each) is None)
        return next((digest for digest in missing if digest not in supplied), None)

    def _put(self, source: Source) -> Digest:
        try:
            return self._blobs.put(source)
        except OSError as error:
            raise unreadable(Path(str(source)), error) from error


def unreadable(path: Path, error: Exception) -> RegistryError:
    """Return the error for a path that cannot be read."""
    if isinstance(error, FileNotFoundError):
        return NotFound("file", str(path))
    if isinstance(error, PermissionError):
        return Denied("path-unreadable", path=str(path), reason=error.strerror)
    if isinstance(error, OSError):
        return StorageError("path-unreadable", path=str(path), reason=error.strerror)
    return UsageError("not-a-path", path=os.fspath(path))
