"""A thread's view of the log: its head, an index, and the lines that the index lacks.

A look asks the journal what others wrote. Reads answer from the last look, and inside ``reading``
from one moment: a read transaction keeps the index as it is. No thread shares a ``View``.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Final

from dspyreg.backends.interface import Diverged
from dspyreg.errors import Conflict, NotFound, RegistryError
from dspyreg.store import queries
from dspyreg.store.caches import MAX_ABOVE, Caches
from dspyreg.store.head_state import HeadState, Overlay
from dspyreg.store.index_file import Behind, Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from dspyreg.backends.interface import Store
    from dspyreg.model.line import Head, Line
    from dspyreg.store.index_state import IndexState

_MAX_ABOVE_BUSY: Final = 8 * MAX_ABOVE  # while another process writes the index
_FOLLOW_INTERVAL_S: Final = 1.0
_INDEX_ERRORS: Final = (sqlite3.Error, Stale, Behind)


class View:
    """The head of a log, and the state there."""

    def __init__(self, store: Store, caches: Sequence[Path], tell: Callable[[str], None]) -> None:
        """``caches`` are the places to keep an index, best first; in memory if none will do."""
        self._caches = Caches(store, caches, tell)
        self._store, self._tell = store, tell
        self._overlay = Overlay()
        self._head = self._genesis = store.genesis
        self._followed = monotonic()
        self._readings = self._operations = 0
        self._has_looked = False
        self._has_appended = False

    # Looking

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Answer all readings inside from one look at the journal."""
        if not self._operations:
            self._has_looked = False
        self._operations += 1
        try:
            yield
        finally:
            self._operations -= 1

    @contextmanager
    def reading(self, *, fresh: bool = True) -> Iterator[Head]:
        """Answer everything inside as of one moment, and yield the head there.

        Looks at the journal, unless that was done in the same operation or need not be ``fresh``.
        Raises ``Conflict`` if the log was replaced meanwhile, ``IndexLost``.
        """
        is_known = self._readings or not fresh or (self._operations and self._has_looked)
        self._readings += 1
        try:
            with self._translating_errors():
                if not is_known or not self._caches.are_open():
                    self.refresh()
                try:
                    yield self._head
                finally:
                    if self._readings == 1:
                        self._caches.release()
        finally:
            self._readings -= 1

    def refresh(self) -> Head:
        """Ask the journal for what others have written; return the head. Raises ``Conflict``."""
        with self._translating_errors():
            self._caches.release()
            if self._index_holds():
                self._take_in()
            else:
                self._open()
            self._has_looked = True
            if self._readings:
                self._hold_first()
            return self._head

    def release(self) -> None:
        """Let others commit to the index, before work that reads nothing of it."""
        self._caches.release()

    def is_current(self, head: Head) -> bool:
        """Return whether a head that ``refresh`` returned is still that of the log. Two stats."""
        return self._store.journal.head(head) is head

    def _hold_first(self) -> None:
        """Hold the index. Where others brought it beyond what the journal just said, go along."""
        index = self._hold()
        if index.seq > self._head.seq:
            self._start_at(index)

    def _hold(self) -> Head:
        """Return the head of the index; inside a reading it stays there."""
        if self._readings:
            self._caches.hold()
        return self._caches.head

    # Reading

    @property
    def head(self) -> Head:
        """The head that the last look returned, or the entry appended since."""
        return self._head

    @property
    def index_path(self) -> Path | None:
        """The path of the index; None if it is in memory."""
        return self._caches.path

    def state(self) -> HeadState | IndexState:
        """Return the state at the head."""
        index = self._hold()
        if index.seq > self._head.seq:
            return self._caches.index.state(self._head.seq)
        return HeadState(self._caches.index.state(), self._overlay, self.settled)

    def settled(self) -> IndexState:
        """Return the state at the head, from an index that holds all of its lines.

        Raises ``Conflict``.
        """
        with self._translating_errors():
            if self._hold().seq < self._head.seq:
                self._caches.release()
                self._settle_index()
            index = self._hold()
            is_ahead = index.seq > self._head.seq
            return self._caches.index.state(self._head.seq if is_ahead else None)

    def past(self, seq: int) -> IndexState:
        """Return the state as of a seq. Raises ``NotFound`` for one after the head."""
        if not 0 <= seq <= self._head.seq:
            raise NotFound("entry", str(seq), hint="log-ends", last=self._head.seq)
        self.settled()
        return self._caches.index.state(seq)

    def seq_at(self, time: str) -> int:
        """Return the seq of the last entry at or before a time, by the running maximum."""
        return queries.seq_at(self.settled(), time)

    # Keeping the index

    def rebuild(self) -> None:
        """Make a new index and new refs from the log. Raises ``Conflict``."""
        with self._translating_errors():
            self._start_above(self._caches.open_rebuilt())

    def follow(self, *, patient: bool = True) -> None:
        """Bring the caches to the head; a notice if they cannot go there."""
        with self._translating_errors():
            if not self._overlay.lines or not self._caches.are_open():
                return
            try:
                self._follow(patient=patient)
            except Behind:
                return  # the process that writes the index takes our lines in as well
            except (Stale, Diverged, OSError, RegistryError) as error:
                self._tell(f"the index could not follow: {error}")

    def close(self) -> None:
        """Bring the caches to the head and close them."""
        with self._translating_errors():
            self.follow()
            self._caches.close()

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise ``Conflict`` where the log was replaced, as git does it, and ``IndexLost`` where
        the index cannot be read.
        """
        try:
            yield
        except Diverged as error:
            raise Conflict("log-replaced", reason=str(error)) from error
        except _INDEX_ERRORS as error:
            lost = self._caches.give_up(error)
            lost.is_repeatable = not self._has_appended
            raise lost from error

    def _index_holds(self) -> bool:
        if not self._caches.are_open() or not self._caches.are_in_place():
            return False
        return self._overlay.lines > 0 or self._caches.are_whole()

    def _open(self) -> None:
        """Open the best caches there can be; lines that they lack are put above them."""
        self._start_above(self._caches.open())

    def _take_in(self) -> None:
        room = max(_MAX_ABOVE_BUSY - self._overlay.lines + 1, 1)
        try:
            new = list(islice(self._store.journal.read(self._head), room))
            if self._overlay.lines + len(new) > _MAX_ABOVE_BUSY:
                self._follow_journal()
                return
        except Diverged:
            self._open()
            return
        self._put_on_top(new)
        if new and self._overlay.lines > MAX_ABOVE:
            self._bring_down()

    def _put_on_top(self, lines: Sequence[Line]) -> None:
        new = [line for line in lines if line.seq > self._head.seq]
        if new:
            self._overlay.take(new)
            self._head = new[-1].head

    def _follow_at_intervals(self) -> None:
        is_late = monotonic() - self._followed > _FOLLOW_INTERVAL_S
        if self._overlay.lines > MAX_ABOVE or is_late:
            self._bring_down()
            self._followed = monotonic()

    def _bring_down(self) -> None:
        """Bring lines into the index, unless another process writes it: processes that reach as
        many lines at the same time must not wait for one another.
        """
        if not self._others_followed():
            self.follow(patient=False)

    def _others_followed(self) -> bool:
        """Drop the lines that others have brought into the index; return whether most are gone."""
        try:
            rest = self._overlay.above(self._caches.head)
        except (Behind, Stale):
            return False
        if rest is None or len(rest) == self._overlay.lines:
            return False
        self._overlay = Overlay()
        self._overlay.take(rest)
        return self._overlay.lines < MAX_ABOVE // 2

    def _settle_index(self) -> None:
        """Bring an index to the head, another one if this one cannot go there."""
        while True:
            try:
                self._follow()
            except (Behind, Stale):
                lines = self._caches.open_another()
                self._overlay = Overlay()
                self._overlay.take(line for line in lines if line.seq <= self._head.seq)
            else:
                return

    def _follow_journal(self) -> None:
        """Bring an index to the end of the journal, of which too much is new to put it on top."""
        try:
            self._caches.follow(self._store.journal.read)
        except (Behind, Stale):
            self._start_above(self._caches.open_another())
        else:
            self._start_at(self._caches.head)

    def _follow(self, *, patient: bool = True) -> None:
        self._caches.follow(self._known_after, patient=patient)
        index = self._caches.head
        if index.seq <= self._head.seq:
            self._start_at(index)

    def _known_after(self, index: Head) -> Iterable[Line]:
        """Return the lines from the head of an index to ours; none if others brought it further."""
        lines = self._overlay.above(index)
        if lines is not None:
            return lines
        return () if index.seq >= self._head.seq else self._store.journal.read(index)

    def _start_above(self, lines: Sequence[Line]) -> None:
        """Start at the head of an index, with the lines that it lacks above it."""
        self._start_at(self._caches.head)
        self._put_on_top(lines)

    def _start_at(self, head: Head) -> None:
        self._overlay = Overlay()
        self._head = head
        self._followed = monotonic()
