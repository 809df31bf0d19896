"""Rolling an environment back: to the deployment before, or to a named version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Refused
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.environments import resolve_environment, rollback_command
from dspyreg.lifecycle.history import current, origin, previous
from dspyreg.lifecycle.pointers import go_live
from dspyreg.lifecycle.qualify import command_up, qualifies
from dspyreg.lifecycle.select import select
from dspyreg.model.selector import Selector
from dspyreg.model.state import ARCHIVED, LIVE, ROLLED_BACK, SUPERSEDED, Deployment, Record

if TYPE_CHECKING:
    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.draft import Draft, Plan


class Target:
    """The target of a rollback: a version and the deployment that it restores.

    ``leaving`` is the status of the deployment that ends. A target ``is_live`` if the rollback
    would change nothing.
    """

    __slots__ = ("forced", "is_live", "leaving", "number", "restores")

    def __init__(
        self,
        number: int,
        restores: str | None,
        leaving: str,
        *,
        forced: bool = False,
        is_live: bool = False,
    ) -> None:
        self.number, self.restores, self.leaving = number, restores, leaving
        self.forced, self.is_live = forced, is_live


def rollback(
    draft: Draft,
    config: Config,
    program: str,
    *,
    environment: str | None = None,
    to: str | None = None,
    reason: str | None = None,
    force: bool = False,
) -> Plan:
    """Make the version before live again, or the one named by ``to``."""
    case, place = Case(draft, config, program), resolve_environment(config, environment)
    goal = target(case, place, to, force=force)
    number = goal.number
    if goal.is_live:
        return case.already(number, f"{case.name(number)} is live in {place.name}")
    restore_live(case, place, number, goal, reason)
    return case.going_live("rollback", number)._replace(forced=goal.forced)


def target(case: Case, place: Environment, to: str | None, *, force: bool = False) -> Target:
    """Return the target of a rollback. Raises ``Refused`` where there is none."""
    draft, program = case.draft, case.program
    wanted = None if to is None else _selected(case, to)
    if wanted is None:
        any_version = str(next(draft.numbers(program), 0))
        select(draft, case.config, Selector(program, "number", any_version))
    if not place.rollback_enabled:
        raise Refused("rollback-disabled", environment=place.name)
    if wanted is None:
        return _before(case, place)
    if case.live(place.name) == wanted:
        return Target(wanted, None, ROLLED_BACK, is_live=True)
    return _named(case, place, wanted, force=force)


def _selected(case: Case, to: str) -> int:
    text = to if to.startswith(f"{case.program}@") else f"{case.program}@{to}"
    return select(case.draft, case.config, Selector.parse(text))[0]


def _before(case: Case, place: Environment) -> Target:
    record = previous(case.draft, case.program, place.name)
    if record is None:
        command = rollback_command(case.config, case.program, place)
        raise Refused("rollback-nothing-before", environment=place.name, command=command)
    return Target(record.deployment.number, record.id, ROLLED_BACK)


def _named(case: Case, place: Environment, number: int, *, force: bool) -> Target:
    records = case.draft.records(case.program, place.name, number)
    record = next((each for each in records if each.deployment.was_live), None)
    if record is None:
        _require_force(case, place, number, force=force)
        return Target(number, None, ROLLED_BACK, forced=True)
    return Target(number, record.id, _leaving(case, place, record))


def _require_force(case: Case, place: Environment, number: int, *, force: bool) -> None:
    stage, name = case.stage(number), case.name(number)
    if not force or stage == ARCHIVED:
        raise Refused(
            "rollback-never-live",
            hint="command-first" if stage == ARCHIVED else "command-or-force",
            stage=case.config.title(stage),
            version=name,
            environment=place.name,
            command=command_up(case.config, name, stage),
        )


def _leaving(case: Case, place: Environment, record: Record) -> str:
    """Return the status of the deployment that ends. A move forward leaves it superseded, so that
    the next rollback goes back to it.
    """
    draft, program = case.draft, case.program
    now = current(draft, program, place.name)
    start = None if now is None else origin(draft, program, place.name, now)
    goal = origin(draft, program, place.name, record)
    is_forward = start is not None and goal is not None and goal.created > start.created
    return SUPERSEDED if is_forward else ROLLED_BACK


def restore_live(
    case: Case, place: Environment, number: int, goal: Target, reason: str | None
) -> None:
    """Make a version live as a rollback: that of the target, or a copy of it."""
    now = current(case.draft, case.program, place.name)
    deployment = Deployment(
        number,
        LIVE,
        strategy="immediate",
        reason=reason,
        rollback_from=now.id if now else None,
        restores=goal.restores,
    )
    if not qualifies(case.config, case.stage(number), place):
        rung = place.rung or case.config.first
        because = f"Rollback: {reason}" if reason else "Rollback"
        case.draft.set_stage(case.program, number, rung, because)
    because = f"Rolled back to {case.label(number)}"
    go_live(case, place, deployment, leaving=goal.leaving, because=because)
