"""What differs for one program; imported where a configuration has something of that kind."""

from typing import Any, NamedTuple, Self

from dspyreg.config.policies import Policy
from dspyreg.config.value import Metrics, fields_of, policies_of, policies_told, require_types


class Program(NamedTuple):
    """What differs for one program: members of policies by rung, and of ``metrics``."""

    name: str
    policies: tuple[tuple[str, Policy], ...] = ()
    metrics: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what differs as JSON."""
        metrics = {key: list(it) if isinstance(it, tuple) else it for key, it in self.metrics}
        return {"name": self.name, "policies": policies_told(self.policies), "metrics": metrics}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return what ``to_json`` told."""
        metrics = fields_of(Metrics, told.get("metrics", {}))
        require_types(Metrics(**metrics))
        return cls(told["name"], policies_of(told.get("policies", {})), tuple(metrics.items()))
