"""``min_age``: time since the version entered the rung below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import DAY, Time
from dspyreg.policy.numbers import holds
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

KEY: Final = Key(
    "min_age", Time(longest=3650 * DAY), "How long it must have been on the rung below."
)
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on age; both numbers are seconds."""
    limit = policy.get(KEY)
    if limit is None:
        return
    age = facts.age()
    passed = holds(age, ">=", limit)
    message = f"Age {_shown(age)} {'>=' if passed else '<'} required {_shown(limit)}"
    yield Finding(KEY.name, passed, message, round(age, 6), limit)


def _shown(seconds: float) -> str:
    """Return the two largest units of a time, cut and not rounded: an age below the limit must not
    look like the limit.
    """
    rest, parts = int(seconds), list[str]()
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts[:2]) or f"{seconds:.3g} s"


RULE: Final = Rule((KEY,), findings)
