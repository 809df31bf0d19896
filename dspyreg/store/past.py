"""The state as of any entry, one index lookup a name."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, Deployment, Found, Ranked, Record, State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_END_OF_TIME: Final = 1 << 62
_DEPLOYMENTS: Final = (
    "select name, created from deployments where program = ? and environment = ?"
    " order by created desc"
)
_DEPLOYMENTS_OF_ONE: Final = (
    "select name, created from deployments where program = ? and environment = ? and number = ?"
    " order by created desc"
)


class Step(NamedTuple):
    """One change of a name, and what its entry says about it."""

    seq: int
    value: Any
    time: str
    actor: str
    operation: str
    undoes: int | None
    undone_by: int | None


class Past(State):
    """The state as of a seq. Without one: as of the head, with everything derived at hand."""

    def __init__(self, db: sqlite3.Connection, at: int | None) -> None:
        self.db, self.at = db, at
        self._until = _END_OF_TIME if at is None else at

    def get(self, name: str) -> Any:
        """See ``State``."""
        row = self.db.execute(
            "select value from changes where name = ? and seq <= ? order by seq desc limit 1",
            (name, self._until),
        ).fetchone()
        return None if row is None or row[0] is None else json.loads(row[0])

    def found(self, name: str) -> Found | None:
        """Return a name with the seqs that set and created it."""
        row = self.db.execute(
            "select max(seq), value, (select min(seq) from changes where name = ?1)"
            " from changes where name = ?1 and seq <= ?2",
            (name, self._until),
        ).fetchone()
        return None if row[1] is None else Found(name, json.loads(row[1]), row[0], row[2])

    def created(self, name: str) -> int | None:
        """Return the seq that first gave a name a value."""
        row = self.db.execute("select min(seq) from changes where name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def under(self, prefix: str) -> list[Found]:
        """See ``State``."""
        rows = self.db.execute(
            "select name, max(seq), value,"
            " (select min(seq) from changes as first where first.name = changes.name)"
            " from changes where name >= ? and name < ? and seq <= ? group by name",
            (prefix, prefix[:-1] + "0", self._until),
        )
        return [Found(n, json.loads(v), s, c) for n, s, v, c in rows if v is not None]

    def newest(self, prefix: str) -> int:
        """Return the seq of the newest change under a prefix; 0 if there was none."""
        row = self.db.execute("select seq from newest where prefix = ?", (prefix,)).fetchone()
        return row[0] if row else 0

    def steps(self, name: str) -> list[Step]:
        """Return every change of a name, oldest first."""
        rows = self.db.execute(
            "select seq, value, time, actor, operation, undoes, undone_by"
            " from changes join entries using (seq) where name = ? and seq <= ? order by seq",
            (name, self._until),
        )
        return [
            Step(seq, None if value is None else json.loads(value), *rest)
            for seq, value, *rest in rows
        ]

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        rows = self.db.execute(
            "select number from digests where program = ? and digest >= ? and digest < ?",
            (program, prefix, prefix + "g"),
        )
        return {n for (n,) in rows if self.at is None or self.version(program, n) is not None}

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        if self.at is not None:
            return super().numbers(program)
        return self._firsts(
            "select number from versions where program = ? order by number desc", (program,)
        )

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        if self.at is not None:
            return super().on_stage(program, stage)
        return self._firsts(
            "select number from versions where program = ? and stage = ? order by number desc",
            (program, stage),
        )

    def ranked(self, program: str) -> Iterator[Ranked]:
        """See ``State``."""
        if self.at is not None:
            return super().ranked(program)
        without = self.db.execute(
            "select number, label, rank from versions"
            " where program = ? and rank is null and stage <> ? order by number desc",
            (program, ARCHIVED),
        )
        ranked = self.db.execute(
            "select number, label, rank from versions"
            " where program = ? and rank is not null order by rank desc, number desc",
            (program,),
        )
        return (Ranked(*row) for row in chain(without, ranked))

    def latest(self, program: str) -> int | None:
        """See ``State``."""
        if self.at is not None:
            return super().latest(program)
        first = None
        for row in self.ranked(program):
            if row.rank is None:
                return self._highest(program)
            if labels.is_release(row.rank):
                return row.number
            first = first or row.number
        return first

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        if self.at is not None:
            return super().records(program, environment, number)
        if number is None:
            rows = self.db.execute(_DEPLOYMENTS, (program, environment))
        else:
            rows = self.db.execute(_DEPLOYMENTS_OF_ONE, (program, environment, number))
        return (
            Record(f"{environment}-{names.split(name)[3]}", created, Deployment.of(self.get(name)))
            for name, created in rows
        )

    def _highest(self, program: str) -> int | None:
        row = self.db.execute(
            "select max(number) from versions where program = ? and stage <> ?",
            (program, ARCHIVED),
        ).fetchone()
        return None if row is None else row[0]

    def _firsts(self, query: str, values: tuple[Any, ...]) -> Iterator[int]:
        return (row[0] for row in self.db.execute(query, values))
