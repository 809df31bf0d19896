"""A finding: the verdict of one rule."""

from typing import Any, NamedTuple


class Finding(NamedTuple):
    """The verdict of one rule; ``measured`` is None where nothing was."""

    rule: str
    passed: bool
    message: str
    measured: Any
    demanded: Any

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return self._asdict()
