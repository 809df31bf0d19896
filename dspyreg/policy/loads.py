"""``loads``: a program can be read from the version, or it was registered as another file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "loads"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on whether there is a program."""
    if not policy.loads:
        return
    if facts.is_any_file():
        yield Finding(RULE, True, "Registered as another file than a program", True, True)
        return
    why = facts.unreadable()
    message = "A program can be read" if why is None else f"No program can be read: {why}"
    yield Finding(RULE, why is None, message, why is None, True)
