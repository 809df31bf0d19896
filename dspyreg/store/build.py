"""Building an index from the whole log, while others may use the one in its place."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from dspyreg.backends.sharing import share
from dspyreg.store.clearing import clear_index
from dspyreg.store.follow_many import FollowMany
from dspyreg.store.index_file import PATIENCE, Behind, connect, file_of, holds, is_busy, linked
from dspyreg.store.index_state import IndexState
from dspyreg.store.schema import INDEXES, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line

_ATTEMPTS: Final = 5
_LEFT_BEHIND_S: Final = 3600.0  # since the last write
_CACHE_KIB: Final = 49_152  # what does not fit is written early, and keeps readers out


class _Damaged(OSError):
    """The file is no database, or a damaged one."""


def build(
    path: Path,
    lines: Callable[[], Iterable[Line]],
    blobs: Readable,
    then: Callable[[IndexState], None],
    *,
    anew: bool,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Build the index of a path in one transaction: until it ends, others read the old content.
    One that others have built meanwhile is kept, unless it must be built ``anew``.

    ``then`` is called just before the end, with the state that the index holds. ``tell`` receives
    notices of files that were in the way and are removed. Raises ``OSError``, ``Behind`` if others
    keep the file.
    """
    for _ in range(_ATTEMPTS):
        inode = _file_at(path, tell)
        try:
            with _held(path, "immediate", PATIENCE) as db:
                if _inode(path) != inode:
                    continue
                if anew or not holds(db, inode):
                    _require_index(db)
                    _fill(db, lines(), blobs, then, inode)
                return
        except _Damaged:
            remove(path, inode, patience=PATIENCE)
    raise Behind("others keep replacing it")


def remove(path: Path, inode: int, *, patience: float) -> None:
    """Remove the file with an inode from a path, if it is still there; the next process builds an
    index. The file is not truncated: a process that has it open notices that another is in its
    place, but SQLite would not notice that its pages changed.

    Raises ``OSError``, ``Behind`` if others keep it longer than ``patience`` seconds.
    """
    if _inode(path) != inode:
        return
    try:
        with _held(path, "exclusive", patience):  # nobody has a transaction on it
            _unlink(path, inode)
    except _Damaged:
        _unlink(path, inode)


def _unlink(path: Path, inode: int) -> None:
    if _inode(path) == inode:
        file = linked(path) or path
        for each in (file.with_name(f"{file.name}-journal"), path, file):
            each.unlink(missing_ok=True)


def _files_of(path: Path) -> list[Path]:
    return [*path.parent.glob(f"{path.name}.{'[0-9a-f]' * 8}")]


def _file_at(path: Path, tell: Callable[[str], None]) -> int:
    """Return the inode of the file at a path, which is made without lines if it is missing. The
    target of a foreign link is left alone; the link is removed.
    """
    while True:
        clear_index(path, tell)
        inode = _inode(path)
        if inode is not None:
            return inode
        _put_new(path)


def _put_new(path: Path) -> None:
    """Put an index without lines at a path, if nothing is there. It has its tables from the first
    moment, so an empty file is a damaged one.

    The path is a link to it. SQLite finds the journal of a transaction by the name of the file, so
    no two files ever share a name: a process that still has a replaced or deleted one open would
    take the journal of a transaction on the new one for its own.
    """
    making = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    try:
        with closing(sqlite3.connect(making, isolation_level=None)) as db:
            db.execute("pragma journal_mode=off")
            db.executescript(TABLES)
        share(making)  # SQLite gives its journal the mode of the file
        _sweep(making, path)
        try:
            path.symlink_to(making.name)
        except FileExistsError:
            making.unlink()
        except OSError:  # there are no links here
            making.rename(path)
    except sqlite3.Error as error:
        making.unlink(missing_ok=True)
        raise OSError(f"cannot build the index: {error}") from error


def _sweep(making: Path, path: Path) -> None:
    """Remove files that killed processes left behind, or whose link was deleted."""
    now = making.stat().st_mtime  # by the clock of the storage
    for left in _files_of(path):
        with suppress(OSError):
            status = left.lstat()
            if stat.S_ISREG(status.st_mode) and now - status.st_mtime > _LEFT_BEHIND_S:
                left.with_name(f"{left.name}-journal").unlink(missing_ok=True)
                left.unlink()


@contextmanager
def _held(path: Path, mode: str, patience: float) -> Iterator[sqlite3.Connection]:
    """Hold an existing index file; what is not committed is rolled back."""
    file = file_of(path)
    if file is None:
        raise OSError(f"cannot build the index: {path} was replaced")
    try:
        with closing(connect(file, patience)) as db:
            db.execute(f"begin {mode}")
            yield db
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise Behind(str(error)) from error
        raise OSError(f"cannot build the index: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _Damaged(f"cannot build the index: {error}") from error


def _require_index(db: sqlite3.Connection) -> None:
    """Raise ``_Damaged`` for a database that is no index: its tables are not ours to drop."""
    try:
        db.execute("select schema, inode from meta")
    except sqlite3.OperationalError as error:
        raise _Damaged(f"it is no index: {error}") from error


def _fill(
    db: sqlite3.Connection,
    lines: Iterable[Line],
    blobs: Readable,
    then: Callable[[IndexState], None],
    inode: int,
) -> None:
    db.execute(f"pragma cache_size = {-_CACHE_KIB}")
    tables = db.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (name,) in tables:
        db.execute(f'drop table "{name}"')
    _execute(db, TABLES)
    follow = FollowMany(db, blobs)
    follow.take(lines)
    follow.finish(inode)
    _execute(db, INDEXES)  # to sort once is quicker than to keep in order
    then(IndexState(db, None))
    db.execute("commit")


def _execute(db: sqlite3.Connection, script: str) -> None:
    """Execute statements; ``executescript`` would commit first."""
    for statement in script.split(";"):
        db.execute(statement)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
