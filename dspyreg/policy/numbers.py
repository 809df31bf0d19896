"""Numbers against limits; a limit met exactly is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.model.numbers import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable

_HOLDS: Final[dict[str, Callable[[float], bool]]] = {
    ">=": lambda over: over >= -TOLERANCE,
    ">": lambda over: over > TOLERANCE,
    "<=": lambda over: over <= TOLERANCE,
    "<": lambda over: over < -TOLERANCE,
    "==": lambda over: abs(over) <= TOLERANCE,
}


def holds(value: float, comparison: str, limit: float) -> bool:
    """Return whether a value meets a limit. Differences up to 1e-9 do not count."""
    return _HOLDS[comparison](value - limit)


def shown(value: float) -> str:
    """Return a number for display."""
    return f"{value:.10g}"
