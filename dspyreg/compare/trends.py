"""Measurements over time: a summary, averages by day, and trends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.metrics import is_significant, mean, percentage

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
    """The current value of a metric, its trend, and its change over 30 days in percent.

    ``trend`` is None if the values cannot be compared, ``change_30d`` if none is old enough.
    """

    current: float
    trend: str | None
    change_30d: float | None


def improvement(scores: Sequence[float]) -> float | None:
    """Return the change in percent from the mean of the first half of scores to that of the last.

    It is 0.0 with one score, and None if the first half's mean is 0.
    """
    return percentage(*halves(scores))


def halves(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean of the first half of values, and that of the last."""
    half = max(len(values) // 2, 1)
    return mean(values[:half]), mean(values[-half:])


def at_a_glance(metric: str, scores: Sequence[float], metrics: Metrics) -> dict[str, Any]:
    """Return a summary of the scores of versions, in the order of their numbers.

    It is empty without scores. If they cannot be compared, best, worst and trend are None.
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
    """Return the direction from the mean of the first half of values to that of the last half.

    A change of less than ``tie`` is stable; by default, less than a hundredth of the first mean.
    """
    if not values:
        return STABLE
    first, last = halves(values)
    change, threshold = last - first, _STEADY * abs(first) if tie is None else tie
    if not is_significant(change, threshold):
        return STABLE
    return DECLINING if (change > 0) is falls else IMPROVING


def change_since(days: Sequence[Day], current: float, date: str) -> float | None:
    """Return the change in percent from the average of the last day up to a date to a value."""
    before = [day.average for day in days if day.date <= date]
    return percentage(before[-1], current) if before else None
