"""Taking a release back: to what was live before, or to a version that is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Refused
from dspyreg.lifecycle.environments import (
    already,
    go_live,
    going_live,
    reached,
    way_back,
    way_up,
    where,
)
from dspyreg.lifecycle.history import current, origin, previous
from dspyreg.lifecycle.select import select
from dspyreg.model.selector import Selector
from dspyreg.model.state import (
    ARCHIVED,
    LIVE,
    ROLLED_BACK,
    SUPERSEDED,
    Deployment,
    Record,
)

if TYPE_CHECKING:
    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.draft import Draft, Plan

NOTHING_BEFORE = "No previous version to rollback to"


class Target:
    """Where a rollback goes: a version, the deployment that it brings back, and what becomes of
    the deployment that ends.
    """

    __slots__ = ("forced", "leaving", "number", "restores")

    def __init__(
        self, number: int, restores: str | None, leaving: str, *, forced: bool = False
    ) -> None:
        self.number, self.restores = number, restores
        self.leaving, self.forced = leaving, forced


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
    """Make live again what was live before, or the version named by ``to``."""
    place = where(config, environment)
    found = target(draft, config, program, place, to, force=force)
    if found is None:
        assert to is not None  # noqa: S101 - without a name there is a target, or a refusal
        live = draft.pointer(program, place.name).live or 0
        label = draft.label(program, live)
        return already(draft, program, live, f"{program}@{label} is live in {place.name}")
    bring_back(draft, config, program, place, found.number, found, reason)
    plan = going_live("rollback", draft, program, found.number)
    return plan._replace(forced=found.forced)


def target(
    draft: Draft,
    config: Config,
    program: str,
    place: Environment,
    to: str | None,
    *,
    force: bool = False,
) -> Target | None:
    """Return where a rollback would go, None if that is live already. Raises ``Refused``."""
    wanted = None if to is None else _wanted(draft, config, program, to)
    if wanted is None:
        select(draft, config, Selector(program, "number", str(_any(draft, program))))
    if not place.rollback_enabled:
        raise Refused(f"rollback is switched off in {place.name}")
    if wanted is None:
        return _before(draft, config, program, place)
    if draft.pointer(program, place.name).live == wanted:
        return None
    return _named(draft, config, program, place, wanted, force=force)


def _any(draft: Draft, program: str) -> int:
    return next(draft.numbers(program), 0)


def _wanted(draft: Draft, config: Config, program: str, to: str) -> int:
    text = to if to.startswith(f"{program}@") else f"{program}@{to}"
    return select(draft, config, Selector.parse(text))[0]


def _before(draft: Draft, config: Config, program: str, place: Environment) -> Target:
    record = previous(draft, program, place.name)
    if record is None:
        raise Refused(
            f"{NOTHING_BEFORE} in {place.name}",
            hint=f"`{way_back(config, program, place)} --to VERSION` takes any that was live there",
        )
    return Target(record.deployment.number, record.id, ROLLED_BACK)


def _named(
    draft: Draft, config: Config, program: str, place: Environment, number: int, *, force: bool
) -> Target:
    records = draft.records(program, place.name, number)
    record = next((r for r in records if r.deployment.was_live), None)
    if record is None:
        _require_force(draft, config, program, place, number, force=force)
        return Target(number, None, ROLLED_BACK, forced=True)
    return Target(number, record.id, _leaving(draft, program, place, record))


def _require_force(
    draft: Draft, config: Config, program: str, place: Environment, number: int, *, force: bool
) -> None:
    label, stage = draft.label(program, number), draft.stage(program, number)
    if not force or stage == ARCHIVED:
        first = f"`{way_up(config, f'{program}@{label}', stage)}`"
        raise Refused(
            f"Cannot rollback to {config.title(stage)} version {program}@{label}: "
            f"it was never live in {place.name}",
            hint=f"{first} first" if stage == ARCHIVED else f"{first}, or --force --reason=WHY",
        )


def _leaving(draft: Draft, program: str, place: Environment, record: Record) -> str:
    """Going forward leaves the old one superseded, so that the next rollback finds it."""
    now = current(draft, program, place.name)
    start = None if now is None else origin(draft, program, place.name, now)
    goal = origin(draft, program, place.name, record)
    is_forward = start is not None and goal is not None and goal.created > start.created
    return SUPERSEDED if is_forward else ROLLED_BACK


def bring_back(
    draft: Draft,
    config: Config,
    program: str,
    place: Environment,
    number: int,
    found: Target,
    reason: str | None,
) -> None:
    """Make a version live as a rollback to the target does; a copy of it, if it is another."""
    label = draft.label(program, number)
    now = current(draft, program, place.name)
    deployment = Deployment(
        number,
        LIVE,
        strategy="immediate",
        reason=reason,
        rollback_from=now.id if now else None,
        restores=found.restores,
    )
    _raise(draft, config, program, place, number, reason)
    go_live(
        draft,
        config,
        program,
        place,
        deployment,
        leaving=found.leaving,
        because=f"Rolled back to {label}",
    )


def _raise(
    draft: Draft, config: Config, program: str, place: Environment, number: int, reason: str | None
) -> None:
    """Give a version at least the environment's rung."""
    stage = draft.stage(program, number)
    rung = place.rung or config.first
    enough = stage != ARCHIVED if place.rung is None else reached(config, stage, rung)
    if enough:
        return
    draft.set_stage(program, number, rung, f"Rollback: {reason}" if reason else "Rollback")
