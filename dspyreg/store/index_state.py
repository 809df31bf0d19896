"""The state as of any entry, one index lookup a name."""

from __future__ import annotations

import json
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.state import (
    Deployment,
    NameChange,
    NameValue,
    Ranked,
    Record,
    State,
    newest_metrics,
)
from dspyreg.store import measurements
from dspyreg.store.schema import IS_ARCHIVED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator

    from dspyreg.model.digest import Digest

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
_THEN_TABLES: Final = (
    "create temp table if not exists programs_then (program text primary key) without rowid",
    "create temp table if not exists versions_then (program text, number integer, label text,"
    " stage text, rank text, primary key (program, number)) without rowid",
)
_THEN: Final = """
insert into versions_then
select :key, told.number, told.label, told.stage,
    case when now.label = told.label then now.rank else rank_of(told.label) end
from (
    select cast(substr(name, length(:versions) + 1) as integer) as number, max(seq), value,
        json_extract(value, '$.label') as label,
        (select json_extract(stages.value, '$.stage') from changes as stages
            where stages.name = :stages || substr(changes.name, length(:versions) + 1)
            and stages.seq <= :at order by stages.seq desc limit 1) as stage
    from changes where name >= :versions and name < :end and seq <= :at group by name) as told
left join versions as now on now.program = :program and now.number = told.number
where told.value is not null
"""
_EXISTS_THEN: Final = """
select 1 from (
    select max(seq), value from changes where name >= ? and name < ? and seq <= ? group by name)
where value is not null limit 1
"""
_DEPLOYMENTS_THEN: Final = """
select name, min(seq) as created from changes where name >= ? and name < ? and seq <= ?
group by name order by created desc
"""
_READINGS_THEN: Final = """
select name, seq, value, time, actor from changes join entries using (seq)
where name >= :prefix and name < :end and seq <= :at
    and seq = (select min(seq) from changes as first where first.name = changes.name)
    and (select value from changes as last where last.name = changes.name and seq <= :at
        order by seq desc limit 1) is not null
order by seq
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
    """Return the value of a text in the index, which has no space around it."""
    return _DECODER.raw_decode(text)[0]


class IndexState(State):
    """The state as of a seq; without one as of the head, where derived rows are at hand."""

    value_of: Callable[[str], Any] = staticmethod(value_of)

    def __init__(self, db: sqlite3.Connection, at: int | None) -> None:
        self.db, self.at = db, at
        self.until = _END_OF_TIME if at is None else at

    def settled(self) -> IndexState:
        """Return this state: its index holds all of its lines."""
        return self

    def get(self, name: str) -> Any:
        """See ``State``."""
        row = self.db.execute(
            "select value from changes where name = ? and seq <= ? order by seq desc limit 1",
            (name, self.until),
        ).fetchone()
        return None if row is None or row[0] is None else self.value_of(row[0])

    def find(self, name: str) -> NameValue | None:
        """Return a name with the seqs that set and created it."""
        row = self.db.execute(
            "select max(seq), value, (select min(seq) from changes where name = ?1)"
            " from changes where name = ?1 and seq <= ?2",
            (name, self.until),
        ).fetchone()
        return None if row[1] is None else NameValue(name, self.value_of(row[1]), row[0], row[2])

    def created(self, name: str) -> int | None:
        """Return the seq that first gave a name a value."""
        row = self.db.execute("select min(seq) from changes where name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def under(self, prefix: str) -> list[NameValue]:
        """See ``State``."""
        first, end = _span(prefix)
        rows = self.db.execute(_UNDER, {"prefix": first, "end": end, "until": self.until})
        return [NameValue(n, self.value_of(v), s, c) for n, s, v, c in rows if v is not None]

    def each(self, kind: str, program: str, numbers: Collection[int]) -> dict[int, list[NameValue]]:
        """Return the names with a value at or under ``kind/P/N``, by N; of other versions too."""
        values: dict[int, list[NameValue]] = {}
        for span in _spans(kind, program, numbers):
            for name, seq, value, created in self.db.execute(_IN_A_SPAN, (*span, self.until)):
                if value is not None:
                    number = int(name.split("/")[2])
                    one = NameValue(name, self.value_of(value), seq, created)
                    values.setdefault(number, []).append(one)
        return values

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix; 0 if there was none. Of a past state
        it may be that of the state itself: the index keeps the newest of the head.
        """
        row = self.db.execute("select seq from newest where prefix = ?", (prefix,)).fetchone()
        return min(row[0], self.until) if row else 0

    def steps(self, name: str) -> list[NameChange]:
        """See ``State``."""
        return [step for _, step in self._steps(name, name + "0")]

    def steps_of(self, program: str, numbers: Collection[int]) -> dict[int, list[NameChange]]:
        """Return every change of versions' stages by number, oldest first; of others too."""
        steps: dict[int, list[NameChange]] = {}
        for span in _spans("stages", program, numbers):
            for name, step in self._steps(*span):
                steps.setdefault(int(name.split("/")[2]), []).append(step)
        return steps

    def steps_under(self, prefix: str) -> Iterator[tuple[str, NameChange]]:
        """Yield every change of the names under a prefix, by name, oldest first."""
        return self._steps(*_span(prefix))

    def _steps(self, first: str, end: str) -> Iterator[tuple[str, NameChange]]:
        for name, seq, value, *rest in self.db.execute(_STEPS, (first, end, self.until)):
            yield name, NameChange(seq, None if value is None else self.value_of(value), *rest)

    def metrics(self, program: str, number: int) -> dict[str, float]:
        """See ``State``; of a version that is known to exist."""
        if self.at is not None:
            return super().metrics(program, number)
        row = self.db.execute(
            "select json from versions where program = ? and number = ?", (program, number)
        ).fetchone()
        metrics: dict[str, float] = self.value_of(row[0])["metrics"] if row else {}
        return metrics

    def metrics_of(self, program: str, numbers: Collection[int]) -> dict[int, dict[str, float]]:
        """Return the newest value of each metric of versions, by number; of others too."""
        if self.at is None:
            return measurements.newest(self.db, program, numbers, self.value_of)
        values = self.each("metrics", program, numbers)
        return {number: newest_metrics(some) for number, some in values.items()}

    def readings(self, program: str) -> Iterator[measurements.Reading]:
        """Yield every effective measurement of a program, oldest first."""
        if self.at is None:
            return measurements.readings(self.db, program, self.value_of)
        return self._readings_then(program)

    def _readings_then(self, program: str) -> Iterator[measurements.Reading]:
        first, end = _span(names.prefix("metrics", program))
        rows = self.db.execute(_READINGS_THEN, {"prefix": first, "end": end, "at": self.at})
        for _, together in groupby(rows, key=itemgetter(1)):
            yield from sorted(map(self._reading, together), key=attrgetter("metric"))

    def _reading(self, row: tuple[str, int, str, str, str]) -> measurements.Reading:
        name, _, value, time, actor = row
        _, _, number, metric, _ = names.split(name)
        return measurements.Reading(int(number), metric, self.value_of(value), time, actor)

    def measured(self, program: str) -> dict[int, dict[str, float]]:
        """See ``State``."""
        return dict(self.each_measured(program))

    def each_measured(self, program: str) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield the numbers and newest metrics of those versions that have any, in no order."""
        if self.at is None:
            rows = self.db.execute(
                "select number, json_extract(json, '$.metrics') from versions where program = ?",
                (program,),
            )
            metrics = ((number, self.value_of(text)) for number, text in rows)
            yield from (each for each in metrics if each[1])
            return
        existing = set(self.numbers(program))
        span = _span(names.prefix("metrics", program))
        changed = self.db.execute(_IN_A_SPAN, (*span, self.until))
        for number, names_ in groupby(changed, key=_number):
            values = [
                NameValue(n, self.value_of(v), s, c) for n, s, v, c in names_ if v is not None
            ]
            if values and number in existing:
                yield number, newest_metrics(values)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        rows = self.db.execute(
            "select number from digests where program = ? and digest >= ? and digest < ?",
            (program, prefix, prefix + "g"),
        )
        return {n for (n,) in rows if self.at is None or self.has(program, n)}

    def by_content(self, program: str, content: Digest) -> set[int]:
        """See ``State``."""
        if self.at is not None:
            return super().by_content(program, content)
        return set(self._firsts("select number", "program = ? and content = ?", program, content))

    def _versions(self, program: str) -> tuple[str, str]:
        """Return the table of the existing versions, and its key of a program."""
        if self.at is None:
            return "versions", program
        key = f"{self.at}/{program}"
        for table in _THEN_TABLES:
            self.db.execute(table)
        if not self._has("select 1 from programs_then where program = ?", key):
            self._list_then(program, key)
        return "versions_then", key

    def _list_then(self, program: str, key: str) -> None:
        """List the versions of a program as of the seq, and drop those as of others."""
        for table in ("programs_then", "versions_then"):
            others = f"delete from {table} where program < ? or program >= ?"  # noqa: S608
            self.db.execute(others, (f"{self.at}/", f"{self.at}0"))
        self.db.create_function("rank_of", 1, labels.rank, deterministic=True)
        first, end = _span(names.prefix("versions", program))
        prefixes = {"versions": first, "end": end, "stages": names.prefix("stages", program)}
        self.db.execute(_THEN, {**prefixes, "key": key, "program": program, "at": self.at})
        self.db.execute("insert into programs_then values (?)", (key,))

    def exists(self, program: str) -> bool:
        """See ``State``."""
        if self.at is None:
            return super().exists(program)
        return self._has(_EXISTS_THEN, *_span(names.prefix("versions", program)), self.at)

    def _has(self, query: str, *values: Any) -> bool:
        return self.db.execute(query, values).fetchone() is not None

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        return self._firsts("select number", "program = ? order by number desc", program)

    def count(self, program: str) -> int:
        """See ``State``."""
        return next(self._firsts("select count(*)", "program = ?", program))

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        condition = "program = ? and stage = ? order by number desc"
        return self._firsts("select number", condition, program, stage)

    def count_on(self, program: str, stage: str) -> int:
        """See ``State``."""
        return next(self._firsts("select count(*)", "program = ? and stage = ?", program, stage))

    def _firsts(self, select: str, condition: str, program: str, *values: Any) -> Iterator[int]:
        table, key = self._versions(program)
        rows = self.db.execute(f"{select} from {table} where {condition}", (key, *values))
        return (row[0] for row in rows)

    def ranked(self, program: str, *, archived: bool = False) -> Iterator[Ranked]:
        """See ``State``."""
        table, key = self._versions(program)
        select = f"select number, label, rank from {table} where program = ? and {IS_ARCHIVED} = ?"  # noqa: S608 - no user text
        without = f"{select} and rank is null order by number desc"
        ranked = f"{select} and rank is not null order by rank desc, number desc"
        rows = (self.db.execute(query, (key, archived)) for query in (without, ranked))
        return (Ranked(*row) for row in chain.from_iterable(rows))

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        return self.of_versions(program, self.every_record(program, environment, number))

    def every_record(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """Return the records of all versions, also of those that do not exist."""
        if self.at is not None:
            return self._records_then(program, environment, number)
        if number is None:
            rows = self.db.execute(_DEPLOYMENTS, (program, environment))
        else:
            rows = self.db.execute(_DEPLOYMENTS_OF_ONE, (program, environment, number))
        return (self._record(program, environment, *row) for row in rows)

    def _record(self, program: str, environment: str, operation: str, created: int) -> Record:
        value = self.get(names.deployment(program, environment, operation))
        return Record(f"{environment}-{operation}", created, Deployment.of(value))

    def _records_then(self, program: str, environment: str, number: int | None) -> Iterator[Record]:
        span = _span(names.prefix("deployments", program, environment))
        for name, created in self.db.execute(_DEPLOYMENTS_THEN, (*span, self.at)):
            value = self.get(name)
            if value is not None and number in {None, value["number"]}:
                yield Record(f"{environment}-{names.split(name)[3]}", created, Deployment.of(value))


def _span(prefix: str) -> tuple[str, str]:
    """Return the least name that can be under a prefix, and the least one after them."""
    return prefix, prefix[:-1] + "0"  # the letter after "/"


def _number(row: tuple[Any, ...]) -> int:
    return int(row[0].split("/")[2])


def _spans(kind: str, program: str, numbers: Collection[int]) -> list[tuple[str, str]]:
    """Return the spans of the names of some versions; of all if they are many."""
    if len(numbers) > _MANY:
        return [_span(names.prefix(kind, program))]
    starts = (names.path(kind, program, number) for number in numbers)
    return [(start, start + "0") for start in starts]
