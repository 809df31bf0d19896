"""All rules. Adding one is a file ``policy/<rule>.py``, and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from dspyreg import policy as room
from dspyreg.policy.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dspyreg.policy.policy import Key
    from dspyreg.policy.rule import Rule

# The module of each rule and the keys that it owns, in the order of the findings. With the names
# of the keys here, a rule is imported only if a policy names one of its keys.
RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "metrics": ("metrics",),
    "against_live": ("against_live",),
    "coverage": ("min_test_coverage",),
    "approvals": ("required_approvals", "author_may_approve"),
    "evidence": ("required_evidence",),
    "changelog": ("changelog",),
    "contract": ("contract",),
    "secrets": ("secrets",),
    "metadata": ("metadata",),
    "size": ("max_size",),
    "loads": ("loads",),
    "age": ("min_age",),
    "command": ("command",),
    "promotion": ("auto_promote",),
}


def rules_of(names: Iterable[str]) -> Iterator[Rule]:
    """Yield the rules that own one of these keys, in the order of the findings."""
    wanted = set(names)
    for module, keys in RULES.items():
        if not wanted.isdisjoint(keys):
            yield cast("Rule", getattr(room, module).RULE)


def keys_of(names: Iterable[str]) -> Iterator[Key[Any]]:
    """Yield the keys of these names, in the order of the rules; names of none are ignored."""
    wanted = set(names)
    for rule in rules_of(wanted):
        yield from (key for key in rule.keys if key.name in wanted)


def every_key() -> tuple[Key[Any], ...]:
    """Return all keys that a policy can have."""
    return tuple(keys_of(name for names in RULES.values() for name in names))


def policy_from_json(members: Mapping[str, Any]) -> Policy:
    """Return the policy of ``Policy.to_json``; unknown keys are ignored.

    Raises ``ValueError`` for a value that its key does not take.
    """
    stated = {name: value for name, value in members.items() if value is not None}
    return Policy(**{key.name: key.read(stated[key.name]) for key in keys_of(stated)})
