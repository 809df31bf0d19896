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
    """The file is not an index of this log: damaged, a copy, or of another schema."""


class Behind(Exception):
    """The index cannot follow just now: another process writes it, or nobody may."""


def file_of(path: Path) -> Path | None:
    """Return the file that holds the index of a path: the path itself, or the file beside it that
    it is a link to.

    None if there is none, or none that SQLite, which opens by path, may be given: it must be a
    regular file with one name, and so must be each of its journals that is there.
    """
    file = linked(path) or path
    try:
        is_good = _is_plain(file.lstat())
    except FileNotFoundError:
        return None
    return file if is_good and all(_may_be_used(f"{file}{suffix}") for suffix in JOURNALS) else None


def linked(path: Path) -> Path | None:
    """Return the file beside a path that it is a link to, if it is one as ours are."""
    try:
        name = os.readlink(path)
    except OSError:
        return None
    begin, digits = name[:-_DRAWN], name[-_DRAWN:]
    is_ours = begin == f"{path.name}." and len(digits) == _DRAWN and _HEX.issuperset(digits)
    return path.with_name(name) if is_ours else None


def _is_plain(there: os.stat_result) -> bool:
    return stat.S_ISREG(there.st_mode) and there.st_nlink == 1


def _may_be_used(journal: str) -> bool:
    try:
        return _is_plain(os.lstat(journal))
    except FileNotFoundError:
        return True


def connect(path: Path | None, patience: float) -> sqlite3.Connection:
    """Return a connection to a file that is there, or without a path to one of its own: in memory
    while it is small, else in a temporary file without a name. It waits for locks as many
    seconds.
    """
    return sqlite3.connect(
        "" if path is None else f"file:{_quoted(path)}?mode=rw",
        uri=path is not None,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def fits(db: sqlite3.Connection, inode: int) -> bool:
    """Is what an open file of this inode holds its index, and no copy or of another schema?

    Raises ``sqlite3.Error`` if it is none at all.
    """
    row = db.execute("select schema, inode from meta").fetchone()
    return bool(row == (SCHEMA, inode))


def holds(db: sqlite3.Connection, inode: int) -> bool:
    """Does an open file of this inode hold its index? Not if it cannot be read, either."""
    try:
        return fits(db, inode)
    except sqlite3.Error:
        return False


def is_busy(error: Exception) -> bool:
    """Did SQLite wait in vain for others who use the file?"""
    return "locked" in str(error)


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path.absolute()))
