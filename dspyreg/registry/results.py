"""From what was committed to what a caller gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.model import names
from dspyreg.registry.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.model.entry import Entry
    from dspyreg.model.state import Deployment
    from dspyreg.model.version import Version
    from dspyreg.registry.commit import Committed
    from dspyreg.registry.facade import Registry
    from dspyreg.registry.outcome import DeploymentView


def outcome(
    registry: Registry,
    done: Committed,
    *more: Committed,
    pairs: Iterable[tuple[str, int]] | None = None,
) -> Outcome:
    """Return the outcome of an operation, once the hooks after it have run. ``pairs`` are the
    (program, number) it is about, where they are not the plan's own.
    """
    every = (done, *more)
    plan = done.plan
    about = list(pairs) if pairs is not None else []
    if pairs is None and plan.program is not None and plan.number is not None:
        about = [(plan.program, plan.number)]
    notices = [*plan.notices, *([plan.already] if plan.already else [])]
    if plan.already:
        notices = [plan.already, *plan.notices]
    for another in more:
        notices += another.plan.notices
    for each in every:
        if each.hooks is not None and each.hooks.after and each.entry and each.entry.seq:
            from dspyreg.registry.hooking import run_after

            notices += run_after(registry, each.hooks, each.entry)
    entries = tuple(each.entry for each in every if each.entry is not None)
    last = every[-1]

    def deployments() -> tuple[DeploymentView, ...]:
        return tuple(view for each in every for view in _deployments(each))

    def read() -> list[Version]:
        from dspyreg.registry.reading import version_at

        found = (version_at(registry, last, program, number) for program, number in about)
        return [version for version in found if version is not None]

    def label(program: str, number: int) -> str:
        return _label(every, program, number)

    return Outcome(entries, tuple(notices), deployments, read, label)


def _label(every: tuple[Committed, ...], program: str, number: int) -> str:
    """The label of a version, also of one that an entry has just taken away."""
    name = names.version(program, number)
    for done in every:
        for change in done.entry.changes if done.entry else ():
            if change.name == name:
                return str((change.new or change.old)["label"])
    return every[-1].draft.label(program, number)


def _deployments(done: Committed) -> Iterable[DeploymentView]:
    if done.entry is None or done.entry.undoes is not None:
        return
    for change in done.entry.changes:
        kind, *rest = names.split(change.name)
        if kind == "deployments" and change.old is None:
            yield view(done, rest[0], rest[1], rest[2], done.entry)


def view(
    done: Committed, program: str, environment: str, operation: str, entry: Entry
) -> DeploymentView:
    """Return a deployment that an entry made, as people see it."""
    identity = f"{environment}-{operation}"
    record = done.draft.deployment(program, environment, identity)
    return deployment_view(
        record,
        identity=identity,
        program=program,
        label=done.draft.label(program, record.number),
        environment=environment,
        at=entry.time,
        by=entry.actor,
    )


def deployment_view(
    record: Deployment,
    *,
    identity: str,
    program: str,
    label: str,
    environment: str,
    at: str,
    by: str,
) -> DeploymentView:
    """Return a deployment record as people see it."""
    from dspyreg.registry.outcome import DeploymentView

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
