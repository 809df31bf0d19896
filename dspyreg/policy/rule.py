"""A rule of policies: its keys and how it judges. See ``known`` for all of them."""

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.policy.policy import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.finding import Finding
    from dspyreg.policy.policy import Policy


class Rule(NamedTuple):
    """A rule: the keys that it owns, and its findings on a version under a policy."""

    keys: tuple[Key[Any], ...]
    findings: "Callable[[Policy, Facts], Iterator[Finding]]"
