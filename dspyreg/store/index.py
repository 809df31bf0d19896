"""The index: a cache of the log in SQLite, for lookups, lists, searches and history.

It may be deleted at any time. It holds the head up to which it goes, and its own inode: one read
tells a copy, an index of an older log, and a replaced file. ``follow`` takes lines into it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from dspyreg.model.digest import Digest
from dspyreg.model.line import Head
from dspyreg.store.index_file import PATIENCE, Behind, Stale, connect, file_of, fits, holds
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line
    from dspyreg.store.follow import Follow, Touched

_PATIENCE_TO_READ: Final = 30.0  # seconds; there is no other place for a state that is read
_MANY: Final = 1_000  # lines, at once or in parts, that repay the import of ``follow_many``
_CANNOT_WRITE: Final = ("locked", "readonly", "unable to open", "full", "I/O")


class Index:
    """An open index. Only ``following`` writes to it."""

    def __init__(self, path: Path | None, blobs: Readable) -> None:
        """Open an index file, or make an index in memory if ``path`` is None.

        Raises ``Stale`` if the file is missing or is not an index.
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
            from dspyreg.store.schema import INDEXES, TABLES

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
        """Return whether this very process opened the index, not its parent."""
        return self._process == os.getpid()

    def is_in_place(self) -> bool:
        """Return whether the open file is still the one under its name.

        SQLite is not asked: it would take the journal of a transaction on another file for its own.
        """
        if self.path is None:
            return True
        try:
            return self.path.stat().st_ino == self.inode
        except OSError:
            return False

    def is_whole(self) -> bool:
        """Return whether the file is still an index, and not the copy of one."""
        return self.path is None or holds(self.db, self.inode)

    def head(self, genesis: Head) -> Head:
        """Return the head of the log up to which the index goes."""
        with _stale_if_damaged():
            return head_in(self.db) or genesis

    def close(self) -> None:
        """Close the file, unless a fork of the process that opened it asks."""
        if self.is_ours():
            self.db.close()

    @contextmanager
    def following(self, *, patient: bool = True) -> Iterator[None]:
        """Hold the write lock; all writes inside become visible at once.

        Raises ``Behind`` if others keep the lock: after 5 s, or at once if not ``patient``.
        """
        with _stale_if_damaged():
            self._begin(patient=patient)
            try:
                yield
                self._wait_at_most(PATIENCE)  # for those who read; new readers wait meanwhile
                self.db.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.db.execute("rollback")
                raise
            finally:
                with suppress(sqlite3.Error):
                    self._wait_at_most(_PATIENCE_TO_READ)

    def hold(self) -> None:
        """Begin a read transaction: until ``release``, others cannot commit to the index."""
        if not self.db.in_transaction:
            self.db.execute("begin")

    def release(self) -> None:
        """End the read transaction, if there is one."""
        with suppress(sqlite3.Error):  # the next read notices a damaged index
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
        """Take lines into the index, inside ``following``."""
        first = list(islice(lines, _MANY))
        self._taken += len(first)
        follow = self._follow(is_many=self._taken >= _MANY)
        follow.take(chain(first, lines))
        return follow.finish(self.inode)

    def _follow(self, *, is_many: bool) -> Follow:
        if is_many:
            from dspyreg.store.follow_many import FollowMany

            return FollowMany(self.db, self._blobs)
        from dspyreg.store.follow import Follow

        return Follow(self.db, self._blobs)

    @contextmanager
    def preview(self, lines: Iterable[Line], blobs: Readable) -> Iterator[IndexState]:
        """Show the state after some more lines; they are rolled back. Raises ``Behind``."""
        from dspyreg.store.follow import Follow

        with _stale_if_damaged():
            self._begin(patient=True)
        try:
            follow = Follow(self.db, blobs)
            follow.take(lines)
            follow.finish(0)
            yield IndexState(self.db, None)
        finally:
            self.db.execute("rollback")

    def state(self, at: int | None = None) -> IndexState:
        """Return the state as of a seq; as of the head without one."""
        return IndexState(self.db, at)


def head_in(db: sqlite3.Connection) -> Head | None:
    """Return the head of the log up to which an open index goes; None if it is empty."""
    row = db.execute("select seq, id, hint from meta").fetchone()
    return Head(row[0], Digest(row[1]), row[2]) if row and row[0] else None


def mark_head(db: sqlite3.Connection, mark: Callable[[Head], Head]) -> None:
    """Record the file in which the head of an open index was seen: see ``Journal.mark``."""
    head = head_in(db)
    if head is not None:
        db.execute("update meta set hint = ?", (mark(head).hint,))


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
