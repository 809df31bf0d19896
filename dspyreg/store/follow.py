"""Taking lines into an index: first the rows that come straight from them, then the derived ones.

Derived rows are always computed anew from the names they come from: following a log gives the
same rows as building from it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import StorageError
from dspyreg.model import canonical, names
from dspyreg.model import label as labels
from dspyreg.model.digest import Digest
from dspyreg.model.document import described
from dspyreg.model.entry import LineReading
from dspyreg.model.metrics import Metrics
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.store import measurements
from dspyreg.store.index_state import IndexState, value_of
from dspyreg.store.objects import read_document, read_json
from dspyreg.store.schema import SCHEMA
from dspyreg.store.version_view import Facts, facts, version_object

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from dspyreg.backends.interface import Readable
    from dspyreg.model.line import Line

_CHUNK: Final = 20_000
_ENTRY: Final = "insert into entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)"
_VERSION: Final = "insert or replace into versions values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NAME: Final = itemgetter(0)
_BESIDE: Final = {ARCHIVED, DEPRECATED}
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode  # as lines are spelled, so that a build may keep their words


class Touched:
    """What a follow changed, for the refs that follow in turn: environments and stages."""

    def __init__(self) -> None:
        self.environments: set[tuple[str, str]] = set()
        self.stages: set[tuple[str, str]] = set()


class Kept:
    """The row that a version has already; ``told`` is its version object."""

    __slots__ = ("document", "label", "rank", "told")

    def __init__(self, label: str, document: str, rank: str | None, told: dict[str, Any]) -> None:
        self.label, self.document = label, document
        self.rank, self.told = rank, told


class Follow:
    """One pass over new lines."""

    loads = staticmethod(canonical.loads)

    def __init__(self, db: sqlite3.Connection, blobs: Readable) -> None:
        self.db, self.blobs = db, blobs
        row = db.execute("select seq, id, hint, time from meta").fetchone()
        self.from_the_start = row is None
        self.before: int | None = row[0] if row else None
        self.seq: int = row[0] if row else 0
        self.id: str = row[1] if row else ""
        self.hint: str = row[2] if row else ""
        self.latest: str = row[3] if row else ""
        self.entries: list[tuple[Any, ...]] = []
        self.changes: list[tuple[str, int, str | None]] = []
        self.newest: dict[str, int] = {}
        self.undone: list[tuple[int, int]] = []
        self.versions: defaultdict[str, set[int]] = defaultdict(set)
        self.digests: set[tuple[str, str, int]] = set()
        self.deployments: dict[str, tuple[int, int | None]] = {}
        self.past = IndexState(db, self.before)
        self.touched = Touched()
        self.everything = False
        self.by_kind: dict[str, Callable[[str, Any], None]] = {
            "deployments": self.touch_deployment,
            "environments": self.touch_environment,
            "stages": self.touch_stage,
            **dict.fromkeys(("versions", "tags", "metrics"), self.touch_version),
            names.CONFIG: self.touch_configuration,
        }

    def take(self, lines: Iterable[Line]) -> None:
        """Note what lines say."""
        for line in lines:
            self.read(line)
            if len(self.changes) > _CHUNK:
                self.write()

    def read(self, line: Line) -> None:
        """Note what an entry says, as far as that makes sense."""
        said = LineReading.of(line)
        whose = (said.actor, said.members.get("program"), said.operation, said.operation_id)
        self.note(line, said.time, whose, said.written, said.undoes)
        for name, _, new in said.changes:
            self.changes.append((name, line.seq, None if new is None else _encode(new)))
            self.touch(name, new)

    def touch(self, name: str, new: Any) -> None:
        """Note what a change of the newest line makes stale."""
        self.newest[name[: name.rfind("/") + 1]] = self.seq
        touch = self.by_kind.get(name.partition("/")[0])
        if touch is not None:
            touch(name, new)

    def note(
        self, line: Line, time: str, whose: tuple[Any, ...], changed: int, undoes: int | None
    ) -> None:
        """Note an entry; ``whose`` is its actor, program, operation and operation id."""
        self.seq, self.id, self.hint = line.seq, line.id, line.hint
        self.latest = max(self.latest, time)
        row = (line.seq, line.id, line.hint, time, self.latest, *whose, changed, undoes)
        self.entries.append(row)
        if undoes is not None:
            self.undone.append((line.seq, undoes))

    # Which derived rows a change makes stale

    def touch_deployment(self, name: str, new: Any) -> None:
        """Note which version a deployment is of."""
        self.note_deployment(name, None if new is None else new["number"])

    def note_deployment(self, name: str, number: int | None) -> None:
        """Note which version a deployment is of, if any, and the entry that made it."""
        before = self.deployments.get(name)
        self.deployments[name] = before[0] if before else self.seq, number

    def touch_version(self, name: str, _: Any = None) -> None:
        """Note that something is said of a version."""
        _, program, number, *_ = names.split(name)
        self.versions[program].add(int(number))

    def touch_stage(self, name: str, new: Any) -> None:
        """Note a version, and the stages that it leaves and comes to."""
        _, program, number = names.split(name)
        self.versions[program].add(int(number))
        for value in (self.value_before(name), new):
            if value is not None and value["stage"] not in _BESIDE:
                self.touched.stages.add((program, value["stage"]))

    def touch_environment(self, name: str, new: Any) -> None:
        """Note an environment, and the versions that are and were live there."""
        _, program, environment = names.split(name)
        self.touched.environments.add((program, environment))
        for value in (self.value_before(name), new):
            if value is not None and value["live"] is not None:
                self.versions[program].add(value["live"])

    def value_before(self, name: str) -> Any:
        """The value that a name had before this pass; what an entry says of it is not asked."""
        return None if self.before is None else self.past.get(name)

    def touch_configuration(self, _: str, __: Any) -> None:
        """Note that every version may have another score."""
        self.everything = True

    # Rows

    def write(self) -> None:
        """Write the rows that come straight from lines."""
        self.db.executemany(_ENTRY, self.entries)
        self.changes.sort(key=_NAME)  # neighbours go to one page, and those of a name in order
        self.db.executemany("insert into changes values (?, ?, ?)", self.changes)
        measurements.follow(self.db, self.changes)
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
        if self.seq == self.before:
            return self.touched
        self.write()
        self.derive_newest()
        self.derive_deployments()
        if self.everything:
            for program, number in self.db.execute("select program, number from versions"):
                self.versions[program].add(number)
        self.derive_versions(self.state())
        self.db.execute("delete from meta")
        self.db.execute(
            "insert into meta values (?, ?, ?, ?, ?, ?)",
            (SCHEMA, inode, self.seq, self.id, self.hint, self.latest),
        )
        return self.touched

    def state(self) -> IndexState:
        """The state that rows of lines make up."""
        return IndexState(self.db, None)

    def derive_newest(self) -> None:
        """Compute the newest change under every prefix, of those of the names' parents."""
        newest: dict[str, int] = {}
        for parent, seq in sorted(self.newest.items(), key=itemgetter(1)):
            newest.update(dict.fromkeys(names.prefixes(parent), seq))
        self.db.executemany("insert or replace into newest values (?, ?)", sorted(newest.items()))

    def derive_deployments(self) -> None:
        """Compute the rows of deployments."""
        gone, rows = [], []
        for name, (first, number) in self.deployments.items():
            _, program, environment, operation = names.split(name)
            created = first if self.from_the_start else self.created(name)
            if number is None:
                gone.append((program, environment, created, operation))
            else:
                rows.append((program, environment, created, operation, number))
        self.db.executemany(
            "delete from deployments where (program, environment, created, operation)"
            " = (?, ?, ?, ?)",
            gone,
        )
        rows.sort()  # neighbours go to the same page
        self.db.executemany("insert or replace into deployments values (?, ?, ?, ?, ?)", rows)

    def created(self, name: str) -> int:
        """The seq that first gave a name a value."""
        row = self.db.execute("select min(seq) from changes where name = ?", (name,)).fetchone()
        return int(row[0])

    def derive_versions(self, state: IndexState) -> None:
        """Compute the rows of versions."""
        common, own = self.readings(state)
        for program, numbers in sorted(self.versions.items()):
            kept = self.kept_rows(program, numbers)
            known = facts(state, program, numbers)
            metrics = own.get(program, common)
            rows = [
                self.row(program, n, known[n], kept.get(n), metrics)
                for n in sorted(numbers)
                if n in known
            ]
            self.db.executemany(_VERSION, rows)
            gone = [(program, number) for number in numbers if number not in known]
            for table in ("versions", "digests"):
                self.db.executemany(
                    f"delete from {table} where program = ? and number = ?",  # noqa: S608
                    gone,
                )
        self.db.executemany("insert or replace into digests values (?, ?, ?)", sorted(self.digests))

    def kept_rows(self, program: str, numbers: Iterable[int]) -> dict[int, Kept]:
        """The rows that versions have already; each is read but once."""
        if self.from_the_start:
            return {}
        query = "select label, document, rank, json from versions where program = ? and number = ?"
        kept = {}
        for number in numbers:
            row = self.db.execute(query, (program, number)).fetchone()
            if row is not None:
                label, document, rank, told = row
                kept[number] = Kept(label, document, rank, value_of(told))
        return kept

    def row(
        self, program: str, number: int, known: Facts, kept: Kept | None, metrics: Metrics
    ) -> tuple[Any, ...]:
        """Return the row of one version."""
        label, document, _ = known.snapshot
        fixed = self.fixed(program, number, document, kept)
        told = version_object(program, number, known, fixed, metrics)
        shown = (told["files_digest"], told["stage"], _rank(label, kept), _real(told["score"]))
        return (program, number, label, document, *shown, _encode(told))

    def fixed(
        self, program: str, number: int, document: Digest, kept: Kept | None
    ) -> dict[str, Any] | None:
        """The members of a version object that never change; read from its document but once."""
        if kept is not None and kept.document == document and kept.told["files_digest"] is not None:
            return kept.told
        try:
            found = read_document(self.blobs, document, self.loads)
        except StorageError:  # a disk that fails now may not fail the next time
            raise
        except Exception:
            return None
        for digest in (document, *(file.digest for file in found.files)):
            self.digests.add((program, digest, number))
        return described(found)

    def readings(self, state: IndexState) -> tuple[Metrics, dict[str, Metrics]]:
        """How metrics are read by the configuration in force, and by programs with their own."""
        value = state.get(names.CONFIG)
        if value is None:
            return Metrics(), {}
        try:
            told = read_json(self.blobs, Digest.parse(value["document"]))
            common = Metrics()._replace(**_which(told["metrics"]))
            own = {
                each["name"]: common._replace(**_which(each.get("metrics", {})))
                for each in told.get("programs", ())
            }
        except StorageError:
            raise
        except Exception:
            return Metrics(), {}
        else:
            return common, own


def _which(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of which metric is the score."""
    lists = ("lower_is_better", "higher_is_better")
    found: dict[str, Any] = {key: tuple(map(str, told[key])) for key in lists if key in told}
    if "primary" in told:
        found["primary"] = told["primary"]
    return found


def _rank(label: str, kept: Kept | None) -> str | None:
    """The label's rank, computed but once: what it is computed with takes time to import."""
    if kept is not None and kept.label == label:
        return kept.rank
    return labels.rank(label)


def _real(score: float | None) -> float | None:
    """Return a score as SQLite can hold it: an integer of any size is a float there."""
    try:
        return None if score is None else float(score)
    except OverflowError:
        return None
