"""The file of an index: which may be opened, how, and whether it holds an index.

SQLite opens by path, and trusts the journals beside it: all of them must be regular files.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TYPE_CHECKING, Final

from dspyreg.store.schema import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE: Final = 5.0  # seconds; there are other places for an index
JOURNALS: Final = ("-journal", "-wal", "-shm")
_DRAWN: Final = 8  # hex digits in the name of an index's file
_HEX: Final = frozenset("0123456789abcdef")


class Stale(Exception):
    """The file is no index of this log: it is damaged, a copy, or of another schema."""


class Behind(Exception):
    """The index cannot follow now: another process writes it, or writing is not permitted."""


def file_of(path: Path) -> Path | None:
    """Return the file that holds the index of a path: the path itself, or the file beside it that
    it is a link to.

    None if there is none that SQLite may open: it must be a regular file with one name, and so must
    each of its journals that exists.
    """
    file = linked(path) or path
    try:
        is_good = _is_plain(file.lstat())
    except FileNotFoundError:
        return None
    return file if is_good and all(_may_be_used(f"{file}{suffix}") for suffix in JOURNALS) else None


def linked(path: Path) -> Path | None:
    """Return the file beside a path that it links to, if the link is one that ``build`` makes."""
    try:
        name = os.readlink(path)
    except OSError:
        return None
    start, digits = name[:-_DRAWN], name[-_DRAWN:]
    is_index = start == f"{path.name}." and len(digits) == _DRAWN and _HEX.issuperset(digits)
    return path.with_name(name) if is_index else None


def _is_plain(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _may_be_used(journal: str) -> bool:
    try:
        return _is_plain(os.lstat(journal))
    except FileNotFoundError:
        return True


def connect(path: Path | None, patience: float) -> sqlite3.Connection:
    """Return a connection to a file that exists. Without a path it is to a database of its own: in
    memory while it is small, else in a temporary file without a name. It waits for locks for
    ``patience`` seconds.
    """
    return sqlite3.connect(
        "" if path is None else f"file:{_quoted(path)}?mode=rw",
        uri=path is not None,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def fits(db: sqlite3.Connection, inode: int) -> bool:
    """Return whether an open file of this inode is an index, no copy and of this schema.

    Raises ``sqlite3.Error`` if it is no index at all.
    """
    row = db.execute("select schema, inode from meta").fetchone()
    return bool(row == (SCHEMA, inode))


def holds(db: sqlite3.Connection, inode: int) -> bool:
    """Return whether an open file of this inode is an index, as ``fits``; False if unreadable."""
    try:
        return fits(db, inode)
    except sqlite3.Error:
        return False


def is_busy(error: Exception) -> bool:
    """Return whether SQLite waited in vain for another process."""
    return "locked" in str(error)


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path.absolute()))
