"""The metrics of two versions side by side: always from the first to the second."""

from __future__ import annotations

from math import fsum, isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.model.metrics import apart
from dspyreg.model.numbers import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dspyreg.model.metrics import Metrics

A, B, TIE = "a", "b", "tie"
_PLACES: Final = 12  # so many are meant: 0.9 - 0.8 is 0.1


class MetricChange(NamedTuple):
    """A metric of both versions. ``change`` is B - A, the percentage of ``|A|``; ``better`` is
    ``a``, ``b`` or ``tie``. What only one version has leaves all three None, and so do values
    that cannot be compared; a number that is too large to tell is None as well.
    """

    metric: str
    a: float | None
    b: float | None
    change: float | None = None
    change_percent: float | None = None
    better: str | None = None


def difference(a: float, b: float) -> float | None:
    """Return B - A without the dust of binary fractions; None if that is too large to tell."""
    return _told(b - a, _PLACES)


def percentage(a: float, b: float) -> float | None:
    """Return (B - A) / ``|A|`` in percent with two decimals, None where A is 0."""
    if not a:
        return None
    return 0.0 if abs(b - a) <= TOLERANCE else _told((b - a) / abs(a) * 100, 2)


def _told(value: float, places: int) -> float | None:
    return round(value, places) if isfinite(value) else None


def mean(values: Sequence[float]) -> float:
    """Return the mean of values, however large they are."""
    try:
        return fsum(values) / len(values)
    except OverflowError:
        return fsum(value / len(values) for value in values)


def counts(change: float, least: float) -> bool:
    """Is a difference more than nothing, and not less than the least that counts?"""
    return abs(change) > TOLERANCE and abs(change) >= least - TOLERANCE


def changes(
    a: Mapping[str, float], b: Mapping[str, float], metrics: Metrics
) -> tuple[MetricChange, ...]:
    """Return every metric of either version; ``metrics`` tells how they are read."""
    known = sorted(a.keys() | b.keys())
    return tuple(_change(each, a.get(each), b.get(each), metrics) for each in known)


def unlike(rows: Sequence[MetricChange], metrics: Metrics) -> tuple[str, ...]:
    """Return in words which metrics have values that cannot be compared."""
    found = (
        (row.metric, metrics.unlike(row.metric, (row.a, row.b)))
        for row in rows
        if row.a is not None and row.b is not None
    )
    return tuple(apart(metric, why) for metric, why in found if why is not None)


def _change(metric: str, a: float | None, b: float | None, metrics: Metrics) -> MetricChange:
    if a is None or b is None or metrics.unlike(metric, (a, b)) is not None:
        return MetricChange(metric, a, b)
    better = (A if (b > a) is metrics.falls(metric) else B) if counts(b - a, 0) else TIE
    return MetricChange(metric, a, b, difference(a, b), percentage(a, b), better)
