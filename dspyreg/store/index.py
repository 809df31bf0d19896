"""The index: a cache of the log in SQLite, for lookups, lists, searches and history.

It may be deleted at any time. It knows the head it stands at and its own inode, so that a copy,
an older log or a replaced file is noticed by one read. Derived rows are always computed anew
from the names they come from: following a log gives the same rows as building from it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Corrupt
from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Entry
from dspyreg.model.line import Head
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.model.version import described
from dspyreg.store.objects import read_document, read_json
from dspyreg.store.past import Past
from dspyreg.store.rendered import version_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line

SCHEMA: Final = 1
_CHUNK: Final = 4000
_CANNOT_WRITE: Final = ("locked", "readonly", "unable to open", "full", "I/O")
_TABLES: Final = """
create table meta (
    schema integer, inode integer, seq integer, id text, hint text, time text);
create table entries (
    seq integer primary key, id text, hint text, time text, latest text, actor text, program text,
    operation text, operation_id text, changed integer, undoes integer, undone_by integer);
create table changes (
    name text, seq integer, value text, primary key (name, seq)) without rowid;
create table newest (prefix text primary key, seq integer) without rowid;
create table versions (
    program text, number integer, label text, document text, stage text, rank text,
    score real, json text, primary key (program, number));
create table deployments (
    program text, environment text, created integer, number integer, name text primary key)
    without rowid;
create table digests (
    program text, digest text, number integer, primary key (program, digest, number))
    without rowid;
create index entries_program on entries (program, seq);
create index entries_operation on entries (operation_id);
create index versions_stage on versions (program, stage, number);
create index versions_rank on versions (program, rank, number);
create index deployments_order on deployments (program, environment, created);
create index deployments_number on deployments (program, environment, number, created);
"""


class Stale(Exception):
    """The file is not an index of this log: damaged, a copy, or of another schema."""


class Behind(Exception):
    """The index cannot follow just now: another process writes it, or nobody may."""


class Touched(NamedTuple):
    """What a follow changed, for the refs that follow in turn: environments and stages."""

    environments: set[tuple[str, str]]
    stages: set[tuple[str, str]]


class Index:
    """One open index. Writes go through ``following`` alone."""

    def __init__(self, path: Path | None, blobs: Readable, *, timeout: float = 5.0) -> None:
        """Open an index file, or make one in memory where ``path`` is None.

        Raises ``Stale`` where there is none, or not a good one.
        """
        self.path = path
        self._blobs = blobs
        self._process = os.getpid()
        if path is not None and not path.exists():
            raise Stale("there is no index")
        with _stale_if_damaged():
            self.db = sqlite3.connect(
                ":memory:" if path is None else f"file:{_quoted(path)}?mode=rw",
                uri=path is not None,
                timeout=timeout,
                isolation_level=None,
                check_same_thread=False,
            )
            if path is None:
                self.db.executescript(_TABLES)
            else:
                self._check()

    def _check(self) -> None:
        self.db.execute("pragma synchronous=full")
        row = self.db.execute("select schema, inode from meta").fetchone()
        assert self.path is not None  # noqa: S101 - only files are checked
        if row is None or row != (SCHEMA, self.path.stat().st_ino):
            raise Stale("it is a copy, or of another schema")

    def is_in_place(self) -> bool:
        """Is the open file still the one under its name, and opened by this process?"""
        if self._process != os.getpid():
            return False
        if self.path is None:
            return True
        try:
            row = self.db.execute("select inode from meta").fetchone()
            return bool(row[0] == self.path.stat().st_ino)
        except (OSError, sqlite3.Error):
            return False

    def head(self, genesis: Head) -> Head:
        """Return the head of the log that the index stands at."""
        with _stale_if_damaged():
            row = self.db.execute("select seq, id, hint from meta").fetchone()
        return Head(row[0], Digest(row[1]), row[2]) if row and row[0] else genesis

    def close(self) -> None:
        """Let go of the file, unless a fork of the process that opened it asks."""
        if self._process == os.getpid():
            self.db.close()

    @contextmanager
    def following(self) -> Iterator[None]:
        """Hold the one lock on the index; what is done inside becomes visible all at once."""
        with _stale_if_damaged():
            self.db.execute("begin immediate")
            try:
                yield
                self.db.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.db.execute("rollback")
                raise

    def follow(self, lines: Iterable[Line]) -> Touched:
        """Take lines in, inside ``following``. Raises ``Corrupt`` for a line that is no entry."""
        work = _Follow(self.db, self._blobs)
        for line in lines:
            work.take(line)
        inode = self.path.stat().st_ino if self.path is not None else 0
        return work.finish(inode)

    @contextmanager
    def preview(self, lines: Iterable[Line], blobs: Readable) -> Iterator[Past]:
        """Show the state after some more lines, and forget them again. Raises ``Behind``."""
        with _stale_if_damaged():
            self.db.execute("begin immediate")
        try:
            work = _Follow(self.db, blobs)
            for line in lines:
                work.take(line)
            work.finish(0)
            yield Past(self.db, None)
        finally:
            self.db.execute("rollback")

    def state(self, at: int | None = None) -> Past:
        """Return the state as of a seq; as of the head without one."""
        return Past(self.db, at)


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


def build(
    path: Path, lines: Iterable[Line], blobs: Readable, then: Callable[[Touched, Past], None]
) -> None:
    """Make an index file from the whole log and put it in place; nobody sees it half made.

    ``then`` is called just before, with what the refs must follow. Raises ``OSError``.
    """
    making = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    try:
        db = sqlite3.connect(making, isolation_level=None)
        try:
            db.execute("pragma journal_mode=off")
            db.execute("pragma synchronous=off")
            db.execute("pragma cache_size=-65536")
            db.executescript(_TABLES)
            db.execute("begin")
            work = _Follow(db, blobs)
            for line in lines:
                work.take(line)
            touched = work.finish(making.stat().st_ino)
            db.execute("commit")
            then(touched, Past(db, None))
        finally:
            db.close()
        fd = os.open(making, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
        making.replace(path)
    except sqlite3.Error as error:
        raise OSError(f"cannot build the index: {error}") from error
    finally:
        with suppress(OSError):
            making.unlink()


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.absolute()))


class _Follow:
    """One pass over new lines: rows first, then everything that is derived from them."""

    def __init__(self, db: sqlite3.Connection, blobs: Readable) -> None:
        self.db, self.blobs = db, blobs
        row = db.execute("select seq, id, hint, time from meta").fetchone()
        self.seq: int = row[0] if row else 0
        self.id: str = row[1] if row else ""
        self.hint: str = row[2] if row else ""
        self.latest: str = row[3] if row else ""
        self.entries: list[tuple[Any, ...]] = []
        self.changes: list[tuple[str, int, str | None]] = []
        self.newest: dict[str, int] = {}
        self.undone: list[tuple[int, int]] = []
        self.versions: set[tuple[str, int]] = set()
        self.deployments: set[str] = set()
        self.touched = Touched(set(), set())
        self.everything = False

    def take(self, line: Line) -> None:
        """Note what one line says."""
        try:
            entry = Entry.read(line)
        except ValueError as error:
            raise Corrupt(f"entry {line.seq}", str(error)) from error
        self.seq, self.id, self.hint = line.head
        self.latest = max(self.latest, entry.time)
        row = (entry.time, self.latest, entry.actor, entry.program, entry.operation)
        counts = (entry.operation_id, len(entry.changes), entry.undoes)
        self.entries.append((entry.seq, entry.id, line.hint, *row, *counts))
        if entry.undoes is not None:
            self.undone.append((entry.seq, entry.undoes))
        for name, old, new in entry.changes:
            value = None if new is None else json.dumps(new, separators=(",", ":"))
            self.changes.append((name, entry.seq, value))
            for prefix in names.prefixes(name):
                self.newest[prefix] = entry.seq
            self.touch(name, old, new)
        if len(self.changes) > _CHUNK:
            self.write()

    def touch(self, name: str, old: Any, new: Any) -> None:
        """Note which derived rows a change of this name makes stale."""
        segments = names.split(name)
        kind = segments[0]
        if kind in {"versions", "stages", "metrics", "tags"}:
            self.versions.add((segments[1], int(segments[2])))
            if kind == "stages":
                self.touched.stages.update(
                    (segments[1], value["stage"])
                    for value in (old, new)
                    if value is not None and value["stage"] not in {ARCHIVED, DEPRECATED}
                )
        elif kind == "environments":
            self.touched.environments.add((segments[1], segments[2]))
            for pointer in (old, new):
                if pointer is not None and pointer["live"] is not None:
                    self.versions.add((segments[1], pointer["live"]))
        elif kind == "deployments":
            self.deployments.add(name)
        elif kind == names.CONFIG:
            self.everything = True

    def write(self) -> None:
        """Write the rows that come straight from lines."""
        self.db.executemany(
            "insert into entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)", self.entries
        )
        self.db.executemany("insert into changes values (?, ?, ?)", self.changes)
        for undo, undone in self.undone:
            self.db.execute("update entries set undone_by = ? where seq = ?", (undo, undone))
            self.db.execute(
                "update entries set undone_by = null"
                " where seq = (select undoes from entries where seq = ?)",
                (undone,),
            )
        self.entries, self.changes, self.undone = [], [], []

    def finish(self, inode: int) -> Touched:
        """Write what is left, derive the rest, and move the head."""
        self.write()
        self.db.executemany("insert or replace into newest values (?, ?)", self.newest.items())
        state = Past(self.db, None)
        for name in self.deployments:
            self.derive_deployment(state, name)
        if self.everything:
            rows = self.db.execute("select program, number from versions")
            self.versions.update(rows.fetchall())
        primary = self.primary(state)
        for program, number in sorted(self.versions):
            self.derive_version(state, program, number, primary)
        self.db.execute("delete from meta")
        self.db.execute(
            "insert into meta values (?, ?, ?, ?, ?, ?)",
            (SCHEMA, inode, self.seq, self.id, self.hint, self.latest),
        )
        return self.touched

    def derive_deployment(self, state: Past, name: str) -> None:
        """Compute the row of one deployment."""
        found = state.found(name)
        if found is None:
            self.db.execute("delete from deployments where name = ?", (name,))
            return
        _, program, environment, _ = names.split(name)
        self.db.execute(
            "insert or replace into deployments values (?, ?, ?, ?, ?)",
            (program, environment, found.created, found.value["number"], name),
        )

    def derive_version(self, state: Past, program: str, number: int, primary: str | None) -> None:
        """Compute the rows of one version."""
        key = (program, number)
        snapshot = state.version(program, number)
        if snapshot is None:
            self.db.execute("delete from versions where program = ? and number = ?", key)
            self.db.execute("delete from digests where program = ? and number = ?", key)
            return
        fixed = self.fixed(program, number, snapshot.document)
        told = version_object(state, program, number, fixed, primary)
        rank = None if told["stage"] == ARCHIVED else labels.rank(snapshot.label)
        self.db.execute(
            "insert or replace into versions values (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, *snapshot, told["stage"], rank, told["score"], _compact(told)),
        )

    def fixed(self, program: str, number: int, document: Digest) -> dict[str, Any] | None:
        """The members of a version object that never change; read from its document but once."""
        row = self.db.execute(
            "select json from versions where program = ? and number = ? and document = ?",
            (program, number, document),
        ).fetchone()
        if row is not None:
            told: dict[str, Any] = json.loads(row[0])
            if told["files_digest"] is not None:
                return told
        try:
            found = read_document(self.blobs, document)
        except Exception:
            return None
        digests = {document, *(file.digest for file in found.files)}
        self.db.executemany(
            "insert or replace into digests values (?, ?, ?)",
            [(program, digest, number) for digest in digests],
        )
        return described(found)

    def primary(self, state: Past) -> str | None:
        """The primary metric of the configuration in force."""
        value = state.get(names.CONFIG)
        if value is None:
            return None
        try:
            told = read_json(self.blobs, Digest.parse(value["document"]))
            found: str | None = told["metrics"]["primary"]
        except Exception:
            return None
        return found


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
