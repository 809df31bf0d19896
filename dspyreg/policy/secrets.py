"""``secrets: none``: nothing that looks like a secret was allowed in."""

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

_NONE: Final = "none"
_ALLOWED: Final = "allowed"
_DESCRIPTION: Final = (
    "none: nothing in the version may look like a secret. Text, in YAML without quotes."
)
KEY: Final = Key(
    "secrets", Choice("demand", (_NONE,)), promotion=_DESCRIPTION, registration=_DESCRIPTION
)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on secrets."""
    if policy.get(KEY) != _NONE:
        return
    passed = facts.secrets() != _ALLOWED
    message = (
        "No secrets" if passed else "It holds secrets, which were allowed when it was registered"
    )
    yield Finding(KEY.name, passed, message, "none" if passed else _ALLOWED, _NONE)


RULE: Final = Rule((KEY,), findings)
