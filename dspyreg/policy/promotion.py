"""``auto_promote``: promotion as soon as everything else passes. It finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.forms import Truth
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.finding import Finding
    from dspyreg.policy.policy import Policy

KEY: Final = Key(
    "auto_promote", Truth(), "Promote automatically as soon as everything passes.", is_demand=False
)


def findings(_policy: Policy, _facts: Facts) -> Iterator[Finding]:
    """Return no finding."""
    return iter(())


RULE: Final = Rule((KEY,), findings)
