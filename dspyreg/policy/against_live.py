"""``against_live``: a metric against that of what is live where the version is to go."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from dspyreg.errors import UsageError
from dspyreg.model.metrics import apart
from dspyreg.policy import expressions
from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Demands
from dspyreg.policy.numbers import holds, shown
from dspyreg.policy.policy import Key
from dspyreg.policy.quantities import spelled
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from dspyreg.policy.facts import Facts, Live
    from dspyreg.policy.policy import Policy


class Margin(NamedTuple):
    """A metric and how it may differ from what is live: ``accuracy >= -2%``, ``f1 >= +0.01``.

    ``change`` is a percentage of the live value if it is ``relative``, else a difference.
    """

    metric: str
    comparison: str
    change: float
    relative: bool

    def __str__(self) -> str:
        sign, unit = "" if self.change < 0 else "+", "%" if self.relative else ""
        return f"{self.metric} {self.comparison} {sign}{spelled(self.change)}{unit}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the margin that a text spells. Raises ``UsageError``."""
        parts = expressions.parse(text, "accuracy >= -2%")
        if parts.number and parts.digits[0] not in "+-":
            raise UsageError("margin-without-sign", digits=parts.digits)
        return cls(parts.name, parts.comparison, parts.number, parts.is_percent)

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Return the margin of a JSON object. Raises ``ValueError`` and the like."""
        margin = cls(**expressions.members_of(members, cls._fields))
        if not isinstance(margin.relative, bool):
            raise TypeError(margin.relative)
        return margin

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of its text."""
        return {
            "description": "A metric, one of >= > <= < ==, and a change against what is live, with "
            'its sign; with % it is relative: "accuracy >= -2%", "f1 >= +0.01".',
            "type": "string",
            "pattern": expressions.NAME_PATTERN
            + expressions.COMPARISON_PATTERN
            + rf"([-+]{expressions.DIGITS_PATTERN}|[0.]+)\s*%?\s*$",
        }


KEY: Final = Key("against_live", Demands(Margin), "How metrics may differ from what is live.")


def findings(policy: "Policy", facts: "Facts") -> Iterator[Finding]:
    """Yield one finding for each margin and live version; with nothing live it passes."""
    for margin in policy.get(KEY) or ():
        lives = facts.live()
        if not lives:
            message = f"{margin.metric}: nothing is live to compare with"
            yield Finding(KEY.name, True, message, None, _demanded(margin))
        for live in lives:
            yield _finding(margin, facts, live)


def _finding(margin: Margin, facts: "Facts", live: "Live") -> Finding:
    value = facts.metrics().get(margin.metric)
    demanded, before = _demanded(margin), live.metrics.get(margin.metric)
    if value is None:
        message = f"Missing required metric {margin.metric}"
        return Finding(KEY.name, False, message, None, demanded)
    if before is None:
        hint = f"measure it: `dspyreg score {live.name} {margin.metric}=NUMBER`"
        message = f"{live.label}, live in {live.environment}, has no {margin.metric}; {hint}"
        return Finding(KEY.name, False, message, None, demanded)
    unlike = facts.unlike(margin.metric, value, before)
    if unlike is not None:
        return Finding(KEY.name, False, apart(margin.metric, unlike), None, demanded)
    change = _change(value, before, margin)
    if change is None:
        message = f"{margin.metric} is 0 in {live.label}: a percentage of it is undefined"
        return Finding(KEY.name, False, message, None, demanded)
    passed = holds(change, margin.comparison, margin.change)
    measured = f"{_rounded(change, margin):+.10g}{'%' if margin.relative else ''}"
    verb = "meets" if passed else "does not meet"
    against = f"against {live.label} ({shown(before)})"
    message = f"{margin.metric} {shown(value)} is {measured} {against}, {verb} {demanded}"
    return Finding(KEY.name, passed, message, change if isfinite(change) else None, demanded)


def _change(value: float, before: float, margin: Margin) -> float | None:
    """Return the change in the unit of the margin; None for a percentage of nothing."""
    if not margin.relative:
        return value - before
    if before == 0:
        return 0.0 if value == 0 else None
    return (value - before) / abs(before) * 100


def _rounded(change: float, margin: Margin) -> float:
    """Return a change for display: two decimals of a percentage, unless they hide the verdict."""
    short = round(change, 2 if margin.relative else 10)
    verdicts = (holds(each, margin.comparison, margin.change) for each in (short, change))
    return short if len(set(verdicts)) == 1 else change


def _demanded(margin: Margin) -> str:
    return str(margin).removeprefix(f"{margin.metric} ")


RULE: Final = Rule((KEY,), findings)
