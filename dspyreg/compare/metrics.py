"""The metrics of two versions side by side: always from the first to the second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOLERANCE: Final = 1e-9
A, B, TIE = "a", "b", "tie"


class MetricChange(NamedTuple):
    """A metric of both versions. ``change`` is B - A, the percentage of ``|A|``; ``better`` is
    ``a``, ``b`` or ``tie``. What only one version has leaves all three None.
    """

    metric: str
    a: float | None
    b: float | None
    change: float | None = None
    change_percent: float | None = None
    better: str | None = None


def changes(
    a: Mapping[str, float], b: Mapping[str, float], falls: Callable[[str], bool]
) -> tuple[MetricChange, ...]:
    """Return every metric of either version; ``falls`` tells which are better when lower."""
    metrics = sorted(a.keys() | b.keys())
    return tuple(_change(each, a.get(each), b.get(each), falls(each)) for each in metrics)


def _change(metric: str, a: float | None, b: float | None, falls: bool) -> MetricChange:
    if a is None or b is None:
        return MetricChange(metric, a, b)
    change = b - a
    if abs(change) <= TOLERANCE:
        return MetricChange(metric, a, b, change, 0.0 if a else None, TIE)
    percent = round(change / abs(a) * 100, 2) if a else None
    return MetricChange(metric, a, b, change, percent, A if (change > 0) is falls else B)
