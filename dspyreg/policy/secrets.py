"""``secrets: none``: nothing that looks like a secret was allowed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.config.policies import NO_SECRETS
from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "secrets"
_ALLOWED: Final = "allowed"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on secrets."""
    if policy.secrets != NO_SECRETS:
        return
    passed = facts.secrets() != _ALLOWED
    message = (
        "No secrets" if passed else "It holds secrets, which were allowed when it was registered"
    )
    yield Finding(RULE, passed, message, "none" if passed else _ALLOWED, NO_SECRETS)
