"""``metrics``: a metric against a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.model.metrics import apart
from dspyreg.policy.finding import Finding
from dspyreg.policy.numbers import holds, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy, Threshold
    from dspyreg.policy.facts import Facts

RULE: Final = "metrics"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each threshold."""
    for threshold in policy.metrics or ():
        yield _finding(threshold, facts)


def _finding(threshold: Threshold, facts: Facts) -> Finding:
    metric, comparison, limit = threshold
    value = facts.metrics().get(metric)
    demanded = f"{comparison} {shown(limit)}"
    if value is None:
        return Finding(RULE, False, f"Missing required metric {metric}", None, demanded)
    # A limit of 1 may be a number of things: then any value above it is meant.
    why = None if limit == 1 else facts.unlike(metric, value, limit)
    if why is not None:
        return Finding(RULE, False, apart(metric, why), value, demanded)
    passed = holds(value, comparison, limit)
    verb = "meets" if passed else "does not meet"
    return Finding(RULE, passed, f"{metric} {shown(value)} {verb} {demanded}", value, demanded)
