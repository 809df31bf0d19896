"""History and trends of a program's metrics."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.trends import Day, Trend, at_a_glance, change_since, days_of, direction
from dspyreg.errors import NotFound, UsageError
from dspyreg.model import moment, names
from dspyreg.model.metrics import DECIDED, apart
from dspyreg.registry.read.resolve import moment_of
from dspyreg.registry.read.versions import select_program
from dspyreg.store import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dspyreg.model.metrics import Metrics
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context
    from dspyreg.store.index_state import IndexState

DAY: Final = "day"
NO_SCORE: Final = f"no metric is the score: {DECIDED}"
_LATELY: Final = timedelta(days=30)


class Measurement(NamedTuple):
    """A value of a metric of a version, with the time and the actor that recorded it."""

    label: str
    number: int
    metric: str
    value: float
    recorded_at: str
    actor: str


class Scored(NamedTuple):
    """A version with its score, None if no metric is the score, and the time of its measurement.
    ``metrics`` are the newest values of all its metrics.
    """

    label: str
    number: int
    score: float | None
    recorded_at: str
    metrics: dict[str, float]


class Measurements(NamedTuple):
    """The measurements of a program: the newest ``versions``, by number, and the newest
    ``measurements``, oldest first; ``trends`` are of all. ``days`` are the averages of each day,
    None if they were not requested. ``is_series`` is True for one metric that was named.
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
        """Return the document of ``history --json``."""
        return {
            "program": self.program,
            "metric": self.metric,
            "versions": [version._asdict() for version in self.versions],
            "measurements": [measurement._asdict() for measurement in self.measurements],
            "trends": self.trends,
            "days": None if self.days is None else [day._asdict() for day in self.days],
        }


class Trends(NamedTuple):
    """The trend of each metric of a program."""

    program: str
    metrics: dict[str, Trend]
    notices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``trends --json``."""
        return {metric: trend._asdict() for metric, trend in self.metrics.items()}


def history(
    context: Context,
    program: str,
    *,
    metric: str | None,
    since: str | None,
    interval: str | None,
    limit: int,
    at: str | None,
) -> Measurements:
    """See ``Registry.history``."""
    if interval not in {None, DAY}:
        raise UsageError("interval-unknown", interval=interval)
    names.program(program)
    with moment_of(context, at) as point:
        state, config = point.state.settled(), point.config
        select_program(state, config, program)
        metrics, now = config.metrics_of(program), _time_of(context, state, at)
        known = state.measured(program)
        every = sorted({name for measured in known.values() for name in measured})
        _require_metric(every, program, metric)
        wanted = {n: metric or metrics.scored_by(each) for n, each in known.items()}
        chosen = (
            each
            for each in _measurements(state, program)
            if wanted[each.number] in {each.metric, None}
        )
        seen = _seen(chosen, _start(since, now), limit, by_day=interval is not None)
    names_ = sorted(seen.metrics)
    versions = tuple(
        Scored(
            each.label,
            number,
            each.value if wanted[number] else None,
            each.recorded_at,
            known[number],
        )
        for number, each in sorted(seen.newest.items())
    )
    shown = versions if limit < 0 else versions[max(len(versions) - limit, 0) :]
    scores = [version.score for version in versions if version.score is not None]
    days = (day for name in names_ for day in days_of(name, seen.days.get(name, {})))
    judged = metric or next(iter(names_), "score")
    why = metrics.unlike(judged, scores)
    return Measurements(
        program,
        metric or (names_[0] if len(names_) == 1 else None),
        shown,
        tuple(seen.kept),
        at_a_glance(judged, scores, metrics),
        tuple(days) if interval else None,
        (
            *(() if interval and seen.passed else _notices(seen, len(shown), metric)),
            *([NO_SCORE] if len(scores) < len(versions) else []),
            *([apart(judged, why)] if why else []),
        ),
        is_series=metric is not None,
    )


def trends(context: Context, program: str, *, since: str, at: str | None) -> Trends:
    """See ``Registry.trends``."""
    names.program(program)
    with moment_of(context, at) as point:
        state, config = point.state.settled(), point.config
        select_program(state, config, program)
        metrics, now = config.metrics_of(program), _time_of(context, state, at)
        start = _start(since, now)
        courses: dict[str, _Course] = {}
        for each in _measurements(state, program):
            course = courses.get(each.metric)
            if course is None:
                course = courses[each.metric] = _Course(each.value, {}, {})
            courses[each.metric] = course.then(each, start)
    known = sorted(courses)
    score = metrics.scored_by(known)
    unlike = {
        metric: metrics.unlike(metric, chain.from_iterable(course.days.values()))
        for metric, course in sorted(courses.items())
    }
    return Trends(
        program,
        {
            metric: _trend(metric, courses[metric], metrics, now, is_score=metric == score)
            if unlike[metric] is None
            else Trend(courses[metric].current, None, None)
            for metric in known
        },
        tuple(apart(metric, why) for metric, why in unlike.items() if why),
    )


def _trend(
    metric: str, course: _Course, metrics: Metrics, now: datetime, *, is_score: bool
) -> Trend:
    """Return the trend of one metric: of the days if there are several, else of the values."""
    averages = [day.average for day in days_of(metric, course.lately)]
    values = averages if len(averages) > 1 else [*chain.from_iterable(course.lately.values())]
    return Trend(
        course.current,
        direction(values, falls=metrics.falls(metric), tie=metrics.tie if is_score else None),
        change_since(
            days_of(metric, course.days),
            course.current,
            moment.text(moment.before(now, _LATELY))[:10],
        ),
    )


class _Course(NamedTuple):
    """A metric's newest value, and its values by day: all, and those since a time."""

    current: float
    days: dict[str, list[float]]
    lately: dict[str, list[float]]

    def then(self, each: Measurement, start: str) -> _Course:
        """Return the course with one more measurement."""
        date = each.recorded_at[:10]
        self.days.setdefault(date, []).append(each.value)
        if each.recorded_at >= start:
            self.lately.setdefault(date, []).append(each.value)
        return self._replace(current=each.value)


class _Seen(NamedTuple):
    """A summary of measurements: the last ones, the number of all, the newest of each version, the
    metrics, their values by day if requested, and the time of the last one, however old.
    """

    kept: Sequence[Measurement]
    passed: int
    newest: dict[int, Measurement]
    metrics: set[str]
    days: dict[str, dict[str, list[float]]]
    last: str | None


def _seen(chosen: Iterable[Measurement], start: str, limit: int, *, by_day: bool) -> _Seen:
    """Summarize measurements, one at a time: a version may have millions."""
    kept = deque[Measurement](maxlen=None if limit < 0 else limit)
    newest: dict[int, Measurement] = {}
    metrics, days = set[str](), dict[str, dict[str, list[float]]]()
    passed, last = 0, None
    for each in chosen:
        last = each.recorded_at
        if last < start:
            continue
        passed += 1
        kept.append(each)
        newest[each.number] = each
        metrics.add(each.metric)
        if by_day:
            days.setdefault(each.metric, {}).setdefault(last[:10], []).append(each.value)
    return _Seen(kept, passed, newest, metrics, days, last)


# Reading


def _measurements(state: IndexState, program: str) -> Iterator[Measurement]:
    """Yield every measurement of a program, oldest first."""
    labels: dict[int, str | None] = {}
    for each in state.readings(program):
        if each.number not in labels:
            labels[each.number] = _label(state, program, each.number)
        label = labels[each.number]
        if label is not None:
            yield Measurement(label, *each)


def _label(state: State, program: str, number: int) -> str | None:
    snapshot = state.version(program, number)
    return None if snapshot is None else snapshot.label


def _time_of(context: Context, state: IndexState, at: str | None) -> datetime:
    """Return the time that is meant by ``at``; of a seq, that of its entry."""
    if at is None:
        return context.now()
    if not (at.isascii() and at.isdecimal()):
        return moment.parse(at)
    latest = queries.latest_time(state, int(at))
    return moment.parse(latest) if latest else context.now()


def _start(text: str | None, now: datetime) -> str:
    """Return the time that ``30d`` or a date means, in the spelling of the log."""
    if text is None:
        return ""
    try:
        return moment.text(moment.parse(text))
    except ValueError:
        pass
    try:
        return moment.text(now - moment.duration(text))
    except (ValueError, OverflowError) as error:
        raise UsageError("since-invalid", text=text[:60]) from error


# Choosing


def _require_metric(known: Sequence[str], program: str, metric: str | None) -> None:
    if metric is not None and metric not in known:
        hint = f"measured were {', '.join(known)}" if known else "nothing was measured"
        raise NotFound("metric", f"{metric} of {program}", hint=hint)


def _notices(seen: _Seen, versions: int, metric: str | None) -> tuple[str, ...]:
    if seen.passed:
        noun, shown, total = "versions", versions, len(seen.newest)
        if metric is not None:
            noun, shown, total = "measurements", len(seen.kept), seen.passed
        if shown == total:
            return ()
        return (f"the newest {shown:,} of {total:,} {noun} are shown; --limit shows more",)
    if seen.last is not None:
        return (f"nothing since then; the newest measurement is of {seen.last}",)
    return ("nothing was measured",)
