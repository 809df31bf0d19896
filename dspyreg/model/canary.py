"""A second version beside the live one."""

from typing import Any, NamedTuple


class Canary(NamedTuple):
    """A version that takes a share of an environment's traffic, in percent."""

    number: int
    percent: float
    deployment: str

    @classmethod
    def of(cls, value: Any) -> "Canary":
        """Return the canary of a value of ``environments/P/E``."""
        return cls(*(value[field] for field in cls._fields))
