"""What differs for one program; imported where a configuration has something of that kind."""

from typing import Any, NamedTuple, Self

from dspyreg.config.policies import Policy
from dspyreg.config.value import (
    fields_of_metrics,
    policies_of,
    policies_told,
    require_types,
    told_metrics,
)
from dspyreg.model.metrics import Metrics


class Program(NamedTuple):
    """What differs for one program: members of policies by rung, and of ``metrics``."""

    name: str
    policies: tuple[tuple[str, Policy], ...] = ()
    metrics: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what differs as JSON."""
        return {
            "name": self.name,
            "policies": policies_told(self.policies),
            "metrics": told_metrics(dict(self.metrics)),
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return what ``to_json`` told."""
        metrics = fields_of_metrics(told.get("metrics", {}))
        require_types(Metrics(**metrics))
        return cls(told["name"], policies_of(told.get("policies", {})), tuple(metrics.items()))
