"""The effective measurements, as a table of the index: by version and metric, in order.

A version may have millions. Its newest values are found by hopping from metric to metric, and
those of a program are read one at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.model import names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator

TABLE: Final = """
create table measurements (
    program text, number integer, metric text, created integer, operation text, value text,
    primary key (program, number, metric, created, operation)) without rowid;
"""
_PREFIX: Final = "metrics/"
_SEGMENTS: Final = 5
_MANY: Final = 1000
_CREATED: Final = "select seq from changes where name = ? order by seq limit 1"
_WRITE: Final = "insert or replace into measurements values (?, ?, ?, ?, ?, ?)"
_REMOVE: Final = (
    "delete from measurements where (program, number, metric, created, operation) = (?, ?, ?, ?, ?)"
)
_NEWEST_OF_ONE: Final = """
with recursive each(metric) as (
    select (select min(metric) from measurements where program = ?1 and number = ?2)
    union all
    select (select min(metric) from measurements
        where program = ?1 and number = ?2 and metric > each.metric)
    from each where each.metric is not null)
select metric,
    (select created from measurements as m
        where m.program = ?1 and m.number = ?2 and m.metric = each.metric order by created limit 1),
    (select value from measurements as m
        where m.program = ?1 and m.number = ?2 and m.metric = each.metric
        order by created desc, operation desc limit 1)
from each where metric is not null
"""
_OF_PROGRAM: Final = """
select number, metric, created, value from measurements where program = ?
order by number, metric, created, operation
"""
_READINGS: Final = """
select number, metric, value, time, actor
from measurements join entries on seq = created where measurements.program = ?
order by created, metric
"""


class Reading(NamedTuple):
    """A value of a metric of a version: when, and by whom it was recorded."""

    number: int
    metric: str
    value: Any
    time: str
    actor: str


def follow(db: sqlite3.Connection, changes: Iterable[tuple[str, int, str | None]]) -> None:
    """Follow changes that are in the index already; those of one name are in order."""
    now = {name: value for name, _, value in changes if name.startswith(_PREFIX)}
    written, removed = [], []
    for name, value in now.items():
        segments = names.split(name)
        if len(segments) != _SEGMENTS:
            continue
        _, program, number, metric, operation = segments
        created = db.execute(_CREATED, (name,)).fetchone()[0]
        key = program, int(number), metric, created, operation
        if value is None:
            removed.append(key)
        else:
            written.append((*key, value))
    db.executemany(_REMOVE, removed)
    db.executemany(_WRITE, written)


def newest(
    db: sqlite3.Connection, program: str, numbers: Collection[int], value_of: Callable[[str], Any]
) -> dict[int, dict[str, float]]:
    """Return the newest value of each metric of those of the versions that have any; of others too
    if the versions are many. Metrics are in the order in which each was first measured.
    """
    rows: Iterable[tuple[int, str, int, str]]
    if len(numbers) > _MANY:
        rows = db.execute(_OF_PROGRAM, (program,))
    else:
        rows = (
            (number, *row)
            for number in numbers
            for row in db.execute(_NEWEST_OF_ONE, (program, number))
        )
    first: dict[int, dict[str, int]] = {}
    last: dict[int, dict[str, str]] = {}
    for number, metric, created, value in rows:
        first.setdefault(number, {}).setdefault(metric, created)
        last.setdefault(number, {})[metric] = value
    return {
        number: {
            metric: value_of(last[number][metric])
            for metric, _ in sorted(metrics.items(), key=lambda each: (each[1], each[0]))
        }
        for number, metrics in first.items()
    }


def readings(
    db: sqlite3.Connection, program: str, value_of: Callable[[str], Any]
) -> Iterator[Reading]:
    """Yield every measurement of a program, oldest first."""
    for number, metric, value, time, actor in db.execute(_READINGS, (program,)):
        yield Reading(number, metric, value_of(value), time, actor)
