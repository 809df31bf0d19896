"""The blobs that one operation brings with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dspyreg.errors import Conflict
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dspyreg.backends.interface import Blobs, Source


class Stock:
    """Blobs that were put for an entry to come, and where their bytes can be had again.

    gc may take them before the entry is appended: a hook can run for longer than gc's grace.
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
        """Put blobs that went meanwhile; return the first that this operation did not bring.

        Raises ``Conflict`` if a file holds other bytes by now.
        """
        for digest in missing:
            source = self._sources.get(digest)
            if source is None:
                return digest
            if self._put(source) != digest:
                raise Conflict("a file changed while it was being registered", hint="try again")
        return None

    def lacks(self, needed: Iterable[Digest], fresh: Iterable[bytes]) -> Digest | None:
        """Return a needed blob that is neither stored nor brought, None if there is none."""
        brought = self._sources.keys() | {Digest.of(data) for data in fresh}
        missing = (each for each in needed if self._blobs.stat(each) is None)
        return next((digest for digest in missing if digest not in brought), None)

    def _put(self, source: Source) -> Digest:
        try:
            return self._blobs.put(source)
        except OSError as error:
            from dspyreg.registry.artifacts.files import unreadable

            raise unreadable(Path(str(source)), error) from error
