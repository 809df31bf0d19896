"""``required_approvals``: the number of people who approved; each counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Count, Truth
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

KEY: Final = Key("required_approvals", Count(), "How many people must approve.")
AUTHOR: Final = Key(
    "author_may_approve",
    Truth(),
    "Whether the approval of the author of the version counts. By default it does not.",
    is_demand=False,
)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on approvals."""
    required = policy.get(KEY)
    if not required:
        return
    people = set(facts.approvers())
    own = not policy.get(AUTHOR) and bool(people) and facts.author() in people
    count = len(people) - own
    passed = count >= required
    message = f"Approvals {count} {'>=' if passed else '<'} required {required}"
    if own:
        message += "; the author's own does not count"
    yield Finding(KEY.name, passed, message, count, required)


RULE: Final = Rule((KEY, AUTHOR), findings)
