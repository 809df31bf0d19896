"""Deployments as people see them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from dspyreg.model import names

if TYPE_CHECKING:
    from dspyreg.model.state import State
    from dspyreg.registry.transaction.committed import Committed


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
    rollback_from_label: str | None
    restores: str | None
    percent: float


def made_by(done: "Committed") -> Iterator[DeploymentView]:
    """Yield the deployments that an entry made; an undo makes none."""
    entry = done.entry
    if entry is None or entry.undoes is not None:
        return
    for change in entry.changes:
        kind, *rest = names.split(change.name)
        if kind == "deployments" and change.old is None:
            program, environment, operation = rest
            identity = f"{environment}-{operation}"
            yield view(done.draft, program, environment, identity, at=entry.time, by=entry.actor)


def view(
    state: "State", program: str, environment: str, identity: str, *, at: str, by: str
) -> DeploymentView:
    """Return a deployment of a state as people see it; an entry made it ``at`` a time."""
    record = state.deployment(program, environment, identity)
    taken, label = _taken_back(state, program, environment, record.rollback_from)
    return DeploymentView(
        deployment_id=identity,
        program=program,
        label=state.label(program, record.number),
        environment=environment,
        status=record.status,
        strategy=record.strategy,
        deployed_at=at,
        deployed_by=by,
        reason=record.reason,
        rollback_from=taken,
        rollback_from_label=label,
        restores=record.restores,
        percent=record.percent,
    )


def _taken_back(
    state: "State", program: str, environment: str, rolled_back: str | None
) -> tuple[str | None, str | None]:
    """Return the id and the label of the deployment that a rollback took back. The first
    registries have its label in the place of its id.
    """
    if rolled_back is None:
        return None, None
    operation = rolled_back.removeprefix(f"{environment}-")
    value = state.get(names.deployment(program, environment, operation))
    version = None if value is None else state.version(program, value["number"])
    return (None, rolled_back) if version is None else (rolled_back, version.label)
