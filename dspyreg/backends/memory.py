"""A store in memory: for tests and experiments."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO

from dspyreg.backends.interface import Diverged, Listed, Stat, Store
from dspyreg.backends.location import Location
from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.line import genesis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dspyreg.backends.interface import Place, Source
    from dspyreg.model.line import Head, Line


class MemoryBlobs:
    """``Blobs`` in a dict. Tests ``advance`` its clock."""

    def __init__(self) -> None:
        self._stored: dict[Digest, tuple[bytes, float]] = {}
        self._lock = threading.Lock()
        self._advanced = 0.0

    def advance(self, by: timedelta) -> None:
        """Move the storage's clock."""
        self._advanced += by.total_seconds()

    def put(self, source: Source) -> Digest:
        """See ``Blobs``."""
        data = _bytes_of(source)
        digest = Digest.of(data)
        with self._lock:
            self._stored[digest] = data, self._now()
        return digest

    def put_all(self, sources: Iterable[Source]) -> list[Digest]:
        """See ``Blobs``."""
        return [self.put(source) for source in sources]

    def open(self, digest: Digest) -> BinaryIO:
        """See ``Blobs``."""
        stored = self._stored.get(digest)
        if stored is None:
            raise FileNotFoundError(digest)
        return io.BytesIO(stored[0])

    def stat(self, digest: Digest) -> Stat | None:
        """See ``Blobs``."""
        stored = self._stored.get(digest)
        if stored is None:
            return None
        data, since = stored
        return Stat(len(data), timedelta(seconds=self._now() - since))

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        """See ``Blobs``."""
        with self._lock:
            stat = self.stat(digest)
            if stat is None or stat.age < if_older_than:
                return False
            del self._stored[digest]
            return True

    def list(self) -> list[Listed]:
        """See ``Blobs``."""
        now = self._now()
        return [
            Listed(digest, len(data), timedelta(seconds=now - since))
            for digest, (data, since) in self._stored.copy().items()
        ]

    def sweep(self, *, if_older_than: timedelta) -> int:
        """See ``Blobs``."""
        return 0

    def _now(self) -> float:
        return monotonic() + self._advanced


def _bytes_of(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    return source.read() if hasattr(source, "read") else source.read_bytes()


class MemoryJournal:
    """``Journal`` in a list."""

    def __init__(self, start: Head) -> None:
        self._genesis = start
        self._lines: list[Line] = []
        self._lock = threading.RLock()

    def head(self, hint: Head | None = None) -> Head:
        """See ``Journal``."""
        head = self._lines[-1].head if self._lines else self._genesis
        return hint if hint is not None and hint.same(head) else head

    def read(self, after: Head) -> Iterator[Line]:
        """See ``Journal``."""
        if not self._at(after.seq).same(after):
            raise Diverged(after)
        return iter(self._lines[after.seq :])

    def mark(self, head: Head) -> Head:
        """See ``Journal``."""
        return head

    def append(self, after: Head, place: Place) -> Head:
        """See ``Journal``."""
        with self._lock:
            since, head = list(self.read(after)), self.head()
            line = lines.parse(place(since, head)[:-1])
            assert line is not None  # noqa: S101 - place composed it
            assert line.follows(head)  # noqa: S101
            self._lines.append(line)
            return line.head

    @contextmanager
    def turn(self) -> Iterator[None]:
        """See ``Journal``."""
        with self._lock:
            yield

    def settle(self) -> None:
        """See ``Journal``."""

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """See ``Journal``."""
        return ((f"entry {line.seq}", line.data) for line in self._lines)

    def _at(self, seq: int) -> Head:
        if seq > len(self._lines):
            return self.head()
        return self._lines[seq - 1].head if seq else self._genesis


def create() -> Store:
    """Return an empty registry in memory."""
    start = genesis(b"memory\n")
    return Store(
        MemoryBlobs(), MemoryJournal(start), start, "memory", Location("memory", "memory:")
    )
