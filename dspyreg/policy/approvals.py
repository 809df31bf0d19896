"""``required_approvals``: how many people approved; one person counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "required_approvals"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on approvals."""
    required = policy.required_approvals
    if not required:
        return
    people = set(facts.approvers())
    own = not policy.author_may_approve and bool(people) and facts.author() in people
    count = len(people) - own
    passed = count >= required
    message = f"Approvals {count} {'>=' if passed else '<'} required {required}"
    if own:
        message += "; the author's own does not count"
    yield Finding(RULE, passed, message, count, required)
