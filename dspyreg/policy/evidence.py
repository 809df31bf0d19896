"""``required_evidence``: evidence under a name, the newest of which passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Words
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

KEY: Final = Key("required_evidence", Words("evidence"), "Names of evidence that must be there.")


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each name."""
    for name in policy.get(KEY) or ():
        passed = facts.evidence().get(name)
        if passed is None:
            message = f"Missing evidence {name}"
        else:
            message = f"Evidence {name} {'passed' if passed else 'failed'}"
        yield Finding(KEY.name, passed is True, message, passed, name)


RULE: Final = Rule((KEY,), findings)
