"""The caches that follow the log: an index, where one can be kept, and the refs beside it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from dspyreg.backends.interface import Diverged
from dspyreg.errors import StorageError
from dspyreg.store.index import Index, mark_head
from dspyreg.store.index_file import Behind, Stale, is_busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from dspyreg.backends.interface import Store
    from dspyreg.model.line import Head, Line
    from dspyreg.store.follow import Touched
    from dspyreg.store.index_state import IndexState

MAX_ABOVE: Final = 512  # lines above the index before it follows
_REMOVAL_PATIENCE_S: Final = 1.0


class IndexLost(StorageError):
    """The index, a cache, could not be read and was removed; the next look makes another.

    ``is_repeatable`` is True if nothing was appended to the log before.
    """

    is_cache = True

    def __init__(self, reason: str) -> None:
        super().__init__("index-lost", reason=reason)
        self.is_repeatable = True


class Caches:
    """The index that is in use, and the refs of the same registry."""

    def __init__(self, store: Store, places: Sequence[Path], tell: Callable[[str], None]) -> None:
        """``places`` are the paths an index may have, best first; in memory if none will do."""
        self._store, self._tell = store, tell
        self._places: list[Path | None] = [*places, None]
        self._index: Index | None = None
        self._left: Index | None = None

    @property
    def path(self) -> Path | None:
        """The path of the index; None if it is in memory."""
        return self._places[0]

    @property
    def index(self) -> Index:
        """The index in use; ``open`` comes first."""
        assert self._index is not None  # noqa: S101
        return self._index

    @property
    def head(self) -> Head:
        """The head of the log up to which the index goes."""
        return self.index.head(self._store.genesis)

    def are_open(self) -> bool:
        """Return whether an index is in use that this very process opened, not its parent."""
        return self._index is not None and self._index.is_ours()

    def are_in_place(self) -> bool:
        """Return whether the index in use is still the file under its name."""
        return self.index.is_in_place()

    def are_whole(self) -> bool:
        """Return whether the file in use is still an index of this store."""
        return self.index.is_whole()

    def open(self) -> list[Line]:
        """Open the best index there can be, built if need be; return the lines that it lacks.

        Asks the journal once. Raises ``StorageError`` if no index can be made.
        """
        self._leave()
        reason: Exception | None = None
        for path in self._places:
            try:
                return self._open_at(path)
            except (Stale, Behind, OSError) as error:
                self._discard()
                reason = error
        raise StorageError("index-impossible", reason=str(reason))

    def open_another(self) -> list[Line]:
        """Leave an index that cannot follow for another, in memory if need be; see ``open``."""
        places = self._places
        self._places = places[places.index(self.index.path) + 1 :] or [None]
        return self.open()

    def open_rebuilt(self) -> list[Line]:
        """Build a new index and new refs from the log, and open them; see ``open``."""
        if self.path is not None:
            with suppress(OSError, Behind):
                self._build(self.path, anew=True)
        return self.open()

    def hold(self) -> None:
        """Keep the index as it is until ``release``."""
        self.index.hold()

    def release(self) -> None:
        """Let others commit to the index."""
        if self._index is not None:
            self._index.release()

    def follow(
        self, lines_after: Callable[[Head], Iterable[Line]], *, patient: bool = True
    ) -> None:
        """Take the lines after its head into the index and the refs.

        Raises ``Behind``, ``Stale``, ``Diverged``.
        """
        with self.index.following(patient=patient):
            touched = self.index.follow(iter(lines_after(self.head)))
            mark_head(self.index.db, self._store.journal.mark)
            self._write_refs(touched, self.index.state())

    def give_up(self, error: Exception) -> IndexLost:
        """Remove an index that could not be read, so that the next command builds another."""
        index = self._index
        self._leave()
        if index is not None and index.path is not None and not is_busy(error):
            from dspyreg.store.build import remove

            with suppress(OSError, Behind):
                remove(index.path, index.inode, patience=_REMOVAL_PATIENCE_S)
        self._tell(f"the index could not be read and is rebuilt: {error}")
        return IndexLost(str(error))

    def close(self) -> None:
        """Close the index, and the one that was left before."""
        self._leave()
        self._leave()

    def _leave(self) -> None:
        """Leave the index, but close it one turn later: a judgement may still read it."""
        if self._left is not None:
            self._left.close()
        self._left, self._index = self._index, None

    def _discard(self) -> None:
        """Close an index that turned out unusable before it was read."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def _open_at(self, path: Path | None) -> list[Line]:
        is_index = False
        try:
            index = Index(path, self._store.blobs)
            is_index = True  # a fault that shows later is in a file that others take for an index
            return self._use(index)
        except Stale:
            self._discard()
        except Diverged as error:
            self._tell(self._difference(error.head))
            self._leave()
        assert path is not None  # noqa: S101 - an index in memory is never stale
        self._build(path, anew=is_index)
        return self._use(Index(path, self._store.blobs))

    def _use(self, index: Index) -> list[Line]:
        """Use an index; return the lines that it lacks. Takes them in where they are many.

        Raises ``Diverged``.
        """
        self._index = index
        start = self.head
        lines = iter(self._store.journal.read(start))
        first = list(islice(lines, MAX_ABOVE + 1))
        if len(first) <= MAX_ABOVE:
            return first

        def lines_after(head: Head) -> Iterable[Line]:
            is_start = head.same(start)  # else others have followed meanwhile
            return chain(first, lines) if is_start else self._store.journal.read(head)

        try:
            self.follow(lines_after, patient=False)
        except Behind:
            return list(self._store.journal.read(self.head))
        return []

    def _build(self, path: Path, *, anew: bool) -> None:
        from dspyreg.store.build import build

        path.parent.mkdir(parents=True, exist_ok=True)
        whole_log = partial(self._store.journal.read, self._store.genesis)
        finish = partial(self._finish, path)
        build(path, whole_log, self._store.blobs, finish, anew=anew, tell=self._tell)

    def _finish(self, path: Path, state: IndexState) -> None:
        mark_head(state.db, self._store.journal.mark)
        self._rewrite_refs(path, state)

    def _difference(self, known: Head) -> str:
        """Return how the log differs from what the index holds, in words."""
        head = self._store.journal.head()
        if head.seq < known.seq:
            return f"the index is ahead of the log, which ends with entry {head.seq}; rebuilt"
        return f"the log is another one from entry {self._first_other()} on; index rebuilt"

    def _first_other(self) -> int:
        known = self.index.state().db.execute("select seq, id from entries order by seq")
        whole_log = self._store.journal.read(self._store.genesis)
        for line, (seq, identity) in zip(whole_log, known, strict=False):
            if line.id != identity:
                return int(seq)
        return 0

    def _refs_beside(self, path: Path | None) -> Path | None:
        """Return the directory of the refs; None unless the index is in the store as well."""
        root = self._store.location.directory
        return (
            root / "refs" if root is not None and path is not None and path.parent == root else None
        )

    def _write_refs(self, touched: Touched, state: IndexState) -> None:
        root = self._refs_beside(self.index.path)
        if root is None:
            return
        from dspyreg.store import refs

        for program, environment in touched.environments:
            refs.follow_environment(root, state, program, environment, tell=self._tell)
        for program, stage in touched.stages:
            refs.follow_stage(root, state, program, stage, tell=self._tell)

    def _rewrite_refs(self, path: Path, state: IndexState) -> None:
        root = self._refs_beside(path)
        if root is None:
            return
        from dspyreg.store import refs

        texts: dict[str, str] = {}
        for (program,) in state.db.execute("select distinct program from versions").fetchall():
            texts.update(refs.expected(state, program))
        refs.write(root, texts, tell=self._tell)
