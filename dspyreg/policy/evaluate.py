"""Judging one version by all rules of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.policy.known import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.finding import Finding
    from dspyreg.policy.policy import Policy


def evaluate(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the findings of every rule, passed ones too. Facts are read one rule at a time."""
    for rule in rules_of(policy):
        yield from rule.findings(policy, facts)
