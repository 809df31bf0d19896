"""``changelog``: the version has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Truth
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

_DESCRIPTION: Final = "Whether the version must have a changelog."
KEY: Final = Key("changelog", Truth(), promotion=_DESCRIPTION, registration=_DESCRIPTION)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the changelog."""
    if not policy.get(KEY):
        return
    passed = bool((facts.changelog() or "").strip())
    message = "Has a changelog" if passed else "Missing changelog"
    yield Finding(KEY.name, passed, message, passed, True)


RULE: Final = Rule((KEY,), findings)
