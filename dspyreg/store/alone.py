"""The index file for oneself, so that it can be replaced or removed while others may use it.

SQLite finds the journal of a transaction by the name of its file. A file that takes another's place
while a transaction is on its way, or after its writer was killed, would be taken for the one that
the journal belongs to, and be damaged by it. So nobody replaces an index but who holds SQLite's own
exclusive lock on it: then no transaction is on its way, and what a killed one left was undone.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from dspyreg.store.index import Behind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE: Final = 5.0  # seconds


@contextmanager
def alone_with(path: Path, *, patience: float = _PATIENCE) -> Iterator[sqlite3.Connection]:
    """Hold the file that stands at a path, an empty one if there was none; others wait. One that
    is still empty in the end goes again.

    Raises ``Behind`` if others keep it, ``OSError`` where it cannot be written.
    """
    while True:
        inode = _made(path)
        with closing(_opened(path, patience)) as db:
            if not _is_locked(db, path, inode):
                continue
            if _inode(path) != inode:  # another was put in its place while we waited
                continue
            try:
                yield db
            finally:
                with suppress(OSError):
                    if path.stat().st_size == 0:
                        remove(path)
            return


def _made(path: Path) -> int:
    """Return the inode of a file that is there now. One that was there is not opened: to close it
    again would end the locks that SQLite has for another thread of this process.
    """
    while (inode := _inode(path)) is None:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
    return inode


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    """Open a file that can be written: SQLite locks no other."""
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise PermissionError(errno.EACCES, "cannot replace the index", str(path))
    try:
        return sqlite3.connect(path, timeout=patience, isolation_level=None)
    except sqlite3.Error as error:
        raise OSError(f"cannot replace the index: {error}") from error


def _is_locked(db: sqlite3.Connection, path: Path, inode: int) -> bool:
    """Take the exclusive lock; False if the file was no database, and is gone now."""
    try:
        db.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Behind(str(error)) from error
        raise OSError(f"cannot replace the index: {error}") from error
    except sqlite3.DatabaseError:  # nobody has a transaction on what is no database
        if _inode(path) == inode:
            remove(path)
        return False
    return True


def remove(path: Path) -> None:
    """Remove an index that one is alone with, and the journal of a transaction on it."""
    for each in (path.with_name(f"{path.name}-journal"), path):
        with suppress(FileNotFoundError):
            each.unlink()


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
