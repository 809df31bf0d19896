"""The state of a registry: names and their typed values, and the queries of the rules.

All queries are answered from ``get``, ``under`` and ``by_digest``. A store with an index answers
them faster, and must give the same answers.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Corrupt
from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from dspyreg.model.canary import Canary

DEPRECATED = "deprecated"
ARCHIVED = "archived"

LIVE = "live"
SUPERSEDED = "superseded"
ROLLED_BACK = "rolled_back"
WITHDRAWN = "withdrawn"
WHOLE = 100


class NameValue(NamedTuple):
    """A name that has a value, the seq that set it, and the seq that first gave it one."""

    name: str
    value: Any
    changed: int
    created: int


class Snapshot(NamedTuple):
    """A version in the log: its label, the digest of its document, and that of its program's
    normal form if it has one.
    """

    label: str
    document: Digest
    program: Digest | None = None

    @classmethod
    def of(cls, value: Any) -> "Snapshot":
        """Return the version of a value of ``versions/P/N``."""
        program = value.get("program_digest")
        return cls(
            value["label"],
            Digest.parse(value["document"]),
            None if program is None else Digest.parse(program),
        )


class Pointer(NamedTuple):
    """The pointer of an environment: the number of the live version, its deployment, a canary."""

    live: int | None = None
    deployment: str | None = None
    canary: "Canary | None" = None

    @classmethod
    def of(cls, value: Any) -> "Pointer":
        """Return the pointer of a value of ``environments/P/E``; of None an empty one."""
        if value is None:
            return cls()
        if not value.get("canary"):
            return cls(value["live"], value["deployment"])
        from dspyreg.model.canary import Canary

        return cls(value["live"], value["deployment"], Canary.of(value["canary"]))

    def to_json(self) -> dict[str, Any]:
        """Return the value of ``environments/P/E``."""
        return {**self._asdict(), "canary": self.canary._asdict() if self.canary else None}


class Deployment(NamedTuple):
    """A move of an environment's pointer. A rollback names the deployment that it ends as
    ``rollback_from``, and the one that it restores as ``restores``.
    """

    number: int
    status: str
    strategy: str = "replace"
    percent: float = WHOLE
    reason: str | None = None
    rollback_from: str | None = None
    restores: str | None = None

    @classmethod
    def of(cls, value: Any) -> "Deployment":
        """Return the deployment of a value of ``deployments/P/E/OP``."""
        return cls(*map(value.get, cls._fields))

    def to_json(self) -> dict[str, Any]:
        """Return the value of ``deployments/P/E/OP``."""
        return self._asdict()

    @property
    def was_live(self) -> bool:
        """True if it ever had all the traffic."""
        return self.percent == WHOLE


class Record(NamedTuple):
    """A deployment with its id and the seq of the entry that created it."""

    id: str
    created: int
    deployment: Deployment


class NameChange(NamedTuple):
    """A change of a name, with facts of its entry."""

    seq: int
    value: Any
    time: str
    actor: str
    operation: str
    undoes: int | None


class Ranked(NamedTuple):
    """A version with its label and the label's rank (None: not SemVer)."""

    number: int
    label: str
    rank: str | None


def rank_order(row: Ranked) -> tuple[bool, str, int]:
    """Return the sort key of ranked versions, the last first: see ``State.ranked``."""
    return row.rank is None, row.rank or "", row.number


class State(ABC):
    """The queries of the rules, answered from ``get`` and ``under``."""

    @abstractmethod
    def get(self, name: str) -> Any:
        """Return the value of a name, None if it has none."""

    @abstractmethod
    def under(self, prefix: str) -> Iterable[NameValue]:
        """Return every name under a prefix that has a value, in no order."""

    @abstractmethod
    def by_digest(self, program: str, prefix: str) -> set[int]:
        """Return the versions with a document or a file whose digest begins like this."""

    def by_content(self, program: str, content: Digest) -> set[int]:
        """Return the versions whose files together have this digest."""
        reserved = self.under(names.prefix("reserved", program, "label"))
        labelled = (names.split(each.name)[3] for each in reserved if each.value == content)
        numbers = (self.number(program, label) for label in labelled)
        return {number for number in numbers if number is not None}

    @abstractmethod
    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix; 0 without one."""

    @abstractmethod
    def steps(self, name: str) -> list[NameChange]:
        """Return every change of a name, oldest first."""

    def entered(self, program: str, number: int, rung: str) -> NameChange | None:
        """Return the last change by which a version came to a rung. Undos, and changes that are
        undone, do not count.
        """
        steps = self.steps(names.stage(program, number))
        undone = undone_among(steps)
        last = before = None
        for step in steps:
            if step.undoes is not None or step.seq in undone:
                continue
            stage = step.value["stage"] if step.value else None
            if stage == rung != before:
                last = step
            before = stage
        return last

    def metrics(self, program: str, number: int) -> dict[str, float]:
        """Return the newest value of each metric of a version."""
        return newest_metrics(self.under(names.prefix("metrics", program, number)))

    def measured(self, program: str) -> dict[int, dict[str, float]]:
        """Return the newest value of each metric, of those versions that have any."""
        by_number: dict[int, list[NameValue]] = {}
        for each in self.under(names.prefix("metrics", program)):
            by_number.setdefault(int(names.split(each.name)[2]), []).append(each)
        return {
            number: newest_metrics(values)
            for number, values in by_number.items()
            if self.has(program, number)
        }

    def version(self, program: str, number: int) -> Snapshot | None:
        """Return a version by its number."""
        value = self.get(names.version(program, number))
        return None if value is None else Snapshot.of(value)

    def has(self, program: str, number: int) -> bool:
        """Return whether a version exists."""
        return self.get(names.version(program, number)) is not None

    def existing(self, program: str, number: int) -> Snapshot:
        """Return a version that another name refers to. Raises ``Corrupt`` without one."""
        return Snapshot.of(self._existing(program, number))

    def _existing(self, program: str, number: int) -> Any:
        name = names.version(program, number)
        value = self.get(name)
        if value is None:
            raise Corrupt(name, "version-missing")
        return value

    def label(self, program: str, number: int) -> str:
        """Return the label of a version that exists."""
        label: str = self._existing(program, number)["label"]
        return label

    def number(self, program: str, label: str) -> int | None:
        """Return the number of the version with a label."""
        number: int | None = self.get(names.label(program, label))
        if number is None:
            return None
        value = self.get(names.version(program, number))
        return None if value is None or value["label"] != label else number

    def stage(self, program: str, number: int) -> str:
        """Return the stage of a version that exists."""
        value = self.get(names.stage(program, number))
        if value is None:
            raise Corrupt(names.stage(program, number), "stage-missing")
        return str(value["stage"])

    def pointer(self, program: str, environment: str) -> Pointer:
        """Return the pointer of an environment."""
        return self._without_missing(program, self.get(names.environment(program, environment)))

    def _without_missing(self, program: str, value: Any) -> Pointer:
        """Return a pointer without versions that do not exist."""
        pointer = Pointer.of(value)
        if pointer.live is not None and not self.has(program, pointer.live):
            return Pointer()
        canary = pointer.canary
        if canary is not None and not self.has(program, canary.number):
            return pointer._replace(canary=None)
        return pointer

    def deployment(self, program: str, environment: str, identity: str) -> Deployment:
        """Return a deployment record that exists. Raises ``Corrupt`` without one."""
        operation = identity.removeprefix(environment + "-")
        name = names.deployment(program, environment, operation)
        value = self.get(name)
        if value is None:
            raise Corrupt(name, "deployment-missing", deployment=identity, environment=environment)
        return Deployment.of(value)

    def pointers(self, program: str) -> dict[str, Pointer]:
        """Return the pointers of a program that are not empty, by environment."""
        every = self.under(names.prefix("environments", program))
        pointers = {names.split(e.name)[2]: self._without_missing(program, e.value) for e in every}
        return {name: pointer for name, pointer in pointers.items() if pointer != Pointer()}

    def numbers(self, program: str) -> Iterator[int]:
        """Return the numbers of a program's versions, newest first."""
        every = self.under(names.prefix("versions", program))
        return iter(sorted((int(names.split(each.name)[2]) for each in every), reverse=True))

    def count(self, program: str) -> int:
        """Return the number of versions of a program."""
        return sum(1 for _ in self.numbers(program))

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """Return the numbers of the versions on a stage, newest first."""
        every = self.under(names.prefix("stages", program))
        on = {int(names.split(each.name)[2]) for each in every if each.value["stage"] == stage}
        existing = set(self.numbers(program)) if on else on
        return iter(sorted(on & existing, reverse=True))

    def count_on(self, program: str, stage: str) -> int:
        """Return the number of versions on a stage."""
        return sum(1 for _ in self.on_stage(program, stage))

    def ranked(self, program: str, *, archived: bool = False) -> Iterator[Ranked]:
        """Return the versions that are not archived, or those that are. Labels that are not SemVer
        come first, newest first; the others by SemVer precedence, highest first.
        """
        every = self.numbers(program)
        kept = [n for n in every if (self.stage(program, n) == ARCHIVED) is archived]
        rows = [Ranked(n, self.label(program, n), None) for n in kept]
        rows = [row._replace(rank=labels.rank(row.label)) for row in rows]
        return iter(sorted(rows, key=rank_order, reverse=True))

    def latest(self, program: str) -> int | None:
        """Return the number of the latest version that is not archived: the highest release if
        every label is SemVer (a prerelease only without one), or else the highest number.
        """
        first = None
        for row in self.ranked(program):
            if row.rank is None:  # they come first
                return next(n for n in self.numbers(program) if self.stage(program, n) != ARCHIVED)
            if labels.is_release(row.rank):
                return row.number
            first = first or row.number
        return first

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """Return the deployments of an environment, or of one version there, newest first."""
        records = [
            Record(f"{environment}-{names.split(e.name)[3]}", e.created, Deployment.of(e.value))
            for e in self.under(names.prefix("deployments", program, environment))
        ]
        kept = [r for r in records if number is None or r.deployment.number == number]
        ordered = sorted(kept, key=lambda record: record.created, reverse=True)
        return self.of_versions(program, ordered)

    def of_versions(self, program: str, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records of versions that exist."""
        known: dict[int, bool] = {}
        for record in records:
            number = record.deployment.number
            if number not in known:
                known[number] = self.has(program, number)
            if known[number]:
                yield record

    def programs(self) -> list[str]:
        """Return the programs that have versions, by name."""
        every = self.under(names.prefix("reserved", ".name"))
        return sorted(str(each.value) for each in every if self.exists(str(each.value)))

    def exists(self, program: str) -> bool:
        """Return whether the program has a version."""
        return next(self.numbers(program), None) is not None


def undone_among(steps: list[NameChange]) -> set[int]:
    """Return the seqs of the steps that others among them undo, unless these are undone too."""
    undone: set[int] = set()
    for step in reversed(steps):
        if step.undoes is not None and step.seq not in undone:
            undone.add(step.undoes)
    return undone


def newest_metrics(values: Iterable[NameValue]) -> dict[str, float]:
    """Return the newest value of each metric, by the entry that recorded it."""
    ordered = sorted(values, key=lambda each: each.created)
    return {names.split(each.name)[3]: each.value for each in ordered}
