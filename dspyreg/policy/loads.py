"""``loads``: a program can be read from the version, or it was registered as another file."""

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

KEY: Final = Key(
    "loads",
    Truth(),
    "A program can be read from it, or it was registered with --any-file. The last rung demands "
    "that unless this is false.",
)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the program."""
    if not policy.get(KEY):
        return
    if facts.is_any_file():
        yield Finding(KEY.name, True, "Registered as another file than a program", True, True)
        return
    why = facts.unreadable()
    message = "A program can be read" if why is None else f"No program can be read: {why}"
    yield Finding(KEY.name, why is None, message, why is None, True)


RULE: Final = Rule((KEY,), findings)
