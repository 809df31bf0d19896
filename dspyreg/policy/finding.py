"""One rule's verdict."""

from typing import Any, NamedTuple


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
