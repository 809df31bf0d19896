"""Taking lines into an index: first the rows of the lines themselves, then the derived rows.

Derived rows are computed from the names that they come from, whatever they were before: an index
that follows a log has the same rows as one that is built from it.
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
from dspyreg.store.version_view import VersionFacts, facts, version_object

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
).encode  # as lines are spelled, so that a build may keep their text


class Touched:
    """The environments and stages that a pass changed, for their refs."""

    def __init__(self) -> None:
        self.environments: set[tuple[str, str]] = set()
        self.stages: set[tuple[str, str]] = set()


class Kept:
    """The existing row of a version; ``members`` is its version object."""

    __slots__ = ("document", "label", "members", "rank")

    def __init__(
        self, label: str, document: str, rank: str | None, members: dict[str, Any]
    ) -> None:
        self.label, self.document = label, document
        self.rank, self.members = rank, members


class Follow:
    """A pass over new lines."""

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
        """Take lines in."""
        for line in lines:
            self.read(line)
            if len(self.changes) > _CHUNK:
                self.write()

    def read(self, line: Line) -> None:
        """Take an entry in, as far as it makes sense."""
        said = LineReading.of(line)
        author = (said.actor, said.members.get("program"), said.operation, said.operation_id)
        self.note(line, said.time, author, said.written, said.undoes)
        for name, _, new in said.changes:
            self.changes.append((name, line.seq, None if new is None else _encode(new)))
            self.touch(name, new)

    def touch(self, name: str, new: Any) -> None:
        """Note the derived rows that a change of the newest line makes stale."""
        self.newest[name[: name.rfind("/") + 1]] = self.seq
        touch = self.by_kind.get(name.partition("/")[0])
        if touch is not None:
            touch(name, new)

    def note(
        self, line: Line, time: str, author: tuple[Any, ...], changed: int, undoes: int | None
    ) -> None:
        """Note an entry; ``author`` is its actor, program, operation and operation id."""
        self.seq, self.id, self.hint = line.seq, line.id, line.hint
        self.latest = max(self.latest, time)
        row = (line.seq, line.id, line.hint, time, self.latest, *author, changed, undoes)
        self.entries.append(row)
        if undoes is not None:
            self.undone.append((line.seq, undoes))

    # Stale rows

    def touch_deployment(self, name: str, new: Any) -> None:
        """Note the version of a deployment."""
        self.note_deployment(name, None if new is None else new["number"])

    def note_deployment(self, name: str, number: int | None) -> None:
        """Note the version of a deployment, if it has one, and the entry that made it."""
        before = self.deployments.get(name)
        self.deployments[name] = before[0] if before else self.seq, number

    def touch_version(self, name: str, _: Any = None) -> None:
        """Note a version that a change is about."""
        _, program, number, *_ = names.split(name)
        self.versions[program].add(int(number))

    def touch_stage(self, name: str, new: Any) -> None:
        """Note a version, and the stages that it leaves and enters."""
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
        """Return the value that a name had before this pass, whatever the entry says of it."""
        return None if self.before is None else self.past.get(name)

    def touch_configuration(self, _: str, __: Any) -> None:
        """Note that the score of every version may have changed."""
        self.everything = True

    # Rows

    def write(self) -> None:
        """Write the rows of the lines themselves."""
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
        """Write the remaining rows, derive the others, and move the head."""
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
        """Return the state that the rows of lines make up."""
        return IndexState(self.db, None)

    def derive_newest(self) -> None:
        """Compute the newest change under every prefix from that under the names' parents."""
        newest: dict[str, int] = {}
        for parent, seq in sorted(self.newest.items(), key=itemgetter(1)):
            newest.update(dict.fromkeys(names.prefixes(parent), seq))
        self.db.executemany("insert or replace into newest values (?, ?)", sorted(newest.items()))

    def derive_deployments(self) -> None:
        """Compute the rows of deployments."""
        removed, rows = [], []
        for name, (first, number) in self.deployments.items():
            _, program, environment, operation = names.split(name)
            created = first if self.from_the_start else self.created(name)
            if number is None:
                removed.append((program, environment, created, operation))
            else:
                rows.append((program, environment, created, operation, number))
        self.db.executemany(
            "delete from deployments where (program, environment, created, operation)"
            " = (?, ?, ?, ?)",
            removed,
        )
        rows.sort()  # neighbours go to the same page
        self.db.executemany("insert or replace into deployments values (?, ?, ?, ?, ?)", rows)

    def created(self, name: str) -> int:
        """Return the seq that first gave a name a value."""
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
            removed = [(program, number) for number in numbers if number not in known]
            for table in ("versions", "digests"):
                self.db.executemany(
                    f"delete from {table} where program = ? and number = ?",  # noqa: S608
                    removed,
                )
        self.db.executemany("insert or replace into digests values (?, ?, ?)", sorted(self.digests))

    def kept_rows(self, program: str, numbers: Iterable[int]) -> dict[int, Kept]:
        """Return the existing rows of versions."""
        if self.from_the_start:
            return {}
        query = "select label, document, rank, json from versions where program = ? and number = ?"
        kept = {}
        for number in numbers:
            row = self.db.execute(query, (program, number)).fetchone()
            if row is not None:
                label, document, rank, text = row
                kept[number] = Kept(label, document, rank, value_of(text))
        return kept

    def row(
        self, program: str, number: int, known: VersionFacts, kept: Kept | None, metrics: Metrics
    ) -> tuple[Any, ...]:
        """Return the row of one version."""
        label, document, _ = known.snapshot
        fixed = self.fixed(program, number, document, kept)
        members = version_object(program, number, known, fixed, metrics)
        score = _real(members["score"])
        columns = (members["files_digest"], members["stage"], _rank(label, kept), score)
        return (program, number, label, document, *columns, _encode(members))

    def fixed(
        self, program: str, number: int, document: Digest, kept: Kept | None
    ) -> dict[str, Any] | None:
        """Return the members of a version object that never change, or None if its document cannot
        be read. They are read from the document once.
        """
        if kept and kept.document == document and kept.members["files_digest"] is not None:
            return kept.members
        try:
            content = read_document(self.blobs, document, self.loads)
        except StorageError:  # a disk that fails now may work the next time
            raise
        except Exception:
            return None
        for digest in (document, *(file.digest for file in content.files)):
            self.digests.add((program, digest, number))
        return described(content)

    def readings(self, state: IndexState) -> tuple[Metrics, dict[str, Metrics]]:
        """Return the metrics settings in force, and those of programs that have their own."""
        value = state.get(names.CONFIG)
        if value is None:
            return Metrics(), {}
        try:
            config = read_json(self.blobs, Digest.parse(value["document"]))
            common = Metrics()._replace(**_settings(config["metrics"]))
            own = {
                each["name"]: common._replace(**_settings(each.get("metrics", {})))
                for each in config.get("programs", ())
            }
        except StorageError:
            raise
        except Exception:
            return Metrics(), {}
        else:
            return common, own


def _settings(section: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that tell which metric is the score."""
    lists = ("lower_is_better", "higher_is_better")
    settings: dict[str, Any] = {
        key: tuple(map(str, section[key])) for key in lists if key in section
    }
    if "primary" in section:
        settings["primary"] = section["primary"]
    return settings


def _rank(label: str, kept: Kept | None) -> str | None:
    """Return the rank of a label, from the existing row if possible: computing it takes imports."""
    if kept is not None and kept.label == label:
        return kept.rank
    return labels.rank(label)


def _real(score: float | None) -> float | None:
    """Return a score as SQLite can hold it: an integer of any size is a float there."""
    try:
        return None if score is None else float(score)
    except OverflowError:
        return None
