"""The index: a cache of the log in SQLite, for lookups, lists, searches and history.

It may be deleted at any time. It knows the head it stands at and its own inode, so that a copy,
an older log or a replaced file is noticed by one read. How lines get into it: ``follow``.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from dspyreg.model.digest import Digest
from dspyreg.model.line import Head
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line
    from dspyreg.store.follow import Follow, Touched

SCHEMA: Final = 7
PATIENCE: Final = 5.0  # seconds; there are other places for an index
_PATIENCE_TO_READ: Final = 30.0  # but none for a state that is being read
_MANY: Final = 1_000  # so many lines, at once or by and by, repay the import of what is faster
JOURNALS: Final = ("-journal", "-wal", "-shm")
_DRAWN: Final = 8  # hex digits in the name of an index's file
_HEX: Final = frozenset("0123456789abcdef")
_CANNOT_WRITE: Final = ("locked", "readonly", "unable to open", "full", "I/O")


class Stale(Exception):
    """The file is not an index of this log: damaged, a copy, or of another schema."""


class Behind(Exception):
    """The index cannot follow just now: another process writes it, or nobody may."""


class Index:
    """One open index. Writes go through ``following`` alone."""

    def __init__(self, path: Path | None, blobs: Readable) -> None:
        """Open an index file, or make one in memory where ``path`` is None.

        Raises ``Stale`` where there is none, or not a good one.
        """
        self.path = path
        self._blobs = blobs
        self._process = os.getpid()
        self._taken = 0
        self.inode = 0
        file = None if path is None else file_of(path)
        if path is not None and file is None:
            raise Stale("there is no index")
        with _stale_if_damaged():
            self.db = connect(file, PATIENCE)
            try:
                self._prepare()
            except BaseException:
                self.db.close()
                raise

    def _prepare(self) -> None:
        if self.path is None:
            from dspyreg.store.follow import INDEXES, TABLES

            self.db.executescript(TABLES + INDEXES)
        else:
            self._check()

    def _check(self) -> None:
        self.db.execute("pragma synchronous=full")
        assert self.path is not None  # noqa: S101 - only files are checked
        self.inode = self.path.stat().st_ino
        if not fits(self.db, self.inode):
            raise Stale("it is a copy, or of another schema")
        self._wait_at_most(_PATIENCE_TO_READ)

    def is_ours(self) -> bool:
        """Was it opened by this process, and not by the one that we are a fork of?"""
        return self._process == os.getpid()

    def is_in_place(self) -> bool:
        """Is the open file still the one under its name? SQLite is not asked: it would take the
        journal of a transaction on another one for its own.
        """
        if self.path is None:
            return True
        try:
            return self.path.stat().st_ino == self.inode
        except OSError:
            return False

    def is_whole(self) -> bool:
        """Is what stands in the file still an index, and not the copy of one?"""
        return self.path is None or holds(self.db, self.inode)

    def head(self, genesis: Head) -> Head:
        """Return the head of the log that the index stands at."""
        with _stale_if_damaged():
            return head_in(self.db) or genesis

    def close(self) -> None:
        """Let go of the file, unless a fork of the process that opened it asks."""
        if self.is_ours():
            self.db.close()

    @contextmanager
    def following(self, *, patient: bool = True) -> Iterator[None]:
        """Hold the one lock on the index; what is done inside becomes visible all at once.

        Raises ``Behind`` if others keep it for long; at once, if one need not be ``patient``.
        """
        with _stale_if_damaged():
            self._begin(patient=patient)
            try:
                yield
                self.db.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.db.execute("rollback")
                raise

    def hold(self) -> None:
        """Begin a read transaction: until ``release``, others cannot commit to the index."""
        if not self.db.in_transaction:
            self.db.execute("begin")

    def release(self) -> None:
        """End the read transaction, if there is one."""
        with suppress(sqlite3.Error):  # of an index that is damaged, the next read tells
            if self.db.in_transaction:
                self.db.execute("commit")

    def _begin(self, *, patient: bool) -> None:
        self.release()
        self._wait_at_most(PATIENCE if patient else 0.0)
        try:
            self.db.execute("begin immediate")
        finally:
            self._wait_at_most(_PATIENCE_TO_READ)

    def _wait_at_most(self, seconds: float) -> None:
        self.db.execute(f"pragma busy_timeout = {int(seconds * 1000)}")

    def follow(self, lines: Iterator[Line]) -> Touched:
        """Take lines in, inside ``following``. Raises ``Corrupt`` for a line that is no entry."""
        first = list(islice(lines, _MANY))
        self._taken += len(first)
        work = self._pass(over_many=self._taken >= _MANY)
        work.take(chain(first, lines))
        return work.finish(self.inode)

    def _pass(self, *, over_many: bool) -> Follow:
        if over_many:
            from dspyreg.store.build import FollowMany

            return FollowMany(self.db, self._blobs)
        from dspyreg.store.follow import Follow

        return Follow(self.db, self._blobs)

    @contextmanager
    def preview(self, lines: Iterable[Line], blobs: Readable) -> Iterator[IndexState]:
        """Show the state after some more lines, and forget them again. Raises ``Behind``."""
        from dspyreg.store.follow import Follow

        with _stale_if_damaged():
            self._begin(patient=True)
        try:
            work = Follow(self.db, blobs)
            work.take(lines)
            work.finish(0)
            yield IndexState(self.db, None)
        finally:
            self.db.execute("rollback")

    def state(self, at: int | None = None) -> IndexState:
        """Return the state as of a seq; as of the head without one."""
        return IndexState(self.db, at)


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


def head_in(db: sqlite3.Connection) -> Head | None:
    """Return the head of the log that an open index stands at, None at the beginning."""
    row = db.execute("select seq, id, hint from meta").fetchone()
    return Head(row[0], Digest(row[1]), row[2]) if row and row[0] else None


def mark_head(db: sqlite3.Connection, mark: Callable[[Head], Head]) -> None:
    """Note in which file the head of an open index was seen: see ``Journal.mark``."""
    head = head_in(db)
    if head is not None:
        db.execute("update meta set hint = ?", (mark(head).hint,))


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


@contextmanager
def _stale_if_damaged() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if any(word in str(error) for word in _CANNOT_WRITE):
            raise Behind(str(error)) from error
        raise Stale(str(error)) from error
    except (sqlite3.DatabaseError, OSError) as error:
        raise Stale(str(error)) from error


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path.absolute()))
