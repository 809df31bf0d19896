"""What was measured, and which way it goes: history and trends of a program's metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.trends import Day, Trend, at_a_glance, change_since, daily, direction
from dspyreg.errors import NotFound, UsageError
from dspyreg.model import moment, names
from dspyreg.model.state import scored_by
from dspyreg.registry.reading import select_program, settled
from dspyreg.registry.resolving import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dspyreg.config.value import Metrics
    from dspyreg.model.line import Head
    from dspyreg.model.state import State
    from dspyreg.registry.facade import Registry
    from dspyreg.store.past import Past

DAY: Final = "day"
_LATELY: Final = timedelta(days=30)


class Measurement(NamedTuple):
    """One value of a metric of a version: when, and by whom it was recorded."""

    label: str
    number: int
    metric: str
    value: float
    recorded_at: str
    actor: str


class Scored(NamedTuple):
    """A version with its score, and when that was measured."""

    label: str
    number: int
    score: float
    recorded_at: str


class Measured(NamedTuple):
    """What was measured of a program's versions, ``versions`` by number, ``measurements`` oldest
    first. ``days`` are the averages of each day, None if they were not asked for; ``is_series``
    says that it is about one metric that was named.
    """

    program: str
    metric: str | None
    versions: tuple[Scored, ...]
    measurements: tuple[Measurement, ...]
    trends: dict[str, Any]
    days: tuple[Day, ...] | None
    notices: tuple[str, ...] = ()
    is_series: bool = False

    def to_json(self) -> dict[str, Any]:
        """The document of ``history --json``."""
        return {
            "program": self.program,
            "metric": self.metric,
            "versions": [version._asdict() for version in self.versions],
            "measurements": [measurement._asdict() for measurement in self.measurements],
            "trends": self.trends,
            "days": None if self.days is None else [day._asdict() for day in self.days],
        }


class Trends(NamedTuple):
    """Which way each metric of a program goes."""

    program: str
    metrics: dict[str, Trend]

    def to_json(self) -> dict[str, Any]:
        """The document of ``trends --json``."""
        return {metric: trend._asdict() for metric, trend in self.metrics.items()}


def history(
    registry: Registry,
    program: str,
    *,
    metric: str | None,
    since: str | None,
    interval: str | None,
    at: str | None,
) -> Measured:
    """See ``Registry.history``."""
    if interval not in {None, DAY}:
        raise UsageError(f"not an interval: {interval!r}", hint=DAY)
    every, metrics, now = _read(registry, program, at)
    _require_metric(every, program, metric)
    chosen = _of_metric(every, metric) if metric else _of_scores(every, metrics.primary)
    start = _start(since, now)
    lately = [each for each in chosen if each.recorded_at >= start]
    names_ = sorted({each.metric for each in lately})
    versions = _newest(lately)
    falls = bool(names_) and metrics.falls(metric or names_[0])
    return Measured(
        program,
        metric or (names_[0] if len(names_) == 1 else None),
        versions,
        tuple(lately),
        at_a_glance([version.score for version in versions], falls=falls),
        tuple(_days(lately, names_)) if interval else None,
        _notices(every, chosen, lately),
        is_series=metric is not None,
    )


def trends(registry: Registry, program: str, *, since: str, at: str | None) -> Trends:
    """See ``Registry.trends``."""
    every, metrics, now = _read(registry, program, at)
    start, known = _start(since, now), sorted({each.metric for each in every})
    score = scored_by(known, metrics.primary)
    return Trends(
        program,
        {
            metric: _trend(_of_metric(every, metric), metrics, start, now, is_score=metric == score)
            for metric in known
        },
    )


def _trend(
    every: Sequence[Measurement], metrics: Metrics, start: str, now: datetime, *, is_score: bool
) -> Trend:
    """Return the trend of one metric: between days if there are several, else between values."""
    metric, current = every[-1].metric, every[-1].value
    lately = [(each.recorded_at, each.value) for each in every if each.recorded_at >= start]
    averages = [day.average for day in daily(metric, lately)]
    values = averages if len(averages) > 1 else [value for _, value in lately]
    days = daily(metric, ((each.recorded_at, each.value) for each in every))
    return Trend(
        current,
        direction(values, falls=metrics.falls(metric), tie=metrics.tie if is_score else None),
        change_since(days, current, moment.text(now - _LATELY)[:10]),
    )


# Reading


def _read(
    registry: Registry, program: str, at: str | None
) -> tuple[list[Measurement], Metrics, datetime]:
    """Return every measurement of a program, oldest first, how metrics are read, and the time
    that the answer is as of.
    """
    names.program(program)
    with registry.the_log.lock:
        head, state = moment_of(registry, at)
        config = registry.configuration_of(state)
        select_program(state, config, program)
        found = list(_measurements(settled(registry, state), program))
        return found, config.metrics_of(program), _now(registry, head, at)


def _measurements(state: Past, program: str) -> Iterator[Measurement]:
    steps = state.steps_under(names.prefix("metrics", program))
    found = []
    for name, changes in groupby(steps, key=lambda pair: pair[0]):
        first, *rest = (step for _, step in changes)
        if (rest or [first])[-1].value is not None:  # else it was undone
            _, _, number, metric, _ = names.split(name)
            found.append((first, int(number), metric))
    labels = {nth: _label(state, program, nth) for nth in {nth for _, nth, _ in found}}
    for step, nth, metric in sorted(found, key=lambda each: (each[0].seq, each[2])):
        label = labels[nth]
        if label is not None:
            yield Measurement(label, nth, metric, step.value, step.time, step.actor)


def _label(state: State, program: str, number: int) -> str | None:
    snapshot = state.version(program, number)
    return None if snapshot is None else snapshot.label


def _now(registry: Registry, head: Head, at: str | None) -> datetime:
    """The time that is asked about; of a seq, that of its entry."""
    if at is None:
        return registry.now()
    if not (at.isascii() and at.isdecimal()):
        return moment.parse(at)
    row = registry.the_log.query("select latest from entries where seq = ?", head.seq)
    return moment.parse(row[0][0]) if row else registry.now()


def _start(text: str | None, now: datetime) -> str:
    """Return the time that ``30d`` or a date means, as the log spells it."""
    if text is None:
        return ""
    try:
        return moment.text(moment.parse(text))
    except ValueError:
        pass
    try:
        return moment.text(now - moment.duration(text))
    except (ValueError, OverflowError) as error:
        hint = "a duration such as 30d, a date, or an ISO 8601 time"
        raise UsageError(f"not a beginning: {text[:60]!r}", hint=hint) from error


# Choosing


def _require_metric(every: Iterable[Measurement], program: str, metric: str | None) -> None:
    known = {each.metric for each in every}
    if metric is not None and metric not in known:
        hint = f"measured were {', '.join(sorted(known))}" if known else "nothing was measured"
        raise NotFound("metric", f"{metric} of {program}", hint=hint)


def _of_metric(every: Iterable[Measurement], metric: str) -> list[Measurement]:
    return [each for each in every if each.metric == metric]


def _of_scores(every: Sequence[Measurement], primary: str | None) -> list[Measurement]:
    """The measurements that are, or were, the score of their version."""
    known: dict[int, set[str]] = {}
    for each in every:
        known.setdefault(each.number, set()).add(each.metric)
    scores = {number: scored_by(metrics, primary) for number, metrics in known.items()}
    return [each for each in every if scores[each.number] == each.metric]


def _newest(measurements: Iterable[Measurement]) -> tuple[Scored, ...]:
    newest = {each.number: each for each in measurements}
    return tuple(
        Scored(each.label, number, each.value, each.recorded_at)
        for number, each in sorted(newest.items())
    )


def _days(measurements: Sequence[Measurement], metrics: Iterable[str]) -> Iterator[Day]:
    for metric in metrics:
        some = _of_metric(measurements, metric)
        yield from daily(metric, ((each.recorded_at, each.value) for each in some))


def _notices(
    every: Sequence[Measurement], chosen: Sequence[Measurement], lately: Sequence[Measurement]
) -> tuple[str, ...]:
    if lately:
        return ()
    if chosen:
        return (f"nothing since then; the newest measurement is of {chosen[-1].recorded_at}",)
    known = ", ".join(sorted({each.metric for each in every}))
    if known:
        return (f"no score among {known}: name one with --metric, or set metrics.primary",)
    return ("nothing was measured",)
