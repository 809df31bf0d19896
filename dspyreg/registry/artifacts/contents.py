"""The bytes of the files in a registration, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_KEPT: Final = 64 << 20  # bytes: as much as the largest state that is read


class Contents(Mapping[str, bytes]):
    """The bytes of files by name; a file is read on access.

    The first ones stay in memory. Of the others only the digest does: a file must not change
    between two reads, because the bytes searched for secrets are the bytes that are stored.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._kept: dict[str, bytes] = {}
        self._digests: dict[str, Digest] = {}
        self._room = _MAX_KEPT

    def __getitem__(self, name: str) -> bytes:
        """Return the bytes of a file. Raises ``OSError``, and ``Conflict`` if it has changed."""
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        path = self._paths[name]
        content = path.read_bytes()
        if name in self._digests:
            if Digest.of(content) != self._digests[name]:
                raise Conflict("input-changed", path=path)
        elif len(content) <= self._room:
            self._room -= len(content)
            self._kept[name] = content
        else:
            self._digests[name] = Digest.of(content)
        return content

    def source(self, name: str) -> bytes | Path:
        """Return the bytes of a file if they are in memory, else its path."""
        return self._kept.get(name, self._paths[name])

    def replaced(self, contents: Mapping[str, bytes]) -> Contents:
        """Return a copy with other bytes for some files."""
        copy = Contents(self._paths)
        copy._kept, copy._digests = {**self._kept, **contents}, self._digests
        copy._room = self._room
        return copy

    def __contains__(self, name: object) -> bool:
        """Return whether a file exists, without reading it."""
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
