"""Where versions are live: who qualifies, what moving a pointer changes, and ``deploy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import NotFound, Refused, UsageError
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.select import no_program, select
from dspyreg.model.state import (
    ARCHIVED,
    DEPRECATED,
    LIVE,
    ROLLED_BACK,
    SUPERSEDED,
    WITHDRAWN,
    Deployment,
    Pointer,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.gates import Gate
    from dspyreg.model.selector import Selector


def reached(config: Config, stage: str, rung: str) -> bool:
    """Has a version on this stage reached the rung? Deprecated counts as the one below the top;
    archived, and what is no rung of this ladder, has reached none.
    """
    ladder = [each.name for each in config.rungs]
    if stage == DEPRECATED:
        return len(ladder) - 2 >= ladder.index(rung)
    return stage in ladder and ladder.index(stage) >= ladder.index(rung)


def next_rung(config: Config, stage: str) -> str | None:
    """Return the rung above a stage; None above the top, and beside the ladder."""
    return None if stage in {DEPRECATED, ARCHIVED} else config.above(stage)


def way_up(config: Config, version: str, stage: str) -> str:
    """Return the command that brings a version one stage nearer to the top."""
    if stage in {DEPRECATED, ARCHIVED}:
        return f"dspyreg restore {version}"
    above = next_rung(config, stage)
    return f"dspyreg promote {version}" + (f" --to {above}" if above is not None else "")


def qualifies(config: Config, stage: str, environment: Environment) -> bool:
    """May a version on this stage be live there? The one answer for deploy, undo and config."""
    if environment.rung is None:
        return stage != ARCHIVED
    return reached(config, stage, environment.rung)


def named(config: Config, name: str) -> Environment:
    """Return an environment by name. Raises ``NotFound``, listing those there are."""
    environment = config.environment(name)
    if environment is None:
        raise NotFound("environment", name, hint=f"there are {listed(config.environments)}")
    return environment


def listed(environments: Iterable[Environment]) -> str:
    """Return the names of environments, for people."""
    return ", ".join(environment.name for environment in environments)


def where(config: Config, name: str | None) -> Environment:
    """Return the environment that is meant: the named one, the default, the only one on top, or
    the one that bears the top rung's name. Raises ``UsageError``, listing the candidates.
    """
    if name is not None or config.default_environment is not None:
        return named(config, name or config.default_environment or "")
    top = config.of_rung(config.top)
    if len(top) == 1:
        return top[0]
    for environment in top:
        if environment.name == config.top:
            return environment
    raise UsageError("which environment?", hint=f"name one with --env=NAME: {listed(top)}")


def way_back(config: Config, program: str, place: Environment) -> str:
    """Return the command that rolls an environment back, which is named unless it is the one that
    the command means without a name.
    """
    try:
        is_meant = where(config, None) == place
    except UsageError:
        is_meant = False
    return f"dspyreg rollback {program}" + ("" if is_meant else f" --env {place.name}")


def where_to_deploy(config: Config, name: str | None) -> Environment:
    """Return the environment to deploy to: the named one or the configured default."""
    if name is None and config.default_environment is None:
        raise UsageError(
            "which environment?", hint=f"name one with --env=NAME: {listed(config.environments)}"
        )
    return named(config, name or config.default_environment or "")


def go_live(
    draft: Draft,
    config: Config,
    program: str,
    environment: Environment,
    deployment: Deployment,
    *,
    leaving: str = SUPERSEDED,
    because: str,
) -> None:
    """Point an environment at a version, make its record, and see off the version that leaves.

    ``leaving`` is the status of the record that ends, ``because`` the reason its version gets if
    this was the last pointer of the top rung to leave it.
    """
    before = draft.pointer(program, environment.name)
    if before.live is not None:
        _end(draft, program, environment.name, before, leaving)
    identity = f"{environment.name}-{draft.operation_id}"
    draft.set_deployment(program, environment.name, identity, deployment)
    draft.set_pointer(program, environment.name, Pointer(deployment.number, identity))
    if before.live not in {None, deployment.number} and environment.rung == config.top:
        _retire(draft, config, program, before.live or 0, because)


def withdraw(draft: Draft, program: str, environment: str) -> None:
    """Take the live version out of an environment, which then has none."""
    _end(draft, program, environment, draft.pointer(program, environment), WITHDRAWN)
    draft.set_pointer(program, environment, Pointer())


def _end(draft: Draft, program: str, environment: str, pointer: Pointer, status: str) -> None:
    identity = pointer.deployment or ""
    record = draft.deployment(program, environment, identity)
    draft.set_deployment(program, environment, identity, record._replace(status=status))


def _retire(draft: Draft, config: Config, program: str, number: int, because: str) -> None:
    """Deprecate a version that the last pointer of the top rung has left."""
    if draft.stage(program, number) != config.top:
        return
    pointers = (draft.pointer(program, each.name) for each in config.of_rung(config.top))
    if all(pointer.live != number for pointer in pointers):
        draft.set_stage(program, number, DEPRECATED, because)


def deploy(
    draft: Draft,
    config: Config,
    selector: Selector,
    *,
    environment: str | None = None,
    reason: str | None = None,
    gate: Gate | None = None,
) -> Plan:
    """Make a version live in an environment whose rung it has reached.

    Without a ``gate`` no policy is asked.
    """
    place = where_to_deploy(config, environment)
    program = selector.program
    if selector.is_explicit:
        number, notices = select(draft, config, selector)
    else:
        number, notices = _highest(draft, config, program, place), ()
        held = held_back(draft, config, program, number, (place,))
        if held is not None:
            return already(draft, program, number, held)
    label = draft.label(program, number)
    if draft.pointer(program, place.name).live == number:
        return already(draft, program, number, f"{program}@{label} is live in {place.name}")
    _require_qualified(draft, config, program, number, place)
    if gate is not None:
        gate.judge(draft, config, program, number, None, (place,))
    go_live(
        draft,
        config,
        program,
        place,
        Deployment(number, LIVE, reason=reason),
        because=f"Superseded by {label}",
    )
    return going_live("deploy", draft, program, number, notices)


def going_live(
    operation: str, draft: Draft, program: str, number: int, notices: tuple[str, ...] = ()
) -> Plan:
    """Return the plan of an operation that makes a version live: its bytes must be whole."""
    snapshot = draft.existing(program, number)
    serves = (snapshot.document,)
    return Plan(operation, program, number, snapshot.label, notices=notices, serves=serves)


def already(draft: Draft, program: str, number: int, why: str, *, operation: str = "") -> Plan:
    """Return the plan that changes nothing, and says why."""
    label = draft.label(program, number)
    return Plan(operation, program, number, label, already=f"already: {why}")


def held_back(
    state: State,
    config: Config,
    program: str,
    number: int,
    environments: tuple[Environment, ...],
    *,
    rung: str | None = None,
) -> str | None:
    """Say what keeps a version that nobody named from going to environments, and to a rung if one
    is given; None if nothing does. Otherwise a repeated command would move them back.
    """
    label = state.label(program, number)
    lives = {each.name: state.pointer(program, each.name).live for each in environments}
    told = [f"{n} is live in {e}" for e, n in _labels(state, program, lives).items()]
    naming = "; " + ", ".join(told) if told else "; nothing is live"
    if any(live is not None and number < live for live in lives.values()):
        return f"{program}@{label} is older than what is live{naming}"
    newest = 0 if rung is None else newest_that_reached(state, config, program, rung)
    if number < newest:
        there = f"{program}@{state.label(program, newest)}, which has reached {rung}"
        return f"{program}@{label} is older than {there}{naming}"
    if state.stage(program, number) == DEPRECATED:
        return f"{program}@{label} is deprecated{naming}"
    for each in environments:
        record = next(state.records(program, each.name, number), None)
        if record is not None and record.deployment.status == ROLLED_BACK:
            return f"{program}@{label} was rolled back in {each.name}{naming}"
    return None


def _labels(state: State, program: str, lives: dict[str, int | None]) -> dict[str, str]:
    return {e: state.label(program, n) for e, n in lives.items() if n is not None}


def newest_that_reached(state: State, config: Config, program: str, rung: str) -> int:
    """Return the highest number of the versions that have reached a rung; 0 if none has."""
    stages = [*(each.name for each in config.rungs), DEPRECATED]
    there = [stage for stage in stages if reached(config, stage, rung)]
    return max(next(state.on_stage(program, stage), 0) for stage in there)


def _highest(draft: Draft, config: Config, program: str, place: Environment) -> int:
    number = newest_that_reached(draft, config, program, place.rung or config.first)
    if not number:
        select_any(draft, program)
        raise Refused(
            f"no version of {program} has reached {place.rung or place.name}",
            hint=f"`dspyreg promote {program}@VERSION --to {place.rung or config.first}` first",
        )
    return number


def select_any(draft: Draft, program: str) -> None:
    """Raise ``NotFound`` unless the program has a version."""
    if not draft.exists(program):
        raise no_program(draft, program)


def _require_qualified(
    draft: Draft, config: Config, program: str, number: int, place: Environment
) -> None:
    stage, label = draft.stage(program, number), draft.label(program, number)
    if qualifies(config, stage, place):
        return
    if stage == ARCHIVED:
        raise Refused(
            f"{program}@{label} is archived", hint=f"`dspyreg restore {program}@{label}` first"
        )
    needed = config.title(place.rung or config.first)
    now = stage if stage == DEPRECATED else f"in {config.title(stage)}"
    message = f"{place.name} needs stage {needed}; {program}@{label} is {now}"
    if stage == DEPRECATED:
        raise Refused(message, hint=f"`dspyreg rollback {program} --env {place.name} --to {label}`")
    raise Refused(message, hint=f"`{way_up(config, f'{program}@{label}', stage)}` first")
