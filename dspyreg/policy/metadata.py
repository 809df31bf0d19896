"""``metadata``: a value that must be there, or meet a number."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from dspyreg.errors import UsageError
from dspyreg.policy import expressions
from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Demands, text
from dspyreg.policy.numbers import holds, shown
from dspyreg.policy.policy import Key
from dspyreg.policy.quantities import spelled
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy


class Need(NamedTuple):
    """Metadata that must be there, or meet a number: ``team``, ``deployment.concurrency <= 100``.

    A dot leads into an object, unless the metadata have the whole key. Without a comparison both
    ``comparison`` and ``value`` are None.
    """

    key: str
    comparison: str | None = None
    value: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return self.key
        return f"{self.key} {self.comparison} {spelled(self.value)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the need that a text spells. Raises ``UsageError``."""
        if not expressions.is_compared(text):
            return cls(text)
        parts = expressions.parse(text, "deployment.max_concurrency <= 100")
        if parts.is_percent:
            raise UsageError("need-in-percent", digits=parts.digits)
        return cls(parts.name, parts.comparison, parts.number)

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Return the need of a JSON object. Raises ``ValueError`` and the like."""
        if members.get("comparison") is None and members.get("value") is None:
            return cls(text(members["key"]))
        return cls(**expressions.members_of(members, cls._fields))

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of its text."""
        number = rf"[-+]?{expressions.DIGITS_PATTERN}\s*"
        return {
            "description": "A key of the metadata, a dot leading into an object; or that, one of "
            '>= > <= < ==, and a number: "team", "deployment.max_concurrency <= 100".',
            "type": "string",
            "pattern": f"{expressions.NAME_PATTERN}({expressions.COMPARISON_PATTERN}{number})?$",
        }


_DESCRIPTION: Final = "Metadata that must be there, or meet a number."
KEY: Final = Key("metadata", Demands(Need), promotion=_DESCRIPTION, registration=_DESCRIPTION)


def findings(policy: "Policy", facts: "Facts") -> Iterator[Finding]:
    """Yield one finding for each need."""
    for need in policy.get(KEY) or ():
        yield _finding(need, _value(facts.metadata(), need.key))


def _value(metadata: Mapping[str, Any], key: str) -> Any:
    """Return the value under a key or a path of keys; None without one."""
    if key in metadata:
        return metadata[key]
    first, _, rest = key.partition(".")
    inner = metadata.get(first)
    return _value(inner, rest) if rest and isinstance(inner, dict) else None


def _finding(need: Need, value: Any) -> Finding:
    key, comparison, limit = need
    if value is None or (isinstance(value, str) and not value.strip()):
        return Finding(KEY.name, False, f"Missing metadata {key}", None, str(need))
    if comparison is None or limit is None:
        return Finding(KEY.name, True, f"Has metadata {key}", value, str(need))
    demanded = f"{comparison} {shown(limit)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Finding(KEY.name, False, f"Metadata {key} is no number", value, demanded)
    passed = holds(value, comparison, limit)
    verb = "meets" if passed else "does not meet"
    message = f"Metadata {key} {shown(value)} {verb} {demanded}"
    return Finding(KEY.name, passed, message, value, demanded)


RULE: Final = Rule((KEY,), findings)
