"""The metrics of two versions side by side, from the first to the second."""

from __future__ import annotations

from math import fsum, isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.model.metrics import apart
from dspyreg.model.numbers import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dspyreg.model.metrics import Metrics

A, B, TIE = "a", "b", "tie"
_PLACES: Final = 12  # decimals of a difference: 0.9 - 0.8 is 0.1


class MetricChange(NamedTuple):
    """A metric of two versions.

    ``change`` is B - A, and ``change_percent`` is relative to ``|A|``. ``better`` is ``a``, ``b``
    or ``tie``. All three are None if only one version has the metric, or if the values cannot be
    compared. A number that overflows is None as well.
    """

    metric: str
    a: float | None
    b: float | None
    change: float | None = None
    change_percent: float | None = None
    better: str | None = None


def difference(a: float, b: float) -> float | None:
    """Return B - A without the noise of binary fractions; None if it overflows."""
    return _rounded(b - a, _PLACES)


def percentage(a: float, b: float) -> float | None:
    """Return (B - A) / ``|A|`` in percent with two decimals; None if A is 0."""
    if not a:
        return None
    return 0.0 if abs(b - a) <= TOLERANCE else _rounded((b - a) / abs(a) * 100, 2)


def _rounded(value: float, places: int) -> float | None:
    return round(value, places) if isfinite(value) else None


def mean(values: Sequence[float]) -> float:
    """Return the mean of values, however large they are."""
    try:
        return fsum(values) / len(values)
    except OverflowError:
        return fsum(value / len(values) for value in values)


def is_significant(change: float, threshold: float) -> bool:
    """Return whether a difference is not 0, and not below the threshold."""
    return abs(change) > TOLERANCE and abs(change) >= threshold - TOLERANCE


def changes(
    a: Mapping[str, float], b: Mapping[str, float], metrics: Metrics
) -> tuple[MetricChange, ...]:
    """Return every metric of either version; ``metrics`` has their directions and units."""
    known = sorted(a.keys() | b.keys())
    return tuple(_change(each, a.get(each), b.get(each), metrics) for each in known)


def unlike(rows: Sequence[MetricChange], metrics: Metrics) -> tuple[str, ...]:
    """Return, in words, the metrics whose values cannot be compared."""
    problems = (
        (row.metric, metrics.unlike(row.metric, (row.a, row.b)))
        for row in rows
        if row.a is not None and row.b is not None
    )
    return tuple(apart(metric, reason) for metric, reason in problems if reason is not None)


def _change(metric: str, a: float | None, b: float | None, metrics: Metrics) -> MetricChange:
    if a is None or b is None or metrics.unlike(metric, (a, b)) is not None:
        return MetricChange(metric, a, b)
    better = (A if (b > a) is metrics.falls(metric) else B) if is_significant(b - a, 0) else TIE
    return MetricChange(metric, a, b, difference(a, b), percentage(a, b), better)
