"""Verification of a registry: its log, its blobs, and the caches that follow the log.

Needs nothing but the files. Caches are rebuilt; damage is reported.
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
    """Something that is not as it was written: its kind, its place, and what is wrong with it."""

    kind: str
    where: str
    message: str


class VerifyReport(NamedTuple):
    """The result of a verification. ``repaired`` was rebuilt, and is no problem."""

    ok: bool
    entries: int
    blobs: int
    collected: int
    problems: tuple[Problem, ...]
    repaired: tuple[Problem, ...]
    head: Head


def verify(
    store: Store, log: Log, *, repair: bool, known: Callable[[State], tuple[set[str], set[str]]]
) -> VerifyReport:
    """Check everything; with ``repair``, rebuild what the log tells. ``known`` returns the stages
    and environments that the configuration of a state defines.
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
                Problem("entry", f"entry {seq}", message)
                for seq, message in senseless.faults(log, state, known)
            ]
            mended += _caches(store, log, state, repair=repair)
        (repaired if repair else problems).extend(mended)
    return VerifyReport(
        not problems, head.seq, blobs, collected, tuple(problems), tuple(repaired), head
    )


def _walk(store: Store) -> tuple[Head, list[Problem]]:
    """Check every line against its own id and the line before; go on after a bad one."""
    head, problems, broken = store.genesis, list[Problem](), False
    for place, data in _raw(store, problems):
        if place == "torn":
            break
        good = [] if broken else lines.chain(head, [data])
        line = good[0] if good else lines.parse(data)
        if line is None:
            problems.append(Problem("log", f"entry {head.seq + 1}", f"{place} is damaged"))
            head, broken = Head(head.seq + 1, head.id), True
            continue
        if not broken and not line.follows(head):
            message = f"{place} does not follow entry {head.seq}"
            problems.append(Problem("log", f"entry {head.seq + 1}", message))
        head, broken = line.head, False
    with suppress(Corrupt):
        store.journal.head()
        return head, problems
    if not problems:
        message = "the log is damaged there"
        problems.append(Problem("log", f"entry {head.seq + 1}", message))
    return head, problems


def _raw(store: Store, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """Yield the lines as they are; a place that cannot be read is a problem."""
    try:
        yield from store.journal.raw()
    except Corrupt as error:
        problems.append(Problem("log", error.where, error.what))


def _rehash(store: Store) -> tuple[list[Problem], int]:
    """Hash every blob, the large ones on all cores: with small ones, threads cost more than they
    save.
    """
    problems: list[Problem] = []
    sizes = {blob.digest: blob.size for blob in _listed(store.blobs, problems)}
    large = {digest for digest, size in sizes.items() if size > _LARGE}
    look = partial(_problem, store.blobs)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = [*pool.map(look, large)]
    results += map(look, sizes.keys() - large)
    problems += [problem for problem in results if problem is not None]
    return sorted(problems), len(sizes)


def _listed(blobs: Blobs, problems: list[Problem]) -> Iterator[Listed]:
    """Yield the blobs that can be listed; a place that cannot be is a problem."""
    try:
        yield from blobs.list()
    except Corrupt as error:
        problems.append(Problem("blob", error.where, error.what))


def _is_absent(blobs: Blobs, digest: Digest) -> bool:
    """Return whether a blob is missing. One that is no regular file is damaged, not missing."""
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
    """Return the problem of a torn entry that the index holds: it was whole once, so the log was
    damaged.
    """
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
    rest = [data for place, data in _raw(store, []) if place == "torn"]
    if not rest or lines.first_complete(rest[0]) or not _is_missed(store, known):
        return []
    return [Problem("log", f"entry {head.seq + 1}", "its end is missing")]


def _is_missed(store: Store, known: Head) -> bool:
    """Return whether a head was seen in this very log, and not in one that this is a copy of."""
    try:
        store.journal.read(known)
    except Corrupt:
        return True
    except Diverged:
        return False
    return False


def _tail(store: Store, *, repair: bool) -> list[Problem]:
    """Return what a crash left at the end of the log; with ``repair``, mend it as a writer does."""
    rest = [data for place, data in store.journal.raw() if place == "torn"]
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
    """Return the blobs that the log names and that are lost, and the number that gc deleted."""
    named = gc.references(map(Entry.read, log.all_lines()))
    problems: list[Problem] = []
    try:
        gone = gc.collected(store.blobs, named.lists)
    except Corrupt:
        gone = set()
    problems += _unreadable(store, state, damaged)
    for program, label, digest in _live(store, state, damaged):
        if _is_absent(store.blobs, digest):
            problems.append(Problem("lost", digest, f"{program}@{label} needs it"))
    problems += _absent(store, named.forever, "an entry of the log names it")
    lost = {problem.where for problem in problems}
    undone = named.documents.keys() - gone - lost
    problems += _absent(store, undone, "a version that was undone needs it")
    return problems, sum(1 for digest in gone if _is_absent(store.blobs, digest))


def _absent(store: Store, digests: Set[Digest], why: str) -> list[Problem]:
    missing = (digest for digest in sorted(digests) if _is_absent(store.blobs, digest))
    return [Problem("lost", digest, why) for digest in missing]


def _unreadable(store: Store, state: IndexState, damaged: set[str]) -> list[Problem]:
    """Return the documents of versions that are intact and yet no documents."""
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
            with suppress(Corrupt, UnsupportedFormat):  # reported already
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
        expected: dict[str, str] = {}
        for program in state.programs():
            expected.update(refs.expected(state, program))
        actual = refs.existing(directory / "refs")

        def replaced(what: str) -> None:
            problems.append(Problem("ref", "refs", what))

        problems += [
            Problem("ref", f"refs/{path}", "not as in the log")
            for path in sorted(expected.keys() | actual.keys())
            if expected.get(path) != actual.get(path)
        ]
        if repair and expected != actual:
            with suppress(OSError):
                refs.write(directory / "refs", expected, tell=replaced)
    return problems


def _differing(log: Log, state: IndexState) -> str:
    """Return the tables of the index that differ from the log, in words; empty if none does."""
    path = log.index_path
    if path is None:
        return ""
    file = file_of(path)
    if file is None:
        return "it is missing,"
    try:
        state.db.execute("attach ? as kept", (os.fsencode(file),))  # a name need not be UTF-8
        try:
            tables = [table for table in _TABLES if _differs(state.db, table)]
            return _ahead(state.db) + ", ".join(tables)
        finally:
            state.db.execute("detach kept")
    except (sqlite3.Error, Stale):
        return "all of it"


def _ahead(db: sqlite3.Connection) -> str:
    """Return, in words, that the index holds entries that the log lost; empty if it does not."""
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
