"""An index made from the whole log: what ``Follow`` does, for very many lines."""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from dspyreg.store import bulk
from dspyreg.store.follow import INDEXES, TABLES, Follow
from dspyreg.store.index import PATIENCE, Behind, fits, is_busy
from dspyreg.store.past import Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line

_CACHE: Final = 262_144  # KiB: what does not fit is written early, and keeps readers out
_ALONE: Final = ("deployments/", "versions/")  # these tell which rows there are to derive


class _Damaged(OSError):
    """What stands in the file is no database, or no whole one."""


class _Read(Past):
    """The state, where very many values are read."""

    value_of = staticmethod(bulk.value_of)


class FollowMany(Follow):
    """A pass over many new lines."""

    def read(self, line: Line) -> None:
        """Note what an entry says; one that is not spelled as usual is left to ``Follow``."""
        told = bulk.told_by(line.data)
        if told is None:
            super().read(line)
            return
        whose = (told.actor, told.program, told.operation, told.operation_id)
        self.note(line, told.time, whose, len(told.changes), told.undoes)
        self.take_changes(told)

    def take_changes(self, told: bulk.Told) -> None:
        """Note what the newest line changes."""
        self.changes += told.rows(self.seq)
        for name, old, new in told.values():
            self.touch(name, old, new)

    def state(self) -> Past:
        """See ``Follow``."""
        return _Read(self.db, None)


class _Build(FollowMany):
    """A pass over all lines, which derives at its end whatever can be derived."""

    def take_changes(self, told: bulk.Told) -> None:
        """Note what the newest line changes; of what stands alone, which rows there will be."""
        rows = told.rows(self.seq)
        self.changes += rows
        newest = self.newest
        for name, seq, value in rows:
            newest[name[: name.rfind("/") + 1]] = seq
            if name.startswith(_ALONE):
                touch = self.by_kind[name.partition("/")[0]]
                touch(name, None, None if value is None else bulk.value_of(value))


def build(
    path: Path,
    lines: Callable[[], Iterable[Line]],
    blobs: Readable,
    then: Callable[[Past], None],
    *,
    anew: bool,
) -> None:
    """Make the index of a path in one transaction: until its end others read what stood there.
    One that others have made meanwhile will do, unless it must be made ``anew``.

    ``then`` is called just before the end, with the state that it holds. Raises ``OSError``,
    ``Behind`` if others keep the file.
    """
    try:
        _make(path, lines(), blobs, then, anew=anew)
    except _Damaged:
        empty(path)
        _make(path, lines(), blobs, then, anew=anew)


def empty(path: Path, *, patience: float = PATIENCE) -> None:
    """Take everything out of an index file; the next who looks for an index makes one there.

    Nobody removes or replaces the file itself. SQLite finds the journal of a transaction by its
    name: who still has the old file open would undo, or forget, a transaction on the new one.

    Raises ``OSError``, ``Behind`` if others keep the file longer than ``patience`` seconds.
    """
    try:
        with _held(path, "exclusive", patience):
            os.truncate(path, 0)
    except _Damaged:  # nobody has a transaction on what is no database
        os.truncate(path, 0)


def _make(
    path: Path,
    lines: Iterable[Line],
    blobs: Readable,
    then: Callable[[Past], None],
    *,
    anew: bool,
) -> None:
    with _held(path, "immediate", PATIENCE) as db:
        if not anew and _fits(db, path):
            return
        _clear(db)
        with _without_gc():
            work = _Build(db, blobs)
            for line in lines:
                work.take(line)
            work.finish(path.stat().st_ino)
        _execute(db, INDEXES)  # to sort once is quicker than to keep in order
        then(Past(db, None))
        db.execute("commit")


@contextmanager
def _held(path: Path, how: str, patience: float) -> Iterator[sqlite3.Connection]:
    """Hold an index file, an empty one if there was none; what is not committed is undone."""
    try:
        with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as db:
            db.execute(f"pragma cache_size = {-_CACHE}")
            db.execute(f"begin {how}")
            yield db
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise Behind(str(error)) from error
        raise OSError(f"cannot build the index: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _Damaged(f"cannot build the index: {error}") from error


def _fits(db: sqlite3.Connection, path: Path) -> bool:
    try:
        return fits(db, path)
    except sqlite3.Error:
        return False


def _clear(db: sqlite3.Connection) -> None:
    tables = db.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (name,) in tables:
        db.execute(f'drop table "{name}"')
    _execute(db, TABLES)


def _execute(db: sqlite3.Connection, script: str) -> None:
    """Execute statements; ``executescript`` would commit first."""
    for statement in script.split(";"):
        db.execute(statement)


@contextmanager
def _without_gc() -> Iterator[None]:
    """Look for no cycles: millions of small values are made here, and none of them has one."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
