"""The two ports of a registry: ``Blobs``, which never change, and ``Journal``, which only grows.

tests/contracts holds the promises below as one test class per port; every backend passes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import Path

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
    """The head that a caller speaks of is not in this log: shorter, other, or broken there."""

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

        Always moves its fresh copy into place: that renews the blob's age and heals a damaged
        one. Raises ``StorageError``; ``OSError`` only for a source that cannot be read.
        """

    def put_all(self, sources: Iterable[Source]) -> list[Digest]:
        """Store a copy of each source, as ``put`` does, and return their digests in order.

        All are durable on return, and none need be before. An error leaves those that were
        stored before it. Raises what ``put`` raises, and what iterating raises.
        """

    def stat(self, digest: Digest) -> Stat | None:
        """Return a blob's size and age, None if it is not there."""

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        """Remove a blob of at least that age, in one step: no ``put`` can fall between the check
        and the removal. False if it was younger, or not there.
        """

    def list(self) -> Iterable[Listed]:
        """Return every blob."""

    def sweep(self, *, if_older_than: timedelta) -> int:
        """Remove what dead writers left behind; return how many bytes that freed."""


class Journal(Protocol):
    """Lines in order, each hashed over the one before. Reads see whole entries only.

    Threads may share a journal: their writes exclude each other as those of processes do, and
    reads wait for no writer. A turn belongs to the thread that took it.
    """

    def head(self, hint: Head | None = None) -> Head:
        """Return where the log stands. ``hint`` makes it quick if nothing, or little, has come
        since. The very same object comes back if nothing has. Raises ``Corrupt``.
        """

    def read(self, after: Head) -> Iterator[Line]:
        """Return the lines after a head, without gaps, each checked against the one before.

        Raises ``Diverged``, ``Corrupt``.
        """

    def mark(self, head: Head) -> Head:
        """Return a head that can be told from one of a copy of this log. A reader that comes back
        with it, and finds its entry torn, learns of damage (``Corrupt``) only where it was marked.
        """

    def append(self, after: Head, place: Place) -> Head:
        """Append the line that ``place`` makes of the lines since ``after`` and the head they
        lead to; all or nothing, durable on return.

        ``place`` may be called again, and may raise: then nothing is appended. Raises
        ``Diverged``, ``Corrupt``, ``StorageError``, ``SyncFailed``.
        """

    def turn(self) -> AbstractContextManager[None]:
        """Keep everybody else from appending until the context ends; ``append`` works inside.

        Others wait meanwhile, so nothing slow belongs in it. Raises ``StorageError``, ``Denied``.
        """

    def settle(self) -> None:
        """Make durable what others wrote, and mend what a crash left at the end."""

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """Return every line as it stands, good or bad, with the place where it stands.

        Ends with ``("torn", bytes)`` if there is a tail that a writer would cut.
        """


class Store:
    """A backend: both ports, the head of its log before the first entry, and, where there is
    one, the directory that refs and index may live in.
    """

    __slots__ = ("blobs", "directory", "genesis", "journal", "registry_id", "where")

    def __init__(
        self,
        blobs: Blobs,
        journal: Journal,
        genesis: Head,
        registry_id: str,
        where: str,
        directory: Path | None,
    ) -> None:
        self.blobs, self.journal, self.genesis = blobs, journal, genesis
        self.registry_id, self.where, self.directory = registry_id, where, directory
