"""The two ports of a store: ``Blobs``, which never change, and ``Journal``, which only grows.

tests/contracts holds the promises below as one test class per port; every backend passes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import Path

    from dspyreg.backends.location import Location
    from dspyreg.model.digest import Digest
    from dspyreg.model.line import Head, Line

    Source = bytes | BinaryIO | Path
    Place = Callable[[Sequence[Line], Head], bytes]


class Stat:
    """A blob's size in bytes, and how long ago it was last put, by the storage's clock."""

    __slots__ = ("age", "size")

    def __init__(self, size: int, age: timedelta) -> None:
        self.size, self.age = size, age


class Listed(NamedTuple):
    """A blob in a listing: its digest, its size in bytes, and how long ago it was last put."""

    digest: Digest
    size: int
    age: timedelta


class Diverged(Exception):
    """The head that a caller names is not in this log, which is shorter, other, or broken there."""

    def __init__(self, head: Head) -> None:
        super().__init__(f"entry {head.seq} ({head.id}) is not in this log")
        self.head = head


class SyncFailed(Exception):
    """The storage failed and nobody can tell whether it kept the last line."""


class Readable(Protocol):
    """Blobs that can be read."""

    def open(self, digest: Digest) -> BinaryIO:
        """Return the stored bytes, unchecked, to read from. Raises ``FileNotFoundError``."""


class Blobs(Readable, Protocol):
    """Bytes under their own digest; a blob may be larger than memory."""

    def put(self, source: Source) -> Digest:
        """Store a copy and return its digest; durable on return.

        An existing blob is replaced: that renews its age, and heals a damaged one. Raises
        ``StorageError``; ``OSError`` only for a source that cannot be read.
        """

    def put_all(self, sources: Iterable[Source]) -> list[Digest]:
        """Store a copy of each source, as ``put`` does, and return their digests in order.

        All are durable on return, and none need be before. After an error, the sources before it
        may be stored. Raises what ``put`` raises, and what iterating raises.
        """

    def stat(self, digest: Digest) -> Stat | None:
        """Return a blob's size and age; None if it is not there."""

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        """Remove a blob of at least that age, atomically: no ``put`` can come between the check
        and the removal. Return False if it was younger, or not there.
        """

    def list(self) -> Iterable[Listed]:
        """Return every blob."""

    def sweep(self, *, if_older_than: timedelta) -> int:
        """Remove the temporary files of dead writers; return the number of bytes freed."""


class Journal(Protocol):
    """Lines in order, each hashed over the one before. Reads see whole entries only.

    Threads may share a journal: their writes exclude each other as those of processes do, and
    reads wait for no writer. A turn belongs to the thread that took it.
    """

    def head(self, hint: Head | None = None) -> Head:
        """Return the head of the log. ``hint``, an earlier head, makes that quick if little was
        appended since; if nothing was, the very same object is returned. Raises ``Corrupt``.
        """

    def read(self, after: Head) -> Iterator[Line]:
        """Return the lines after a head, without gaps, each checked against the one before.

        Raises ``Diverged``, ``Corrupt``.
        """

    def mark(self, head: Head) -> Head:
        """Return a head that can be distinguished from one of a copy of this log.

        A reader that returns with it, and finds its entry torn, gets ``Corrupt`` in this log alone.
        """

    def append(self, after: Head, place: Place) -> Head:
        """Append the line that ``place`` returns for the lines since ``after`` and the head they
        lead to; all or nothing, durable on return.

        ``place`` may be called twice, and may raise: then nothing is appended. Raises
        ``Diverged``, ``Corrupt``, ``StorageError``, ``SyncFailed``.
        """

    def turn(self) -> AbstractContextManager[None]:
        """Exclude all other writers until the context ends; ``append`` works inside.

        Others wait meanwhile, so do nothing slow in it. Raises ``StorageError``, ``Denied``.
        """

    def settle(self) -> None:
        """Make the lines of other writers durable, and mend a tail that a crash left."""

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """Return every line, valid or not, with its place in the storage.

        Ends with ``("torn", bytes)`` if there is a tail that a writer would cut off.
        """


class Store:
    """A store: both ports, the head of its log before the first entry, and its location. Refs and
    index are kept beside it if that is a directory.
    """

    __slots__ = ("blobs", "genesis", "journal", "location", "registry_id")

    def __init__(
        self,
        blobs: Blobs,
        journal: Journal,
        genesis: Head,
        registry_id: str,
        location: Location,
    ) -> None:
        self.blobs, self.journal, self.genesis = blobs, journal, genesis
        self.registry_id, self.location = registry_id, location
