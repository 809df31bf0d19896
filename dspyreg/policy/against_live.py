"""``against_live``: a metric against that of what is live where the version is to go."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from dspyreg.model.metrics import apart
from dspyreg.policy.finding import Finding
from dspyreg.policy.numbers import holds, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Margin, Policy
    from dspyreg.policy.facts import Facts, Live

RULE: Final = "against_live"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each margin and live version; what is the first there passes."""
    for margin in policy.against_live or ():
        lives = facts.live()
        if not lives:
            message = f"{margin.metric}: nothing is live to compare with"
            yield Finding(RULE, True, message, None, _demanded(margin))
        for live in lives:
            yield _finding(margin, facts, live)


def _finding(margin: Margin, facts: Facts, live: Live) -> Finding:
    value = facts.metrics().get(margin.metric)
    demanded, before = _demanded(margin), live.metrics.get(margin.metric)
    if value is None:
        return Finding(RULE, False, f"Missing required metric {margin.metric}", None, demanded)
    if before is None:
        hint = f"measure it: `dspyreg score {live.name} {margin.metric}=NUMBER`"
        message = f"{live.label}, live in {live.environment}, has no {margin.metric}; {hint}"
        return Finding(RULE, False, message, None, demanded)
    unlike = facts.unlike(margin.metric, value, before)
    if unlike is not None:
        return Finding(RULE, False, apart(margin.metric, unlike), None, demanded)
    change = _change(value, before, margin)
    if change is None:
        message = f"{margin.metric} was 0 in {live.label}: no percentage can be told"
        return Finding(RULE, False, message, None, demanded)
    passed = holds(change, margin.comparison, margin.change)
    measured = f"{_short(change, margin):+.10g}{'%' if margin.relative else ''}"
    verb = "meets" if passed else "does not meet"
    against = f"against {live.label} ({shown(before)})"
    message = f"{margin.metric} {shown(value)} is {measured} {against}, {verb} {demanded}"
    return Finding(RULE, passed, message, change if isfinite(change) else None, demanded)


def _change(value: float, before: float, margin: Margin) -> float | None:
    """Return the change in the unit of the margin; None for a percentage of nothing."""
    if not margin.relative:
        return value - before
    if before == 0:
        return 0.0 if value == 0 else None
    return (value - before) / abs(before) * 100


def _short(change: float, margin: Margin) -> float:
    """Return a change as it is told: two decimals of a percentage, unless they hide the verdict."""
    short = round(change, 2 if margin.relative else 10)
    verdicts = (holds(each, margin.comparison, margin.change) for each in (short, change))
    return short if len(set(verdicts)) == 1 else change


def _demanded(margin: Margin) -> str:
    return str(margin).removeprefix(f"{margin.metric} ")
