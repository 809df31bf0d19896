"""``max_size``: how many bytes the files of a version have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "max_size"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on size; both numbers are bytes."""
    limit = policy.max_size
    if limit is None:
        return
    size = facts.size()
    passed = size <= limit
    message = f"Size {size:,} bytes {'<=' if passed else '>'} allowed {limit:,}"
    yield Finding(RULE, passed, message, size, limit)
