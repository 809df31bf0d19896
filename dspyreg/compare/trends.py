"""What was measured over time: at a glance, day by day, and which way it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.metrics import counts, mean, percentage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dspyreg.model.metrics import Metrics

IMPROVING, DECLINING, STABLE = "improving", "declining", "stable"
_STEADY: Final = 0.01


class Day(NamedTuple):
    """The measurements of a metric on one day, in UTC."""

    date: str
    metric: str
    average: float
    lowest: float
    highest: float
    measurements: int


class Trend(NamedTuple):
    """Where a metric stands and which way it goes, None where its values cannot be compared;
    ``change_30d`` is in percent, None where nothing is old enough.
    """

    current: float
    trend: str | None
    change_30d: float | None


def improvement(scores: Sequence[float]) -> float | None:
    """Return, in percent, the mean of the last half of scores against that of the first half;
    0.0 with one score, None where the first half's mean is 0.
    """
    return percentage(*halves(scores))


def halves(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the first half of values, and that of the last."""
    half = max(len(values) // 2, 1)
    return mean(values[:half]), mean(values[-half:])


def at_a_glance(metric: str, scores: Sequence[float], metrics: Metrics) -> dict[str, Any]:
    """Return the scores of versions, by number, at a glance; nothing without scores. None is best
    and worst, and there is no trend, where they cannot be compared.
    """
    if not scores:
        return {}
    best, worst = (min, max) if metrics.falls(metric) else (max, min)
    like = metrics.unlike(metric, scores) is None
    return {
        "best_score": best(scores) if like else None,
        "worst_score": worst(scores) if like else None,
        "latest_score": scores[-1],
        "improvement_trend": improvement(scores) if like else None,
        "total_versions": len(scores),
    }


def days_of(metric: str, values: Mapping[str, Sequence[float]]) -> list[Day]:
    """Return the days of a metric's values by date, oldest first."""
    return [
        Day(date, metric, mean(each), min(each), max(each), len(each))
        for date, each in sorted(values.items())
    ]


def direction(values: Sequence[float], *, falls: bool, tie: float | None = None) -> str:
    """Return which way values go, from the mean of their first half to that of their last.

    What differs by less than ``tie`` is stable; without one, by less than a hundredth.
    """
    if not values:
        return STABLE
    first, last = halves(values)
    change, least = last - first, _STEADY * abs(first) if tie is None else tie
    if not counts(change, least):
        return STABLE
    return DECLINING if (change > 0) is falls else IMPROVING


def change_since(days: Sequence[Day], current: float, date: str) -> float | None:
    """Return, in percent, how a value differs from the average of the last day up to a date."""
    before = [day.average for day in days if day.date <= date]
    return percentage(before[-1], current) if before else None
