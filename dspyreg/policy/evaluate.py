"""All rules over one version, in the order in which a policy names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy import (
    against_live,
    age,
    approvals,
    changelog,
    command,
    contract,
    coverage,
    evidence,
    loads,
    metadata,
    metrics,
    secrets,
    size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts
    from dspyreg.policy.finding import Finding

_RULES: Final = (
    *(metrics, against_live, coverage, approvals, evidence),
    *(changelog, contract, secrets, metadata, size, loads, age, command),
)


def evaluate(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield what every rule finds, those that pass too; a rule is asked when its turn comes."""
    for rule in _RULES:
        yield from rule.findings(policy, facts)
