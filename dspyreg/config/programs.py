"""Settings of one program; imported only where a configuration has some."""

from typing import Any, NamedTuple, Self

from dspyreg.config.value import (
    metrics_from_json,
    metrics_to_json,
    policies_from_json,
    policies_to_json,
    require_types,
)
from dspyreg.model.metrics import Metrics
from dspyreg.policy.policy import Policy


class ProgramSettings(NamedTuple):
    """Settings of one program: members of policies by rung, and of ``metrics``."""

    name: str
    policies: tuple[tuple[str, Policy], ...] = ()
    metrics: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {
            "name": self.name,
            "policies": policies_to_json(self.policies),
            "metrics": metrics_to_json(dict(self.metrics)),
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Return the settings of ``to_json``."""
        metrics = metrics_from_json(members.get("metrics", {}))
        require_types(Metrics(**metrics))
        policies = policies_from_json(members.get("policies", {}))
        return cls(members["name"], policies, tuple(metrics.items()))
