"""``command``: a command of the user's own, run on the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "command"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the command."""
    if policy.command is not None:
        passed, message, ran = facts.measured(policy.command)
        yield Finding(RULE, passed, message, passed if ran else None, policy.command.run)
