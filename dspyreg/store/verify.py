"""Whether a registry is whole: its log, its blobs, and the caches that follow the log.

Needs nothing but the files. What can be rebuilt is rebuilt; what is damaged is named.
"""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.backends.interface import Diverged
from dspyreg.errors import Corrupt, Denied, RegistryError, UnsupportedFormat
from dspyreg.model import line as lines
from dspyreg.model.entry import Entry
from dspyreg.model.line import Head
from dspyreg.store import gc, queries, refs, senseless
from dspyreg.store.index import Index
from dspyreg.store.index_file import Behind, Stale, file_of
from dspyreg.store.objects import open_checked, read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Set

    from dspyreg.backends.interface import Blobs, Listed, Store
    from dspyreg.model.digest import Digest
    from dspyreg.model.state import State
    from dspyreg.store.index_state import IndexState
    from dspyreg.store.log import Log

_LARGE: Final = 1 << 20
_TABLES: Final = (
    "entries",
    "changes",
    "newest",
    "versions",
    "deployments",
    "measurements",
    "digests",
)


class Problem(NamedTuple):
    """Something that is not as it was written: what it is, where, and what is wrong with it."""

    kind: str
    where: str
    message: str


class Verdict(NamedTuple):
    """What a verification found. ``repaired`` could be rebuilt and was; it is no problem."""

    ok: bool
    entries: int
    blobs: int
    collected: int
    problems: tuple[Problem, ...]
    repaired: tuple[Problem, ...]
    head: Head


def verify(
    store: Store, log: Log, *, repair: bool, known: Callable[[State], tuple[set[str], set[str]]]
) -> Verdict:
    """Check everything; mend what can be rebuilt from the log, if ``repair``. ``known`` tells the
    stages and environments of the configuration of a state.
    """
    head, problems = _walk(store)
    bad, blobs = _rehash(store)
    problems += bad
    damaged = {problem.where for problem in bad}
    repaired: list[Problem] = []
    problems += _acknowledged(store, log, head)
    collected = 0
    if not any(problem.kind == "log" for problem in problems):
        mended = _tail(store, repair=repair)
        with _rebuilt(store, log) as state:
            missing, collected = _referenced(store, log, state, damaged)
            problems += missing
            problems += [
                Problem("entry", f"entry {seq}", told)
                for seq, told in senseless.faults(log, state, known)
            ]
            mended += _caches(store, log, state, repair=repair)
        (repaired if repair else problems).extend(mended)
    return Verdict(not problems, head.seq, blobs, collected, tuple(problems), tuple(repaired), head)


def _walk(store: Store) -> tuple[Head, list[Problem]]:
    """Check every line against its own id and the one before; go on after a bad one."""
    head, problems, broken = store.genesis, list[Problem](), False
    for where, data in _raw(store, problems):
        if where == "torn":
            break
        good = [] if broken else lines.chain(head, [data])
        line = good[0] if good else lines.parse(data)
        if line is None:
            problems.append(Problem("log", f"entry {head.seq + 1}", f"{where} is damaged"))
            head, broken = Head(head.seq + 1, head.id), True
            continue
        if not broken and not line.follows(head):
            what = f"{where} does not follow entry {head.seq}"
            problems.append(Problem("log", f"entry {head.seq + 1}", what))
        head, broken = line.head, False
    with suppress(Corrupt):
        store.journal.head()
        return head, problems
    if not problems:
        what = "the log is damaged there"
        problems.append(Problem("log", f"entry {head.seq + 1}", what))
    return head, problems


def _raw(store: Store, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """Yield the lines as they stand; a place where nothing can be read is a problem."""
    try:
        yield from store.journal.raw()
    except Corrupt as error:
        problems.append(Problem("log", error.where, error.what))


def _rehash(store: Store) -> tuple[list[Problem], int]:
    """Hash every blob; large ones on all cores, while threads only hinder one another at small."""
    problems: list[Problem] = []
    sizes = {blob.digest: blob.size for blob in _listed(store.blobs, problems)}
    large = {digest for digest, size in sizes.items() if size > _LARGE}
    look = partial(_problem, store.blobs)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [*pool.map(look, large)]
    found += map(look, sizes.keys() - large)
    problems += [problem for problem in found if problem is not None]
    return sorted(problems), len(sizes)


def _listed(blobs: Blobs, problems: list[Problem]) -> Iterator[Listed]:
    """Yield the blobs that can be listed; a place where none can be is a problem."""
    try:
        yield from blobs.list()
    except Corrupt as error:
        problems.append(Problem("blob", error.where, error.what))


def _is_absent(blobs: Blobs, digest: Digest) -> bool:
    """Is a blob not there? One that is no regular file is there, and damaged."""
    try:
        return blobs.stat(digest) is None
    except Corrupt:
        return False


def _problem(blobs: Blobs, digest: Digest) -> Problem | None:
    try:
        open_checked(blobs, digest).close()
    except RegistryError as error:
        return Problem("blob", digest, str(error))
    return None


def _acknowledged(store: Store, log: Log, head: Head) -> list[Problem]:
    """A torn entry that the index holds was whole once: that is damage, and stays."""
    if log.index_path is None:
        return []
    try:
        index = Index(log.index_path, store.blobs)
    except (Stale, Behind):
        return []
    with closing(index):
        known = index.head(store.genesis)
    if known.seq <= head.seq:
        return []
    rest = [data for where, data in _raw(store, []) if where == "torn"]
    if not rest or lines.first_complete(rest[0]) or not _is_missed(store, known):
        return []
    return [Problem("log", f"entry {head.seq + 1}", "its end is missing")]


def _is_missed(store: Store, known: Head) -> bool:
    """Was a head seen in this very log, and not in one that this is a copy of?"""
    try:
        store.journal.read(known)
    except Corrupt:
        return True
    except Diverged:
        return False
    return False


def _tail(store: Store, *, repair: bool) -> list[Problem]:
    """Say what a crash left at the end of the log; a writer mends that, and so do we."""
    rest = [data for where, data in store.journal.raw() if where == "torn"]
    if not rest:
        return []
    if repair:
        with suppress(Denied):
            store.journal.settle()
    length = lines.first_complete(rest[0])
    what = "an entry without its end" if length else f"{len(rest[0])} bytes of a torn write"
    return [Problem("tail", "the end of the log", what)]


@contextmanager
def _rebuilt(store: Store, log: Log) -> Iterator[IndexState]:
    """Yield the state that the log alone leads to."""
    with closing(Index(None, store.blobs)) as index:
        with index.following():
            index.follow(log.all_lines())
        yield index.state()


def _referenced(
    store: Store, log: Log, state: IndexState, damaged: set[str]
) -> tuple[list[Problem], int]:
    """Find what the log speaks of and is not there: lost, unless gc was allowed to delete it."""
    told = gc.references(map(Entry.read, log.all_lines()))
    problems: list[Problem] = []
    try:
        gone = gc.collected(store.blobs, told.lists)
    except Corrupt:
        gone = set()
    problems += _unreadable(store, state, damaged)
    for program, label, digest in _live(store, state, damaged):
        if _is_absent(store.blobs, digest):
            problems.append(Problem("lost", digest, f"{program}@{label} needs it"))
    problems += _absent(store, told.forever, "an entry of the log names it")
    lost = {problem.where for problem in problems}
    undone = told.documents.keys() - gone - lost
    problems += _absent(store, undone, "a version that was undone needs it")
    return problems, sum(1 for digest in gone if _is_absent(store.blobs, digest))


def _absent(store: Store, digests: Set[Digest], why: str) -> list[Problem]:
    missing = (digest for digest in sorted(digests) if _is_absent(store.blobs, digest))
    return [Problem("lost", digest, why) for digest in missing]


def _unreadable(store: Store, state: IndexState, damaged: set[str]) -> list[Problem]:
    """Find the documents of versions whose bytes are whole, and which are none."""
    problems = []
    for document in queries.documents(state):
        if document not in damaged and store.blobs.stat(document) is not None:
            try:
                read_document(store.blobs, document)
            except (Corrupt, UnsupportedFormat) as error:
                problems.append(Problem("blob", document, str(error)))
    return problems


def _live(store: Store, state: IndexState, damaged: set[str]) -> Iterator[tuple[str, str, Digest]]:
    """Yield every blob that a version needs."""
    for program in state.programs():
        for number in state.numbers(program):
            snapshot = state.version(program, number)
            assert snapshot is not None  # noqa: S101 - it was just listed
            yield program, snapshot.label, snapshot.document
            if snapshot.document in damaged or _is_absent(store.blobs, snapshot.document):
                continue
            with suppress(Corrupt, UnsupportedFormat):  # told of already
                for file in read_document(store.blobs, snapshot.document).files:
                    yield program, snapshot.label, file.digest


def _caches(store: Store, log: Log, state: IndexState, *, repair: bool) -> list[Problem]:
    """Compare index and refs with the log by content."""
    problems = []
    differing = _differing(log, state)
    if differing:
        problems.append(Problem("index", str(log.index_path), f"{differing} not as in the log"))
        if repair:
            log.rebuild()
    directory = store.location.directory
    if directory is not None:
        wanted: dict[str, str] = {}
        for program in state.programs():
            wanted.update(refs.expected(state, program))
        there = refs.found(directory / "refs")

        def replaced(what: str) -> None:
            problems.append(Problem("ref", "refs", what))

        problems += [
            Problem("ref", f"refs/{path}", "not as in the log")
            for path in sorted(wanted.keys() | there.keys())
            if wanted.get(path) != there.get(path)
        ]
        if repair and wanted != there:
            with suppress(OSError):
                refs.write(directory / "refs", wanted, tell=replaced)
    return problems


def _differing(log: Log, state: IndexState) -> str:
    """Name the tables of the index that do not hold what the log says; empty if all do."""
    path = log.index_path
    if path is None:
        return ""
    file = file_of(path)
    if file is None:
        return "it is missing,"
    try:
        state.db.execute("attach ? as kept", (os.fsencode(file),))  # a name need not be UTF-8
        try:
            found = [table for table in _TABLES if _differs(state.db, table)]
            return _ahead(state.db) + ", ".join(found)
        finally:
            state.db.execute("detach kept")
    except (sqlite3.Error, Stale):
        return "all of it"


def _ahead(db: sqlite3.Connection) -> str:
    """Say that the index knows of entries that the log has not, if so: they were there once."""
    ends, known = (
        db.execute(f"select coalesce(max(seq), 0) from {a}.entries").fetchone()[0]  # noqa: S608
        for a in ("main", "kept")
    )
    return f"ahead of the log, which ends with entry {ends}: " if known > ends else ""


def _differs(db: sqlite3.Connection, table: str) -> bool:
    both = ("main", "kept"), ("kept", "main")
    queries = (
        f"select 1 from (select * from {a}.{table} except select * from {b}.{table}) limit 1"  # noqa: S608
        for a, b in both
    )
    return any(db.execute(query).fetchone() for query in queries)
