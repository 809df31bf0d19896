"""One rule's verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Finding(NamedTuple):
    """What a rule found: what was ``measured`` (None: nothing was) and what is ``demanded``."""

    rule: str
    passed: bool
    message: str
    measured: Any
    demanded: Any

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return self._asdict()


def failures(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what did not pass, in words; what two rules say alike is said once."""
    return tuple(dict.fromkeys(each.message for each in findings if not each.passed))
