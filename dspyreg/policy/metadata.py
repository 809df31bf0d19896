"""``metadata``: what was said about the version, whether it is there or against a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.policy.finding import Finding
from dspyreg.policy.numbers import holds, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dspyreg.config.policies import Need, Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "metadata"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each need."""
    for need in policy.metadata or ():
        yield _finding(need, _value(facts.metadata(), need.key))


def _value(metadata: Mapping[str, Any], key: str) -> Any:
    """Return what metadata say under a key, or under a path of keys; None for nothing."""
    if key in metadata:
        return metadata[key]
    first, _, rest = key.partition(".")
    inner = metadata.get(first)
    return _value(inner, rest) if rest and isinstance(inner, dict) else None


def _finding(need: Need, value: Any) -> Finding:
    key, comparison, limit = need
    if value is None or (isinstance(value, str) and not value.strip()):
        return Finding(RULE, False, f"Missing metadata {key}", None, str(need))
    if comparison is None or limit is None:
        return Finding(RULE, True, f"Has metadata {key}", value, str(need))
    demanded = f"{comparison} {shown(limit)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Finding(RULE, False, f"Metadata {key} is no number", value, demanded)
    passed = holds(value, comparison, limit)
    verb = "meets" if passed else "does not meet"
    return Finding(
        RULE, passed, f"Metadata {key} {shown(value)} {verb} {demanded}", value, demanded
    )
