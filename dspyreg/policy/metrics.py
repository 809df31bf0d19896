"""``metrics``: a metric against a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
        yield _finding(threshold, facts.metrics().get(threshold.metric))


def _finding(threshold: Threshold, value: float | None) -> Finding:
    metric, comparison, limit = threshold
    demanded = f"{comparison} {shown(limit)}"
    if value is None:
        return Finding(RULE, False, f"Missing required metric {metric}", None, demanded)
    passed = holds(value, comparison, limit)
    verb = "meets" if passed else "does not meet"
    return Finding(RULE, passed, f"{metric} {shown(value)} {verb} {demanded}", value, demanded)
