"""``contract``: no break with what is live; or types that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Choice
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

COMPATIBLE: Final = "compatible"
CAPTURED: Final = "captured"
BREAKING: Final = "breaking"
KEY: Final = Key(
    "contract",
    Choice("contract", (COMPATIBLE, CAPTURED)),
    promotion="compatible: no breaking change against what is live. captured: its types are known.",
    registration="compatible: no breaking change against the latest version, unless the label or "
    "--bump says major. captured: its types are known.",
)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the contract, one for each live version that it breaks with."""
    demand = policy.get(KEY)
    if demand == CAPTURED:
        passed = facts.knows_types()
        message = "Contract was captured" if passed else "Contract was not captured: types unknown"
        yield Finding(KEY.name, passed, message, "captured" if passed else "inferred", CAPTURED)
    elif demand == COMPATIBLE:
        breaks = facts.breaks()
        for each in breaks:
            message = f"Contract breaks with {each.live}: {'; '.join(each.reasons)}"
            yield Finding(KEY.name, False, message, BREAKING, COMPATIBLE)
        if not breaks:
            message = "Contract has no known break"
            yield Finding(KEY.name, True, message, "no break", COMPATIBLE)


RULE: Final = Rule((KEY,), findings)
