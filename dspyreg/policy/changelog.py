"""``changelog``: something was written about the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "changelog"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the changelog."""
    if not policy.changelog:
        return
    passed = bool((facts.changelog() or "").strip())
    yield Finding(RULE, passed, "Has a changelog" if passed else "Missing changelog", passed, True)
