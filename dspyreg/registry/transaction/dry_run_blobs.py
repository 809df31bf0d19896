"""The blobs of a dry run: readable like those of the store, but never stored."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from dspyreg.backends.interface import Readable


class DryRunBlobs:
    """The blobs of a store, and a few that are not in it."""

    def __init__(self, blobs: Readable, more: tuple[bytes, ...]) -> None:
        self._blobs = blobs
        self._more = {Digest.of(data): data for data in more}

    def open(self, digest: Digest) -> BinaryIO:
        """See ``Blobs``."""
        if digest in self._more:
            return io.BytesIO(self._more[digest])
        return self._blobs.open(digest)
