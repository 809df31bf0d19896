"""Moving the pointer of an environment, and the records and stages that change with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.model.state import DEPRECATED, LIVE, SUPERSEDED, WITHDRAWN, Deployment, Pointer

if TYPE_CHECKING:
    from dspyreg.config.value import Environment
    from dspyreg.lifecycle.case import Case


def go_live(
    case: Case,
    environment: Environment,
    deployment: Deployment,
    *,
    leaving: str = SUPERSEDED,
    because: str,
) -> None:
    """Point an environment at a version, write its record, and end that of the version before.

    ``leaving`` is the status of the record that ends. ``because`` is the reason for deprecating
    its version, if this was its last pointer on the top rung.
    """
    draft, program = case.draft, case.program
    before = draft.pointer(program, environment.name)
    if before.live is not None:
        _end(case, environment.name, before, leaving)
    identity = f"{environment.name}-{draft.operation_id}"
    draft.set_deployment(program, environment.name, identity, deployment)
    draft.set_pointer(program, environment.name, Pointer(deployment.number, identity))
    if before.live not in {None, deployment.number} and environment.rung == case.config.top:
        _retire(case, before.live or 0, because)


def make_live(
    case: Case, number: int, environment: Environment, *, reason: str | None = None
) -> None:
    """Make a version live that supersedes another one; nothing changes if it is live already."""
    if case.live(environment.name) != number:
        because = f"Superseded by {case.label(number)}"
        deployment = Deployment(number, LIVE, reason=reason)
        go_live(case, environment, deployment, because=because)


def withdraw(case: Case, environment: str) -> None:
    """Take the live version out of an environment; nothing is live there then."""
    _end(case, environment, case.draft.pointer(case.program, environment), WITHDRAWN)
    case.draft.set_pointer(case.program, environment, Pointer())


def _end(case: Case, environment: str, pointer: Pointer, status: str) -> None:
    identity = pointer.deployment or ""
    record = case.draft.deployment(case.program, environment, identity)
    ended = record._replace(status=status)
    case.draft.set_deployment(case.program, environment, identity, ended)


def _retire(case: Case, number: int, because: str) -> None:
    """Deprecate a version that the last pointer of the top rung has left."""
    top = case.config.top
    if case.stage(number) != top:
        return
    if all(case.live(each.name) != number for each in case.config.of_rung(top)):
        case.draft.set_stage(case.program, number, DEPRECATED, because)
