"""The note of which end of the log is on the disk (docs/reference/format.md, "The end that is
synced"): who finds it true need not sync what another wrote.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from dspyreg.backends.local.files import open_regular, read_at
from dspyreg.errors import Corrupt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LONGEST: Final = 256


class Synced:
    """The note; whoever asks it or changes it holds the lock on the log.

    An end is ``SEGMENT INODE OFFSET ID``: a copy of a store, which need not be on the disk, has
    other inodes. The note may be gone or out of date: then an end is synced once more.
    """

    def __init__(self, path: Path, tell: Callable[[str], None] = lambda _: None) -> None:
        self._path, self._tell = str(path), tell

    def holds(self, end: str) -> bool:
        """Is this end surely on the disk?"""
        try:
            return read_at(_LONGEST, 0, self._path).startswith(end.encode() + b"\n")
        except (OSError, Corrupt):
            return False

    def note(self, end: str) -> None:
        """Note that this end was synced. Whatever fails here, the line has been written."""
        with suppress(OSError):  # the next writer has to sync then
            fd = self._opened()
            try:
                os.pwrite(fd, end.encode() + b"\n", 0)
            finally:
                os.close(fd)

    def _opened(self) -> int:
        """Open the note to write into it, in a file of its own. Raises ``OSError``."""
        try:
            fd = open_regular(self._path, flags=os.O_CREAT | os.O_WRONLY)
            if os.fstat(fd).st_nlink == 1:
                return fd
            os.close(fd)
            what = "has several names (hard links)"
        except Corrupt as error:
            what = error.what
        self._remove(what)
        return open_regular(self._path, flags=os.O_CREAT | os.O_EXCL | os.O_WRONLY)

    def _remove(self, what: str) -> None:
        """Remove what is no file of ours: a link, and never what it leads to."""
        try:
            is_directory = stat.S_ISDIR(os.lstat(self._path).st_mode)
            (os.rmdir if is_directory else os.unlink)(self._path)
        except OSError as error:
            self._tell(f"{self._path}: {what}; it cannot be replaced: {error.strerror}")
            raise
        self._tell(f"{self._path}: {what}; replaced")
