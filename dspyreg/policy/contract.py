"""``contract``: no break with what is live; or types that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.config.policies import CAPTURED, COMPATIBLE
from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "contract"
BREAKING: Final = "breaking"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the contract, one for each live version that it breaks with."""
    if policy.contract == CAPTURED:
        passed = facts.knows_types()
        message = "Contract was captured" if passed else "Contract was not captured: types unknown"
        yield Finding(RULE, passed, message, "captured" if passed else "inferred", CAPTURED)
    elif policy.contract == COMPATIBLE:
        breaks = facts.breaks()
        for each in breaks:
            message = f"Contract breaks with {each.live}: {'; '.join(each.reasons)}"
            yield Finding(RULE, False, message, BREAKING, COMPATIBLE)
        if not breaks:
            message = "Contract has no known break"
            yield Finding(RULE, True, message, "no break", COMPATIBLE)
