"""The note of which end of the log is on the disk (docs/reference/format.md, "The end that is
synced"): who finds it true need not sync what another wrote.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from dspyreg.backends.local_files import read_at

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 256


class Synced:
    """The note; whoever asks it or changes it holds the lock on the log.

    An end is ``SEGMENT INODE OFFSET ID``: a copy of a store, which need not be on the disk, has
    other inodes. The note may be gone or out of date: then an end is synced once more.
    """

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def holds(self, end: str) -> bool:
        """Is this end surely on the disk?"""
        try:
            return read_at(self._path, _LONGEST, 0).startswith(end.encode() + b"\n")
        except OSError:
            return False

    def note(self, end: str) -> None:
        """Note that this end was synced. Whatever fails here, the line has been written."""
        with suppress(OSError):  # the next writer has to sync then
            fd = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o666)
            try:
                os.pwrite(fd, end.encode() + b"\n", 0)
            finally:
                os.close(fd)
