"""``command``: a command of the user's own, run on the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import ShellCommand
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

KEY: Final = Key(
    "command",
    ShellCommand(),
    "A command of your own that gets the checked-out version and must end with status 0.",
)


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on the command."""
    command = policy.get(KEY)
    if command is not None:
        passed, message, ran = facts.measured(command)
        yield Finding(KEY.name, passed, message, passed if ran else None, command.run)


RULE: Final = Rule((KEY,), findings)
