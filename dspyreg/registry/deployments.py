"""Deployments as people see them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dspyreg.model import names

if TYPE_CHECKING:
    from dspyreg.model.state import Deployment
    from dspyreg.registry.commit import Committed


class DeploymentView(NamedTuple):
    """A deployment as people see it."""

    deployment_id: str
    program: str
    label: str
    environment: str
    status: str
    strategy: str
    deployed_at: str
    deployed_by: str
    reason: str | None
    rollback_from: str | None
    percent: float


def made_by(done: "Committed") -> Iterator[DeploymentView]:
    """Yield the deployments that an entry made; to take something back makes none."""
    entry = done.entry
    if entry is None or entry.undoes is not None:
        return
    for change in entry.changes:
        kind, *rest = names.split(change.name)
        if kind == "deployments" and change.old is None:
            program, environment, operation = rest
            identity = f"{environment}-{operation}"
            record = done.draft.deployment(program, environment, identity)
            yield view(
                record,
                identity=identity,
                program=program,
                label=done.draft.label(program, record.number),
                environment=environment,
                at=entry.time,
                by=entry.actor,
            )


def view(
    record: "Deployment",
    *,
    identity: str,
    program: str,
    label: str,
    environment: str,
    at: str,
    by: str,
) -> DeploymentView:
    """Return a deployment record as people see it."""
    return DeploymentView(
        deployment_id=identity,
        program=program,
        label=label,
        environment=environment,
        status=record.status,
        strategy=record.strategy,
        deployed_at=at,
        deployed_by=by,
        reason=record.reason,
        rollback_from=record.rollback_from,
        percent=record.percent,
    )
