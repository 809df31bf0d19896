"""The state as of any entry, one index lookup a name."""

from __future__ import annotations

import json
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, Final

from dspyreg.model import names
from dspyreg.model.state import (
    ARCHIVED,
    Deployment,
    Found,
    Ranked,
    Record,
    State,
    Step,
    newest_metrics,
)
from dspyreg.store import measurements

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator

    from dspyreg.model.digest import Digest

IS_ARCHIVED: Final = f"(stage = '{ARCHIVED}')"  # as the index of ranks has it, to the letter
_DECODER: Final = json.JSONDecoder()
_END_OF_TIME: Final = 1 << 62
_MANY: Final = 1000
_UNDER: Final = """
with recursive below(name) as (
    select (select min(name) from changes where name >= :prefix and name < :end)
    union all
    select (select min(name) from changes where name > below.name and name < :end)
    from below where below.name is not null)
select name, seq, value, (select min(seq) from changes as first where first.name = below.name)
from below join changes using (name)
where seq = (select max(seq) from changes as last where last.name = below.name and seq <= :until)
"""  # hops from name to name: one of them may have very many changes
_IN_A_SPAN: Final = """
select name, max(seq), value,
    (select min(seq) from changes as first where first.name = changes.name)
from changes where name >= ? and name < ? and seq <= ? group by name
"""
_STEPS: Final = """
select name, seq, value, time, actor, operation, undoes
from changes join entries using (seq) where name >= ? and name < ? and seq <= ?
order by name, seq
"""
_DEPLOYMENTS: Final = (
    "select operation, created from deployments where program = ? and environment = ?"
    " order by created desc"
)
_DEPLOYMENTS_OF_ONE: Final = (
    "select operation, created from deployments"
    " where program = ? and environment = ? and number = ? order by created desc"
)


def value_of(text: str) -> Any:
    """Return the value that the index keeps as this text: no space around it, unlike ``loads``."""
    return _DECODER.raw_decode(text)[0]


class Past(State):
    """The state as of a seq. Without one: as of the head, with everything derived at hand."""

    value_of: Callable[[str], Any] = staticmethod(value_of)

    def __init__(self, db: sqlite3.Connection, at: int | None) -> None:
        self.db, self.at = db, at
        self._until = _END_OF_TIME if at is None else at

    def get(self, name: str) -> Any:
        """See ``State``."""
        row = self.db.execute(
            "select value from changes where name = ? and seq <= ? order by seq desc limit 1",
            (name, self._until),
        ).fetchone()
        return None if row is None or row[0] is None else self.value_of(row[0])

    def found(self, name: str) -> Found | None:
        """Return a name with the seqs that set and created it."""
        row = self.db.execute(
            "select max(seq), value, (select min(seq) from changes where name = ?1)"
            " from changes where name = ?1 and seq <= ?2",
            (name, self._until),
        ).fetchone()
        return None if row[1] is None else Found(name, self.value_of(row[1]), row[0], row[2])

    def created(self, name: str) -> int | None:
        """Return the seq that first gave a name a value."""
        row = self.db.execute("select min(seq) from changes where name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def under(self, prefix: str) -> list[Found]:
        """See ``State``."""
        end = prefix[:-1] + "0"  # the letter after "/"
        rows = self.db.execute(_UNDER, {"prefix": prefix, "end": end, "until": self._until})
        return [Found(n, self.value_of(v), s, c) for n, s, v, c in rows if v is not None]

    def each(self, kind: str, program: str, numbers: Collection[int]) -> dict[int, list[Found]]:
        """Return what has a value at or under ``kind/P/N``, by N; of other versions too."""
        found: dict[int, list[Found]] = {}
        for span in _spans(kind, program, numbers):
            for name, seq, value, created in self.db.execute(_IN_A_SPAN, (*span, self._until)):
                if value is not None:
                    number = int(name.split("/")[2])
                    one = Found(name, self.value_of(value), seq, created)
                    found.setdefault(number, []).append(one)
        return found

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix; 0 if there was none."""
        row = self.db.execute("select seq from newest where prefix = ?", (prefix,)).fetchone()
        return row[0] if row else 0

    def steps(self, name: str) -> list[Step]:
        """See ``State``."""
        return [step for _, step in self._steps(name, name + "0")]

    def steps_of(self, program: str, numbers: Collection[int]) -> dict[int, list[Step]]:
        """Return every change of versions' stages by number, oldest first; of others too."""
        found: dict[int, list[Step]] = {}
        for span in _spans("stages", program, numbers):
            for name, step in self._steps(*span):
                found.setdefault(int(name.split("/")[2]), []).append(step)
        return found

    def steps_under(self, prefix: str) -> Iterator[tuple[str, Step]]:
        """Yield every change of the names under a prefix, by name, oldest first."""
        return self._steps(prefix, prefix[:-1] + "0")

    def _steps(self, first: str, end: str) -> Iterator[tuple[str, Step]]:
        for name, seq, value, *rest in self.db.execute(_STEPS, (first, end, self._until)):
            yield name, Step(seq, None if value is None else self.value_of(value), *rest)

    def metrics(self, program: str, number: int) -> dict[str, float]:
        """See ``State``; of a version that is known to exist."""
        if self.at is not None:
            return super().metrics(program, number)
        row = self.db.execute(
            "select json from versions where program = ? and number = ?", (program, number)
        ).fetchone()
        found: dict[str, float] = self.value_of(row[0])["metrics"] if row else {}
        return found

    def metrics_of(self, program: str, numbers: Collection[int]) -> dict[int, dict[str, float]]:
        """Return the newest value of each metric of versions, by number; of others too."""
        if self.at is None:
            return measurements.newest(self.db, program, numbers, self.value_of)
        found = self.each("metrics", program, numbers)
        return {number: newest_metrics(some) for number, some in found.items()}

    def readings(self, program: str) -> Iterator[measurements.Reading]:
        """Yield every measurement of a program that stands, oldest first."""
        if self.at is None:
            return measurements.readings(self.db, program, self.value_of)
        return self._readings_then(program)

    def _readings_then(self, program: str) -> Iterator[measurements.Reading]:
        steps = self.steps_under(names.prefix("metrics", program))
        found = list[tuple[int, measurements.Reading]]()
        for name, changes in groupby(steps, key=lambda pair: pair[0]):
            first, *rest = (step for _, step in changes)
            if (rest or [first])[-1].value is not None:  # else it was undone
                _, _, number, metric, _ = names.split(name)
                told = (int(number), metric, first.value, first.time, first.actor)
                found.append((first.seq, measurements.Reading(*told)))
        found.sort(key=lambda each: (each[0], each[1].metric))
        return (reading for _, reading in found)

    def measured(self, program: str) -> dict[int, dict[str, float]]:
        """See ``State``."""
        if self.at is not None:
            return super().measured(program)
        rows = self.db.execute(
            "select number, json_extract(json, '$.metrics') from versions where program = ?",
            (program,),
        )
        found = {number: json.loads(text) for number, text in rows}
        return {number: metrics for number, metrics in found.items() if metrics}

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        rows = self.db.execute(
            "select number from digests where program = ? and digest >= ? and digest < ?",
            (program, prefix, prefix + "g"),
        )
        return {n for (n,) in rows if self.at is None or self.version(program, n) is not None}

    def by_content(self, program: str, content: Digest) -> set[int]:
        """See ``State``."""
        if self.at is not None:
            return super().by_content(program, content)
        return set(
            self._firsts(
                "select number from versions where program = ? and content = ?",
                (program, content),
            )
        )

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        if self.at is not None:
            return super().numbers(program)
        return self._firsts(
            "select number from versions where program = ? order by number desc", (program,)
        )

    def count(self, program: str) -> int:
        """See ``State``."""
        if self.at is not None:
            return super().count(program)
        return next(self._firsts("select count(*) from versions where program = ?", (program,)))

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        if self.at is not None:
            return super().on_stage(program, stage)
        return self._firsts(
            "select number from versions where program = ? and stage = ? order by number desc",
            (program, stage),
        )

    def count_on(self, program: str, stage: str) -> int:
        """See ``State``."""
        if self.at is not None:
            return super().count_on(program, stage)
        return next(
            self._firsts(
                "select count(*) from versions where program = ? and stage = ?", (program, stage)
            )
        )

    def ranked(self, program: str, *, archived: bool = False) -> Iterator[Ranked]:
        """See ``State``."""
        if self.at is not None:
            return super().ranked(program, archived=archived)
        select = f"select number, label, rank from versions where program = ? and {IS_ARCHIVED} = ?"  # noqa: S608 - a constant
        without = f"{select} and rank is null order by number desc"
        ranked = f"{select} and rank is not null order by rank desc, number desc"
        found = (self.db.execute(query, (program, archived)) for query in (without, ranked))
        return (Ranked(*row) for row in chain.from_iterable(found))

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        if self.at is not None:
            return super().records(program, environment, number)
        return self.of_versions(program, self.every_record(program, environment, number))

    def every_record(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """Return what ``records`` does, and those of versions that do not exist."""
        if number is None:
            rows = self.db.execute(_DEPLOYMENTS, (program, environment))
        else:
            rows = self.db.execute(_DEPLOYMENTS_OF_ONE, (program, environment, number))
        return (self._record(program, environment, *row) for row in rows)

    def _record(self, program: str, environment: str, operation: str, created: int) -> Record:
        told = self.get(names.deployment(program, environment, operation))
        return Record(f"{environment}-{operation}", created, Deployment.of(told))

    def _firsts(self, query: str, values: tuple[Any, ...]) -> Iterator[int]:
        return (row[0] for row in self.db.execute(query, values))


def _spans(kind: str, program: str, numbers: Collection[int]) -> list[tuple[str, str]]:
    """The names to look through for some versions: theirs, or all, where they are many."""
    if len(numbers) > _MANY:
        prefix = names.prefix(kind, program)
        return [(prefix, prefix[:-1] + "0")]
    starts = (names.path(kind, program, number) for number in numbers)
    return [(start, start + "0") for start in starts]
