"""The log: what happened, in order, and the caches that follow it.

One ``Log`` serves one process; hold ``lock`` around a judgement and the append it leads to.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager, suppress
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.backends.interface import Diverged, SyncFailed
from dspyreg.errors import Conflict, NotFound, OutcomeUnknown, RegistryError, StorageError
from dspyreg.model import line as lines
from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head, Line
from dspyreg.store.head import HeadState, Overlay, changes
from dspyreg.store.index import Behind, Index, Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dspyreg.backends.interface import Readable, Store
    from dspyreg.model.entry import Entry, Intent
    from dspyreg.store.follow import Touched
    from dspyreg.store.past import Past

_LINES_ABOVE: Final = 128
_SECONDS_ABOVE: Final = 1.0


class Moved(Exception):
    """What a judgement read has changed before its entry found its place."""


class _Lock:
    """A lock that may be taken again by whoever holds it; under it SQLite's errors become ours."""

    def __init__(self, give_up: Callable[[sqlite3.Error], StorageError]) -> None:
        self._lock, self._give_up = threading.RLock(), give_up

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            if isinstance(error, sqlite3.Error):
                raise self._give_up(error) from error
        finally:
            self._lock.release()


class Row(NamedTuple):
    """What the index knows of an entry without reading its line."""

    seq: int
    actor: str
    program: str | None
    operation: str
    operation_id: str
    changed: int
    undoes: int | None
    undone_by: int | None


class Log:
    """The log of one registry, with its index and refs."""

    def __init__(self, store: Store, caches: Sequence[Path], tell: Callable[[str], None]) -> None:
        """``caches`` are the places to keep an index, best first; in memory if none will do."""
        self.lock = _Lock(self._give_up)
        self._store, self._tell = store, tell
        self._caches: list[Path | None] = [*caches, None]
        self._index: Index | None = None
        self._left: Index | None = None
        self._overlay = Overlay()
        self._head: Head | None = None
        self._followed = monotonic()
        self._genesis = store.genesis

    # Reading

    def refresh(self) -> Head:
        """Take in what others have written; return the head."""
        with self.lock:
            if self._index is None or self._head is None or not self._index_holds():
                self._open_index()
            assert self._head is not None  # noqa: S101 - _open_index sets it
            self._take_in()
            return self._head

    def is_current(self, head: Head) -> bool:
        """Does the log still stand at a head that ``refresh`` returned? Two stats."""
        return self._head is head and self._store.journal.head(head) is head

    def stands_at(self, judged: Head) -> bool:
        """Has nothing come since a head that ``refresh`` returned? Then all reads were of it."""
        return self.refresh().same(judged)

    def state(self) -> HeadState:
        """Return the state at the head that ``refresh`` last returned."""
        assert self._index is not None  # noqa: S101 - refresh comes first
        return HeadState(self._index.state(), self._overlay, self.settled)

    def past(self, seq: int) -> Past:
        """Return the state as of a seq. Raises ``NotFound`` for one that is yet to come."""
        head = self.refresh()
        if not 0 <= seq <= head.seq:
            raise NotFound("entry", str(seq), hint=f"the log ends with {head.seq}")
        self.settled()
        assert self._index is not None  # noqa: S101
        return self._index.state(seq)

    def settled(self) -> Past:
        """Return the state of an index that stands at the head, or beyond."""
        with self.lock:
            if self._overlay.lines:
                try:
                    self._follow()
                except (Behind, Stale):
                    self._use_another()
            assert self._index is not None  # noqa: S101
            return self._index.state()

    def seq_at(self, time: str) -> int:
        """Return the seq of the last entry at or before a time, by the running maximum."""
        row = self.query("select max(seq) from entries where latest <= ?", time)
        return row[0][0] or 0

    def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return entries by seq, in the order asked for. Raises ``NotFound``."""
        from dspyreg.model.entry import Entry

        found: dict[int, Entry] = {}
        for first, count in _runs(sorted(set(seqs))):
            for line in islice(self._store.journal.read(self._head_at(first - 1)), count):
                found[line.seq] = Entry.read(line)
        missing = [seq for seq in seqs if seq not in found]
        if missing:
            raise NotFound("entry", str(missing[0]))
        return [found[seq] for seq in seqs]

    def rows(self, where: str = "1", *values: Any, limit: int = -1) -> list[Row]:
        """Return what the index knows of entries, newest first; ``where`` is SQL."""
        columns = ", ".join(Row._fields)
        query = f"select {columns} from entries where {where} order by seq desc limit ?"  # noqa: S608 - no user text
        return [Row(*row) for row in self.query(query, *values, limit)]

    def writers(self, name: str, *, after: int = 0) -> list[int]:
        """Return the effective entries that undo nothing and changed a name, newest first."""
        rows = self.query(
            "select seq from changes join entries using (seq) where name = ? and seq > ?"
            " and undoes is null and undone_by is null order by seq desc",
            name,
            after,
        )
        return [seq for (seq,) in rows]

    @property
    def index_path(self) -> Path | None:
        """Where the index is kept, if it is kept."""
        return self._caches[0]

    def rebuild(self) -> None:
        """Make the index and the refs anew from the log."""
        with self.lock:
            path = self._caches[0]
            if path is not None:
                with suppress(OSError):
                    path.unlink()
            self._open_index()

    def all_lines(self) -> Iterator[Line]:
        """Return the whole log, checked."""
        return self._store.journal.read(self._genesis)

    def query(self, sql: str, *values: Any) -> list[Any]:
        """Return rows of the index's tables, as of the head."""
        with self.lock:
            self.refresh()
            rows: list[Any] = self.settled().db.execute(sql, values).fetchall()
            return rows

    # Writing

    def append(self, intent: Intent, judged: Head | None = None) -> Entry:
        """Append an intent after everything its judgement read; durable on return.

        ``judged`` is the head at which the judgement began: while it went on, the index may have
        followed others beyond that. Raises ``Moved`` if something that it read has changed since,
        ``OutcomeUnknown``.
        """
        assert self._head is not None  # noqa: S101 - refresh comes first
        from dspyreg.model.entry import Entry

        members = intent.members()
        since: list[Line] = []

        def place(new: Sequence[Line], head: Head) -> bytes:
            since[:] = new
            _require_unmoved(intent, new)
            data = lines.compose(members, head)
            since.append(Line(head.seq + 1, head.id, lines.id_of(data[:-1]), data[:-1]))
            return data

        try:
            head = self._store.journal.append(judged or self._head, place)
        except SyncFailed as error:
            raise OutcomeUnknown(intent.operation_id, str(error)) from error
        except Moved:
            self._put_on_top(since)
            raise
        except Diverged as error:
            raise _diverged(error) from error
        made = since.pop()._replace(hint=head.hint)
        entry = Entry.read(made)
        self._put_on_top(since)
        self._overlay.put(made, entry.changes)
        self._head = head
        self._follow_at_intervals()
        return entry

    @contextmanager
    def preview(self, intents: Sequence[Intent], blobs: Readable) -> Iterator[Past]:
        """Show the state that intents would lead to; nothing of it stays."""
        self.refresh()
        self.settled()
        assert self._index is not None  # noqa: S101
        assert self._head is not None  # noqa: S101
        made, head = list[Line](), self._head
        for intent in intents:
            made.append(_parsed(lines.compose(intent.members(), head)))
            head = made[-1].head
        try:
            with self._index.preview(made, blobs) as state:
                yield state
        except Behind:
            self._use_another()
            with self._index.preview(made, blobs) as state:
                yield state

    def settle(self) -> None:
        """Make sure that what was read here is durable, whoever wrote it."""
        self._store.journal.settle()

    def follow(self, *, patient: bool = True) -> None:
        """Bring the caches to the head; a notice if they cannot go there."""
        with self.lock:
            if not self._overlay.lines:
                return
            try:
                self._follow(patient=patient)
            except Behind:
                return  # whoever writes the index now will take our lines in as well
            except (Stale, OSError, RegistryError) as error:
                self._tell(f"the index could not follow: {error}")

    def close(self) -> None:
        """Bring the caches to the head and let go of them."""
        with self.lock:
            self.follow()
            self._leave()
            self._leave()

    # Following

    def _head_at(self, seq: int) -> Head:
        if seq <= 0:
            return self._genesis
        rows = self.query("select seq, id, hint from entries where seq = ?", seq)
        if not rows:
            raise NotFound("entry", str(seq))
        return Head(rows[0][0], Digest(rows[0][1]), rows[0][2])

    def _index_holds(self) -> bool:
        if self._index is None or not self._index.is_ours():
            return False
        return self._overlay.lines > 0 or self._index.is_in_place()

    def _take_in(self) -> None:
        assert self._head is not None  # noqa: S101
        try:
            for line in self._store.journal.read(self._head):
                self._overlay.take([line])
                self._head = line.head
                if self._overlay.lines > _LINES_ABOVE:
                    break
        except Diverged:
            self._open_index()
            return
        if self._overlay.lines > _LINES_ABOVE:
            self.settled()

    def _put_on_top(self, since: Sequence[Line]) -> None:
        assert self._head is not None  # noqa: S101 - refresh came first
        new = [line for line in since if line.seq > self._head.seq]
        if new:
            self._overlay.take(new)
            self._head = new[-1].head

    def _follow_at_intervals(self) -> None:
        late = monotonic() - self._followed > _SECONDS_ABOVE
        if self._overlay.lines > _LINES_ABOVE or late:
            if not self._others_followed():
                self.follow(patient=False)
            self._followed = monotonic()

    def _others_followed(self) -> bool:
        """Take off the top what others have brought into the index meanwhile, if they did."""
        assert self._index is not None  # noqa: S101 - lines are above one
        try:
            rest = self._overlay.above(self._index.head(self._genesis))
        except (Behind, Stale):
            return False
        if rest is None:
            return False
        self._overlay = Overlay()
        self._overlay.take(rest)
        return True

    def _follow(self, *, patient: bool = True) -> None:
        assert self._index is not None  # noqa: S101
        with self._index.following(patient=patient):
            before = self._index.head(self._genesis)
            touched = self._index.follow(self._store.journal.read(before))
            self._write_refs(self._index.path, touched, self._index.state())
        self._stand_at(self._index.head(self._genesis))

    def _stand_at(self, head: Head) -> None:
        self._overlay = Overlay()
        self._head = head
        self._followed = monotonic()

    def _write_refs(self, path: Path | None, touched: Touched, state: Past) -> None:
        root = self._store.directory
        if root is None or path is None or path.parent != root:
            return
        from dspyreg.store import refs

        for program, environment in touched.environments:
            refs.follow_environment(root / "refs", state, program, environment)
        for program, stage in touched.stages:
            refs.follow_stage(root / "refs", state, program, stage)

    # Opening

    def _open_index(self) -> None:
        """Open the best index there can be, built or brought to the head."""
        self._leave()
        why: Exception | None = None
        for path in self._caches:
            try:
                self._index = self._opened(path)
            except (Stale, Behind, OSError) as error:
                self._discard()
                why = error
                continue
            return
        raise StorageError(f"no index could be made: {why}")

    def _leave(self) -> None:
        """Let go of the index, but close it one turn later: a judgement may be reading it."""
        if self._left is not None:
            self._left.close()
        self._left, self._index = self._index, None

    def _discard(self) -> None:
        """Close an index that turned out no good before anybody read it."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def _give_up(self, error: sqlite3.Error) -> StorageError:
        """Remove an index that could not be read, so that the next command makes it anew."""
        path = self._index.path if self._index is not None else None
        self._leave()
        with suppress(OSError):
            if path is not None:
                path.unlink()
        return StorageError(f"the index could not be read: {error}", hint="try again")

    def _use_another(self) -> None:
        """Leave an index that cannot follow for one that can, in memory if need be."""
        assert self._index is not None  # noqa: S101
        places = self._caches
        self._caches = places[places.index(self._index.path) + 1 :] or [None]
        self._open_index()

    def _opened(self, path: Path | None) -> Index:
        try:
            return self._current(Index(path, self._store.blobs))
        except Stale:
            self._discard()
        except Diverged as error:
            self._tell(self._difference(error.head))
            self._leave()
        assert path is not None  # noqa: S101 - one in memory is never stale
        path.parent.mkdir(parents=True, exist_ok=True)
        from dspyreg.store.follow import build

        build(path, self.all_lines(), self._store.blobs, self._rewrite_refs(path))
        return self._current(Index(path, self._store.blobs))

    def _current(self, index: Index) -> Index:
        """Return the index, at the head if it can get there, else with the rest above it."""
        self._index = index
        self._stand_at(index.head(self._genesis))
        assert self._head is not None  # noqa: S101
        head = self._store.journal.head(self._head)
        if head.same(self._head):
            self._head = head
            return index
        with suppress(Behind):
            self._follow(patient=False)
            return index
        for line in self._store.journal.read(self._head):
            self._overlay.take([line])
            self._head = line.head
        return index

    def _difference(self, known: Head) -> str:
        """Say how the log differs from what the index knows of it."""
        head = self._store.journal.head()
        if head.seq < known.seq:
            return f"the index is ahead of the log, which ends with entry {head.seq}: made anew"
        return f"the log is another one from entry {self._first_other()} on: index made anew"

    def _first_other(self) -> int:
        assert self._index is not None  # noqa: S101 - it has just diverged
        known = self._index.state().db.execute("select seq, id from entries order by seq")
        for line, (seq, identity) in zip(self.all_lines(), known, strict=False):
            if line.id != identity:
                return int(seq)
        return 0

    def _rewrite_refs(self, path: Path) -> Callable[[Touched, Past], None]:
        def rewrite(_: Touched, state: Past) -> None:
            root = self._store.directory
            if root is None or path.parent != root:
                return
            from dspyreg.store import refs

            programs = state.db.execute("select distinct program from versions").fetchall()
            texts: dict[str, str] = {}
            for (program,) in programs:
                texts.update(refs.expected(state, program))
            refs.write(root / "refs", texts)

        return rewrite


def _parsed(data: bytes) -> Line:
    line = lines.parse(data[:-1])
    assert line is not None  # noqa: S101 - compose made it
    return line


def _require_unmoved(intent: Intent, new: Sequence[Line]) -> None:
    """Raise ``Moved`` unless everything that the judgement read is still so, and nobody else has
    written a name that it changes: who wrote it may have been a part of the judgement.
    """
    if not new:
        return
    from dspyreg.model.entry import same_value

    now: dict[str, Any] = {}
    touched: dict[str, int] = {}
    for line in new:
        for name, _, value in changes(line):
            now[name] = value
            for prefix in names.prefixes(name):
                touched[prefix] = line.seq
    for change in intent.changes:
        if change.name in now:
            raise Moved(change.name)
    for name, value in intent.expects:
        if name.endswith("/"):
            if touched.get(name, 0) > value:
                raise Moved(name)
        elif name in now and not same_value(now[name], value):
            raise Moved(name)


def _runs(seqs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of successive numbers as (first, count)."""
    start = 0
    for at in range(1, len(seqs) + 1):
        if at == len(seqs) or seqs[at] != seqs[at - 1] + 1:
            yield seqs[start], at - start
            start = at


def _diverged(error: Diverged) -> Conflict:
    return Conflict(
        f"{error}: the log was replaced while this ran",
        hint="nothing was changed; run the command again",
    )
