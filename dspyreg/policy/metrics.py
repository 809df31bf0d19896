"""``metrics``: a metric against a number."""

from collections.abc import Iterator, Mapping
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
    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy


class Threshold(NamedTuple):
    """A metric and the number that it must meet: ``accuracy >= 0.85``."""

    metric: str
    comparison: str
    value: float

    def __str__(self) -> str:
        return f"{self.metric} {self.comparison} {spelled(self.value)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the threshold that a text spells. Raises ``UsageError``."""
        parts = expressions.parse(text, "accuracy >= 0.85")
        if parts.is_percent:
            raise UsageError("threshold-in-percent", digits=parts.digits)
        return cls(parts.name, parts.comparison, parts.number)

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Return the threshold of a JSON object. Raises ``ValueError`` and the like."""
        return cls(**expressions.members_of(members, cls._fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of its text."""
        return {
            "description": 'A metric, one of >= > <= < ==, and a number: "accuracy >= 0.85".',
            "type": "string",
            "pattern": expressions.NAME_PATTERN
            + expressions.COMPARISON_PATTERN
            + rf"[-+]?{expressions.DIGITS_PATTERN}\s*$",
        }


KEY: Final = Key(
    "metrics",
    Demands(Threshold),
    promotion="What the newest values of metrics must meet.",
    registration="What the metrics given with it must meet.",
)


def findings(policy: "Policy", facts: "Facts") -> Iterator[Finding]:
    """Yield one finding for each threshold."""
    for threshold in policy.get(KEY) or ():
        yield _finding(threshold, facts)


def _finding(threshold: Threshold, facts: "Facts") -> Finding:
    metric, comparison, limit = threshold
    value = facts.metrics().get(metric)
    demanded = f"{comparison} {shown(limit)}"
    if value is None:
        return Finding(KEY.name, False, f"Missing required metric {metric}", None, demanded)
    # A limit of 1 may count things; then any value above it is meant.
    why = None if limit == 1 else facts.unlike(metric, value, limit)
    if why is not None:
        return Finding(KEY.name, False, apart(metric, why), value, demanded)
    passed = holds(value, comparison, limit)
    verb = "meets" if passed else "does not meet"
    message = f"{metric} {shown(value)} {verb} {demanded}"
    return Finding(KEY.name, passed, message, value, demanded)


RULE: Final = Rule((KEY,), findings)
