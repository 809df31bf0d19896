"""The note of the end of the log that is synced (docs/reference/format.md, "The end that is
synced").

A writer must sync the line before its own, unless it knows that its writer did. The note tells:
``SEGMENT INODE OFFSET ID`` of the last end that was synced. A copy of a store, which need not be on
the disk, has other inodes. The note itself is not synced: if it is lost or out of date, the end is
synced once more.
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

_MAX_NOTE: Final = 256  # bytes


class SyncedEnd:
    """The note. Its callers hold the lock on the log."""

    def __init__(self, path: Path, tell: Callable[[str], None] = lambda _: None) -> None:
        self._path, self._tell = str(path), tell

    def holds(self, end: str) -> bool:
        """Return whether this end is surely on the disk."""
        try:
            return read_at(_MAX_NOTE, 0, self._path).startswith(end.encode() + b"\n")
        except (OSError, Corrupt):
            return False

    def note(self, end: str) -> None:
        """Note that this end was synced. A failure is ignored: the line has been written."""
        with suppress(OSError):  # the next writer has to sync then
            fd = self._open()
            try:
                os.pwrite(fd, end.encode() + b"\n", 0)
            finally:
                os.close(fd)

    def _open(self) -> int:
        """Open the note for writing, in a file without another name. Raises ``OSError``."""
        try:
            fd = open_regular(self._path, flags=os.O_CREAT | os.O_WRONLY)
            if os.fstat(fd).st_nlink == 1:
                return fd
            os.close(fd)
            problem = "has several names (hard links)"
        except Corrupt as error:
            problem = error.what
        self._remove(problem)
        return open_regular(self._path, flags=os.O_CREAT | os.O_EXCL | os.O_WRONLY)

    def _remove(self, problem: str) -> None:
        """Remove a file that is not ours: the link, never its target."""
        try:
            is_directory = stat.S_ISDIR(os.lstat(self._path).st_mode)
            (os.rmdir if is_directory else os.unlink)(self._path)
        except OSError as error:
            self._tell(f"{self._path}: {problem}; it cannot be replaced: {error.strerror}")
            raise
        self._tell(f"{self._path}: {problem}; replaced")
