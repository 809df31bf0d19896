"""The note of which end of the log is on the disk (docs/reference/format.md, "The end that is
synced"): who finds it true need not sync what another wrote.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 256


class Synced:
    """The note; whoever asks it or changes it holds the lock on the log.

    It names the segment's inode, for a copy of a store need not be on the disk, and it may be gone
    or out of date: then an end is synced once more.
    """

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._known = ""

    def holds(self, end: str, segment: str) -> bool:
        """Is this end of a segment, ``OFFSET ID``, surely on the disk? Raises ``OSError``."""
        told = _told(end, segment)
        return told == self._known or told == self._noted()

    def note(self, end: str, segment: str) -> None:
        """Note that this end was synced. Whatever fails here, the line has been written."""
        with suppress(OSError):  # the next writer has to sync then
            self._known = _told(end, segment)
            fd = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o666)
            try:
                os.pwrite(fd, self._known.encode() + b"\n", 0)
            finally:
                os.close(fd)

    def _noted(self) -> str | None:
        try:
            with open(self._path, "rb", buffering=0) as file:
                first, end, _ = (file.read(_LONGEST) or b"").partition(b"\n")
        except OSError:
            return None
        return first.decode("latin-1") if end else None


def _told(end: str, segment: str) -> str:
    return f"{os.path.basename(segment)} {os.stat(segment).st_ino} {end}"
