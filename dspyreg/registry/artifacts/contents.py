"""The bytes of the files that somebody wants to register, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEPT: Final = 64 << 20  # bytes: as much as the largest state that is read


class Contents(Mapping[str, bytes]):
    """The bytes of files by name, each file read when it is asked for.

    The first ones stay in memory. Of the others only the digest does: a file that is read again
    must still be what it was, for what was searched for secrets is what is stored.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._kept: dict[str, bytes] = {}
        self._digests: dict[str, Digest] = {}
        self._room = _KEPT

    def __getitem__(self, name: str) -> bytes:
        """Return the bytes of a file. Raises ``OSError``, and ``Conflict`` if it has changed."""
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        path = self._paths[name]
        content = path.read_bytes()
        if name in self._digests:
            if Digest.of(content) != self._digests[name]:
                raise Conflict(f"{path} changed while it was being read", hint="try again")
        elif len(content) <= self._room:
            self._room -= len(content)
            self._kept[name] = content
        else:
            self._digests[name] = Digest.of(content)
        return content

    def source(self, name: str) -> bytes | Path:
        """Return what a file can be read from again: its bytes if they are in memory, else its
        path.
        """
        return self._kept.get(name, self._paths[name])

    def replaced(self, contents: Mapping[str, bytes]) -> Contents:
        """Return the same with other bytes for some files."""
        copy = Contents(self._paths)
        copy._kept, copy._digests = {**self._kept, **contents}, self._digests
        copy._room = self._room
        return copy

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a file, without reading it."""
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
