"""Reading metrics: the score, the better direction of each metric, and its scale."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

_FALLING: Final = frozenset(
    (
        *("latency", "cost", "error", "loss", "time", "token"),
        *("latencies", "costs", "errors", "losses", "times", "tokens"),
    )
)
SETTLED: Final = "`metrics.scale` in `dspyreg config edit` says which: percent or fraction"
DECIDED: Final = "`metrics.primary` in `dspyreg config edit` decides"
_PERCENT: Final = 100
_FACTOR: Final = 20  # a value this many times as large as a fraction looks like a percentage


def apart(metric: str, why: str) -> str:
    """Return the message on a metric whose values cannot be compared, and on the remedy."""
    return f"{metric} is {why}; {SETTLED}"


class Metrics(NamedTuple):
    """Settings for the metrics of a program.

    ``tie`` is the largest difference of the score that counts as equal. ``scale`` gives the unit
    of a metric: ``percent`` or ``fraction``.
    """

    primary: str | None = None
    lower_is_better: tuple[str, ...] = ()
    higher_is_better: tuple[str, ...] = ()
    tie: float = 0.01
    scale: tuple[tuple[str, str], ...] = ()

    def falls(self, metric: str) -> bool:
        """Return whether a metric is better when lower.

        Unless that is configured, one of the words in its name must be latency, cost, error, loss,
        time or token, or the plural. Words are separated by anything but letters.
        """
        if metric in self.lower_is_better:
            return True
        if metric in self.higher_is_better:
            return False
        letters = (letter if letter.isalpha() else " " for letter in metric.lower())
        return not _FALLING.isdisjoint("".join(letters).split())

    def scored_by(self, measured: Iterable[str]) -> str | None:
        """Return the measured metric that is the score: the primary one, else ``score``, else the
        only one that is not better when lower.
        """
        known = list(measured)
        if self.primary is not None:
            return self.primary if self.primary in known else None
        if "score" in known:
            return "score"
        rising = [metric for metric in known if not self.falls(metric)]
        return rising[0] if len(rising) == 1 else None

    def score_of(self, measured: Mapping[str, float]) -> float | None:
        """Return the score, None without one."""
        metric = self.scored_by(measured)
        return None if metric is None else measured[metric]

    def unlike(self, metric: str, values: Iterable[float]) -> str | None:
        """Return why values of a metric cannot be compared: some look like percent and some like
        fractions, and no scale is configured. None if they can.
        """
        if self.falls(metric) or metric in dict(self.scale):
            return None
        smallest, largest = None, None
        for value in values:
            if 0 < value <= 1:
                smallest = value if smallest is None else min(value, smallest)
            elif 1 < value <= _PERCENT:
                largest = value if largest is None else max(value, largest)
        if smallest is None or largest is None or largest < _FACTOR * smallest:
            return None
        return f"not comparable: {largest:.6g} and {smallest:.6g} look like percent and fraction"
