"""``required_evidence``: evidence under a name, the newest of which passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "required_evidence"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each name."""
    for name in policy.required_evidence or ():
        passed = facts.evidence().get(name)
        if passed is None:
            message = f"Missing evidence {name}"
        else:
            message = f"Evidence {name} {'passed' if passed else 'failed'}"
        yield Finding(RULE, passed is True, message, passed, name)
