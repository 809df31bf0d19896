"""The log: its entries in order, and the append of one more.

Each thread uses a ``Log`` of its own; the journal orders the entries of all.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from dspyreg.backends.interface import SyncFailed
from dspyreg.errors import NotFound, OutcomeUnknown
from dspyreg.model import line as lines
from dspyreg.model.line import Head, Line
from dspyreg.store import queries
from dspyreg.store.head_state import changes
from dspyreg.store.index_file import Behind
from dspyreg.store.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from dspyreg.backends.interface import Blobs, Readable, Store
    from dspyreg.model.digest import Digest
    from dspyreg.model.entry import Entry, Intent, Seal
    from dspyreg.store.index_state import IndexState


def _discard(_: Entry) -> None:
    """Ignore an entry."""


class Moved(Exception):
    """Another writer has changed what a judgement read before its entry was appended."""


class Missing(Exception):
    """Blobs that an entry needs are missing."""

    def __init__(self, digests: tuple[Digest, ...]) -> None:
        super().__init__(*digests)
        self.digests = digests


class Log(View):
    """The log of one registry, with its index and refs, for one thread."""

    def __init__(
        self,
        store: Store,
        caches: Sequence[Path],
        tell: Callable[[str], None],
        note: Callable[[Entry], None] = _discard,
    ) -> None:
        """``caches`` are the places to keep an index, best first; in memory if none will do.
        ``note`` receives each entry as soon as it is appended.
        """
        super().__init__(store, caches, tell)
        self._note = note

    # Reading

    def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """Return entries by seq, in the order of the seqs. Raises ``NotFound``, ``Conflict``."""
        from dspyreg.model.entry import Entry

        by_seq: dict[int, Entry] = {}
        with self._translating_errors():
            for first, count in _runs(sorted(set(seqs))):
                for line in islice(self._store.journal.read(self._head_at(first - 1)), count):
                    by_seq[line.seq] = Entry.read(line)
        missing = [seq for seq in seqs if seq not in by_seq]
        if missing:
            raise NotFound("entry", str(missing[0]))
        return [by_seq[seq] for seq in seqs]

    def _head_at(self, seq: int) -> Head:
        if seq <= 0:
            return self._genesis
        head = queries.head_at(self.settled(), seq)
        if head is None:
            raise NotFound("entry", str(seq))
        return head

    def all_lines(self) -> Iterator[Line]:
        """Return the whole log, checked."""
        return self._store.journal.read(self._genesis)

    def lines_after(self, head: Head) -> list[Line]:
        """Return the lines appended after a head, one that lacks only its LF included: the end of
        the log is mended first. Raises ``Conflict``.
        """
        self._store.journal.settle()
        with self._translating_errors():
            return list(self._store.journal.read(head))

    @contextmanager
    def preview(self, intents: Sequence[Intent], blobs: Readable) -> Iterator[IndexState]:
        """Show the state that intents would lead to; nothing of it stays."""
        with self.reading(fresh=False):
            self.settled()
            made, head = list[Line](), self._head
            for intent in intents:
                made.append(_parsed(lines.compose(intent.members(), head)))
                head = made[-1].head
            try:
                with self._caches.index.preview(made, blobs) as state:
                    yield state
            except Behind:
                self._start_above(self._caches.open_another())
                self.settled()
                with self._caches.index.preview(made, blobs) as state:
                    yield state

    # Writing

    def append(
        self,
        intent: Intent,
        judged: Head | None = None,
        needs: Collection[Digest] = (),
        seal: Seal | None = None,
        *,
        expects: Sequence[tuple[str, Any]] | None = None,
    ) -> Entry:
        """Append an intent after everything its judgement read; durable on return.

        ``judged`` is the head at which the judgement began, by default that of the last look.
        ``needs`` are blobs that must be there at this moment: gc deletes in turns of its own, so
        none of them can go once the entry names it. ``expects`` is all that the judgement read,
        where the entry does not record it. A ``seal`` is made while others can still append.

        Raises ``Moved`` if another writer has changed what the judgement read, ``Missing``,
        ``OutcomeUnknown``.
        """
        self._caches.release()
        read = intent.expects if expects is None else expects
        members = intent.members(seal)
        since: Sequence[Line] = ()
        before, data = self._head, b""

        def place(new: Sequence[Line], head: Head) -> bytes:
            nonlocal since, before, data
            fresh, since, before = _behind(since, new), new, head
            _require_unmoved(intent, read, fresh)
            _require_there(self._store.blobs, needs)
            data = lines.compose(members, head)
            return data

        try:
            with self._translating_errors():
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
        self._has_appended = True
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
        with self._store.journal.turn():
            yield

    def settle(self) -> None:
        """Make durable what was read here, whoever wrote it."""
        self._store.journal.settle()


def _parsed(data: bytes) -> Line:
    line = lines.parse(data[:-1])
    assert line is not None  # noqa: S101 - compose made it
    return line


def _behind(known: Sequence[Line], new: Sequence[Line]) -> Sequence[Line]:
    """Return those of new lines that come after the known ones, with which they begin; else all."""
    there = len(known)
    return new[there:] if there and new[there - 1 : there] == known[-1:] else new


def _require_unmoved(intent: Intent, read: Sequence[tuple[str, Any]], new: Sequence[Line]) -> None:
    """Raise ``Moved`` if new lines change what the judgement read, or write a name that the intent
    changes: the writer of a name may have been part of the judgement.
    """
    if not new:
        return
    if "request" in intent.context:  # another writer may have the same key
        ours = intent.operation_id.encode()
        if any(ours in line.data for line in new):
            raise Moved(intent.operation_id)
    from dspyreg.model.entry import same_value

    now = {name: (value, line.seq) for line in new for name, _, value in changes(line)}
    for change in intent.changes:
        if change.name in now:
            raise Moved(change.name)
    for name, expected in read:
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
