"""What differs for one program; imported where a configuration has something of that kind."""

from typing import Any, NamedTuple, Self

from dspyreg.config.policies import Policy
from dspyreg.config.value import Metrics, fields_of


class Program(NamedTuple):
    """What differs for one program: members of policies by rung, and of ``metrics``."""

    name: str
    policies: tuple[tuple[str, Policy], ...] = ()
    metrics: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what differs as JSON."""
        metrics = {key: list(it) if isinstance(it, tuple) else it for key, it in self.metrics}
        policies = {rung: policy.to_json() for rung, policy in self.policies}
        return {"name": self.name, "policies": policies, "metrics": metrics}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return what ``to_json`` told."""
        policies = told.get("policies", {}).items()
        metrics = fields_of(Metrics, told.get("metrics", {}))
        read = ((rung, Policy.from_json(each)) for rung, each in policies)
        return cls(told["name"], tuple(read), tuple(metrics.items()))
