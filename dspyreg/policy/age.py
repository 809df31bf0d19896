"""``min_age``: time since the version entered the rung below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.numbers import holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "min_age"
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on age; both numbers are seconds."""
    limit = policy.min_age
    if limit is None:
        return
    age = facts.age()
    passed = holds(age, ">=", limit)
    message = f"Age {_shown(age)} {'>=' if passed else '<'} required {_shown(limit)}"
    yield Finding(RULE, passed, message, round(age, 6), limit)


def _shown(seconds: float) -> str:
    """Return the two largest units of a time, cut and not rounded: no age looks met that is not."""
    rest, told = int(seconds), list[str]()
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        told += [f"{count} {unit}"] if count else []
    return " ".join(told[:2]) or f"{seconds:.3g} s"
