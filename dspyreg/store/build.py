"""An index made from the whole log: what ``Follow`` does, for very many lines."""

from __future__ import annotations

import gc
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from dspyreg.store import bulk
from dspyreg.store.alone import alone_with
from dspyreg.store.follow import INDEXES, TABLES, Follow
from dspyreg.store.index import fits
from dspyreg.store.past import Past

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line

_LONGEST: Final = 3600.0  # seconds without a write
_ALONE: Final = ("deployments/", "versions/")  # these tell which rows there are to derive


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
    lines: Iterable[Line],
    blobs: Readable,
    then: Callable[[Past], None],
    *,
    anew: bool,
) -> None:
    """Make an index file and put it in place; nobody sees it half made. One that others have made
    meanwhile will do, unless it must be made ``anew``.

    ``then`` is called just before, with the state that it holds. Raises ``OSError``, ``Behind``.
    """
    with alone_with(path) as old:
        if anew or not _fits(old, path):
            _make(path, lines, blobs, then)


def _fits(old: sqlite3.Connection, path: Path) -> bool:
    try:
        return fits(old, path)
    except sqlite3.Error:
        return False


def _make(path: Path, lines: Iterable[Line], blobs: Readable, then: Callable[[Past], None]) -> None:
    making = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    try:
        with closing(sqlite3.connect(making, isolation_level=None)) as db:
            db.execute("pragma journal_mode=off")
            db.execute("pragma synchronous=off")
            db.execute("pragma cache_size=-65536")
            db.executescript(TABLES)
            _sweep(making, path)
            with _without_gc():
                _fill(db, lines, blobs, inode=making.stat().st_ino)
            then(Past(db, None))
        fd = os.open(making, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        making.replace(path)
    except sqlite3.Error as error:
        raise OSError(f"cannot build the index: {error}") from error
    finally:
        with suppress(OSError):
            making.unlink()


def _fill(db: sqlite3.Connection, lines: Iterable[Line], blobs: Readable, *, inode: int) -> None:
    db.execute("begin")
    work = _Build(db, blobs)
    for line in lines:
        work.take(line)
    work.finish(inode)
    db.execute("commit")
    db.executescript(INDEXES)  # to sort once is quicker than to keep in order


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


def _sweep(making: Path, path: Path) -> None:
    """Remove what builds that were killed have left behind."""
    now = making.stat().st_mtime  # by the clock of the storage
    for left in path.parent.glob(f"{path.name}.{'[0-9a-f]' * 8}"):
        with suppress(OSError):
            if now - left.stat().st_mtime > _LONGEST:
                left.unlink()
