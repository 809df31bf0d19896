"""The log: what happened, in order, and the caches that follow it.

One ``Log`` serves one process; hold ``lock`` around a judgement and the append it leads to.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from dspyreg.backends.interface import Diverged, SyncFailed
from dspyreg.errors import Conflict, NotFound, OutcomeUnknown, RegistryError
from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head, Line
from dspyreg.store.caches import Caches, IndexLost
from dspyreg.store.head_state import HeadState, Overlay, changes, concerning, needles_of
from dspyreg.store.index import Behind, Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from dspyreg.backends.interface import Blobs, Readable, Store
    from dspyreg.model.entry import Entry, Intent, Seal
    from dspyreg.store.index_state import Past
    from dspyreg.store.row import Row

_OF_THE_INDEX: Final = (sqlite3.Error, Stale, Behind)
_LARGEST: Final = (1 << 63) - 1
_LINES_ABOVE: Final = 512
_SECONDS_ABOVE: Final = 1.0
_MOST_ABOVE: Final = 8 * _LINES_ABOVE  # while another process is at the index


def _nobody(_: Entry) -> None:
    """Note nothing."""


class Moved(Exception):
    """What a judgement read has changed before its entry found its place."""


class Missing(Exception):
    """Blobs that an entry needs are not there."""

    def __init__(self, digests: tuple[Digest, ...]) -> None:
        super().__init__(*digests)
        self.digests = digests


class _Lock:
    """A lock that may be taken again by whoever holds it; under it SQLite's errors become ours."""

    def __init__(self, give_up: Callable[[Exception], IndexLost]) -> None:
        self._lock, self._give_up = threading.RLock(), give_up

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            if isinstance(error, _OF_THE_INDEX):
                raise self._give_up(error) from error
        finally:
            self._lock.release()


class Log:
    """The log of one registry, with its index and refs."""

    def __init__(
        self,
        store: Store,
        caches: Sequence[Path],
        tell: Callable[[str], None],
        note: Callable[[Entry], None] = _nobody,
    ) -> None:
        """``caches`` are the places to keep an index, best first; in memory if none will do.
        ``note`` hears of each entry as soon as it was appended.
        """
        self._caches = Caches(store, caches, tell)
        self.lock = _Lock(self._give_up)
        self._appended = False
        self._store, self._tell, self._note = store, tell, note
        self._overlay = Overlay()
        self._head = self._genesis = store.genesis
        self._followed = monotonic()

    # Reading

    def refresh(self) -> Head:
        """Take in what others have written; return the head. Raises ``Conflict``."""
        with self.lock, _unreplaced():
            if not self._index_holds():
                self._open()
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
        return HeadState(self._caches.index.state(), self._overlay, self.settled)

    def past(self, seq: int) -> Past:
        """Return the state as of a seq. Raises ``NotFound`` for one that is yet to come."""
        head = self.refresh()
        if not 0 <= seq <= head.seq:
            raise NotFound("entry", str(seq), hint=f"the log ends with {head.seq}")
        self.settled()
        return self._caches.index.state(seq)

    def settled(self) -> Past:
        """Return the state of an index that stands at the head, or beyond. Raises ``Conflict``."""
        with self.lock, _unreplaced():
            self._settle_index()
            return self._caches.index.state()

    def seq_at(self, time: str) -> int:
        """Return the seq of the last entry at or before a time, by the running maximum."""
        row = self.query("select max(seq) from entries where latest <= ?", time)
        return row[0][0] or 0

    def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return entries by seq, in the order asked for. Raises ``NotFound``, ``Conflict``."""
        from dspyreg.model.entry import Entry

        found: dict[int, Entry] = {}
        with _unreplaced():
            for first, count in _runs(sorted(set(seqs))):
                for line in islice(self._store.journal.read(self._head_at(first - 1)), count):
                    found[line.seq] = Entry.read(line)
        missing = [seq for seq in seqs if seq not in found]
        if missing:
            raise NotFound("entry", str(missing[0]))
        return [found[seq] for seq in seqs]

    def rows(self, where: str = "1", *values: Any, limit: int = -1) -> list[Row]:
        """Return what the index knows of entries, newest first; ``where`` is SQL."""
        from dspyreg.store.row import Row

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
        return self._caches.path

    def rebuild(self) -> None:
        """Make the index and the refs anew from the log. Raises ``Conflict``."""
        with self.lock, _unreplaced():
            self._caches.open_anew()
            self._take_the_rest()

    def all_lines(self) -> Iterator[Line]:
        """Return the whole log, checked."""
        return self._store.journal.read(self._genesis)

    def query(self, sql: str, *values: Any) -> list[Any]:
        """Return rows of the index's tables, as of the head."""
        with self.lock:
            self.refresh()
            bound = tuple(map(_bound, values))
            rows: list[Any] = self.settled().db.execute(sql, bound).fetchall()
            return rows

    # Writing

    def append(
        self,
        intent: Intent,
        judged: Head | None = None,
        needs: Collection[Digest] = (),
        seal: Seal | None = None,
    ) -> Entry:
        """Append an intent after everything its judgement read; durable on return.

        ``judged`` is the head at which the judgement began: while it went on, the index may have
        followed others beyond that. ``needs`` are blobs that must be there at this moment: gc
        deletes in turns of its own, so none of them can go once the entry names it. Raises
        ``Moved`` if something that the judgement read has changed since, ``Missing``,
        ``OutcomeUnknown``. A ``seal`` is made while others can still append.
        """
        members = intent.members(seal)
        since: Sequence[Line] = ()
        before, data = self._head, b""

        def place(new: Sequence[Line], head: Head) -> bytes:
            nonlocal since, before, data
            fresh, since, before = _behind(since, new), new, head
            _require_unmoved(intent, fresh)
            _require_there(self._store.blobs, needs)
            data = lines.compose(members, head)
            return data

        try:
            with _unreplaced():
                head = self._store.journal.append(judged or self._head, place)
            made = Line(head.seq, before.id, head.id, data[:-1], head.hint)
            appended = intent.entry(made)
            self._note(appended)
        except SyncFailed as error:
            raise OutcomeUnknown(intent.operation_id, str(error)) from error
        except Moved:
            self._put_on_top(since)
            raise
        except (KeyboardInterrupt, SystemExit):  # that may come after the line was written
            if data:
                self._note_if_written(intent, before, data)
            raise
        self._appended = True
        self._put_on_top(since)
        self._overlay.put(made, intent.changes)
        self._head = head
        self._follow_at_intervals()
        return appended

    def _note_if_written(self, intent: Intent, before: Head, data: bytes) -> None:
        """Note the entry of an interrupted append if its line is in the log, and sync it.

        Raises ``OutcomeUnknown`` if that cannot be found out.
        """
        try:
            for line in islice(self._store.journal.read(before), 1):
                if line.data == data[:-1]:
                    self._store.journal.settle()
                    self._note(intent.entry(line))
        except BaseException as error:  # another interrupt, too
            why = f"interrupted: {error}" if str(error) else "interrupted"
            raise OutcomeUnknown(intent.operation_id, why) from error

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep everybody else from appending until the context ends; see ``Journal.turn``."""
        with self.lock, self._store.journal.turn():
            yield

    def lines_after(self, head: Head) -> list[Line]:
        """Return what was appended after a head that ``refresh`` returned, a line that lacks only
        its LF included: the end of the log is mended first. Raises ``Conflict``.
        """
        self._store.journal.settle()
        with _unreplaced():
            return list(self._store.journal.read(head))

    @contextmanager
    def preview(self, intents: Sequence[Intent], blobs: Readable) -> Iterator[Past]:
        """Show the state that intents would lead to; nothing of it stays."""
        self.refresh()
        self.settled()
        made, head = list[Line](), self._head
        for intent in intents:
            made.append(_parsed(lines.compose(intent.members(), head)))
            head = made[-1].head
        try:
            with self._caches.index.preview(made, blobs) as state:
                yield state
        except Behind:
            self._open_another()
            with self._caches.index.preview(made, blobs) as state:
                yield state

    def settle(self) -> None:
        """Make sure that what was read here is durable, whoever wrote it."""
        self._store.journal.settle()

    def follow(self, *, patient: bool = True) -> None:
        """Bring the caches to the head; a notice if they cannot go there."""
        with self.lock:
            if not self._overlay.lines or not self._caches.are_open():
                return
            try:
                self._follow(patient=patient)
            except Behind:
                return  # whoever writes the index now will take our lines in as well
            except (Stale, Diverged, OSError, RegistryError) as error:
                self._tell(f"the index could not follow: {error}")

    def close(self) -> None:
        """Bring the caches to the head and let go of them."""
        with self.lock:
            self.follow()
            self._caches.close()

    def _give_up(self, error: Exception) -> IndexLost:
        lost = self._caches.give_up(error)
        lost.is_repeatable = not self._appended
        return lost

    # Following

    def _head_at(self, seq: int) -> Head:
        if seq <= 0:
            return self._genesis
        rows = self.query("select seq, id, hint from entries where seq = ?", seq)
        if not rows:
            raise NotFound("entry", str(seq))
        return Head(rows[0][0], Digest(rows[0][1]), rows[0][2])

    def _index_holds(self) -> bool:
        if not self._caches.are_open() or not self._caches.are_in_place():
            return False
        return self._overlay.lines > 0 or self._caches.are_whole()

    def _open(self) -> None:
        """Open the best caches there can be; lines that they lack are put above them."""
        self._caches.open()
        self._take_the_rest()

    def _open_another(self) -> None:
        self._caches.open_another()
        self._take_the_rest()

    def _take_the_rest(self) -> None:
        self._stand_at(self._caches.head)
        self._put_on_top(list(self._store.journal.read(self._head)))

    def _take_in(self) -> None:
        room = _MOST_ABOVE - self._overlay.lines + 1
        try:
            new = list(islice(self._store.journal.read(self._head), max(room, 1)))
            self._put_on_top(new)
            if self._overlay.lines > _MOST_ABOVE:
                self._settle_index()
            elif new and self._overlay.lines > _LINES_ABOVE:
                self._bring_down()
        except Diverged:
            self._open()

    def _put_on_top(self, since: Sequence[Line]) -> None:
        new = [line for line in since if line.seq > self._head.seq]
        if new:
            self._overlay.take(new)
            self._head = new[-1].head

    def _follow_at_intervals(self) -> None:
        late = monotonic() - self._followed > _SECONDS_ABOVE
        if self._overlay.lines > _LINES_ABOVE or late:
            self._bring_down()
            self._followed = monotonic()

    def _bring_down(self) -> None:
        """Have fewer lines above the index, unless another process is at it: to wait for that one
        would make all wait that come to so many lines at the same time.
        """
        if not self._others_followed():
            self.follow(patient=False)

    def _others_followed(self) -> bool:
        """Take off the top what others have brought into the index meanwhile; was that most?"""
        try:
            rest = self._overlay.above(self._caches.head)
        except (Behind, Stale):
            return False
        if rest is None:
            return False
        self._overlay = Overlay()
        self._overlay.take(rest)
        return self._overlay.lines < _LINES_ABOVE // 2

    def _settle_index(self) -> None:
        """Bring an index to the head, another one if need be. Raises ``Diverged``."""
        if self._overlay.lines:
            try:
                self._follow()
            except (Behind, Stale):
                self._open_another()

    def _follow(self, *, patient: bool = True) -> None:
        self._caches.follow(patient=patient)
        self._stand_at(self._caches.head)

    def _stand_at(self, head: Head) -> None:
        self._overlay = Overlay()
        self._head = head
        self._followed = monotonic()


def _bound(value: Any) -> Any:
    """Return a value as SQLite takes it. It refuses longer integers; no seq and no count in an
    index is as large, so the largest selects what they would.
    """
    return max(-_LARGEST, min(value, _LARGEST)) if isinstance(value, int) else value


def _parsed(data: bytes) -> Line:
    line = lines.parse(data[:-1])
    assert line is not None  # noqa: S101 - compose made it
    return line


def _behind(known: Sequence[Line], new: Sequence[Line]) -> Sequence[Line]:
    """Return those of new lines that come after the known ones, with which they begin; else all."""
    there = len(known)
    return new[there:] if there and new[there - 1 : there] == known[-1:] else new


def _require_unmoved(intent: Intent, new: Sequence[Line]) -> None:
    """Raise ``Moved`` unless everything that the judgement read is still so, and nobody else has
    written a name that it changes: who wrote it may have been a part of the judgement.
    """
    if not new:
        return
    if "request" in intent.context:  # another writer may have the same key
        ours = intent.operation_id.encode()
        if any(ours in line.data for line in new):
            raise Moved(intent.operation_id)
    from dspyreg.model.entry import same_value

    read = [change.name for change in intent.changes] + [name for name, _ in intent.expects]
    near = concerning(new, {needle for name in read for needle in needles_of(name)})
    now = {name: (value, line.seq) for line in near for name, _, value in changes(line)}
    for change in intent.changes:
        if change.name in now:
            raise Moved(change.name)
    for name, expected in intent.expects:
        if name.endswith("/"):
            if any(seq > expected for other, (_, seq) in now.items() if other.startswith(name)):
                raise Moved(name)
        elif name in now and not same_value(now[name][0], expected):
            raise Moved(name)


def _require_there(blobs: Blobs, needs: Collection[Digest]) -> None:
    missing = tuple(digest for digest in needs if blobs.stat(digest) is None)
    if missing:
        raise Missing(missing)


def _runs(seqs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of successive numbers as (first, count)."""
    start = 0
    for at in range(1, len(seqs) + 1):
        if at == len(seqs) or seqs[at] != seqs[at - 1] + 1:
            yield seqs[start], at - start
            start = at


@contextmanager
def _unreplaced() -> Iterator[None]:
    """Raise ``Conflict`` where it turns out that the log was replaced, as git does it."""
    try:
        yield
    except Diverged as error:
        raise Conflict(
            f"{error}: the log was replaced while this ran",
            hint="run the command again",
        ) from error
