"""``max_size``: the bytes of all files of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Size
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

KEY: Final = Key(
    "max_size",
    Size(),
    registration="The most bytes that its files may have: 500MB, 64 KiB, 1 GiB.",
)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on size; both numbers are bytes."""
    limit = policy.get(KEY)
    if limit is None:
        return
    size = facts.size()
    passed = size <= limit
    message = f"Size {size:,} bytes {'<=' if passed else '>'} allowed {limit:,}"
    yield Finding(KEY.name, passed, message, size, limit)


RULE: Final = Rule((KEY,), findings)
