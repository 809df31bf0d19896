"""Moving a version on the ladder: promote, demote, archive, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.environments import listed, rollback_command
from dspyreg.lifecycle.pointers import make_live, withdraw
from dspyreg.lifecycle.qualify import command_up, held_back, newest_that_reached, qualifies
from dspyreg.lifecycle.select import Selection, require_program, select, select_named
from dspyreg.model.state import ARCHIVED, DEPRECATED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.gates import Gate
    from dspyreg.model.selector import Selector


class _Promotion(NamedTuple):
    """The options of a promotion: its reason, and the gate that judges it, if one does."""

    case: Case
    reason: str | None
    gate: Gate | None

    def judge(self, number: int, rung: str, environments: Iterable[Environment]) -> None:
        """Judge a version that comes to a rung and goes live in environments."""
        if self.gate is not None:
            self.gate.judge(self.case, number, rung, environments)

    def make_live(self, number: int, environments: Iterable[Environment]) -> None:
        """Make a version live in environments."""
        for environment in environments:
            make_live(self.case, number, environment, reason=self.reason)


def promote(
    draft: Draft,
    config: Config,
    selector: Selector,
    *,
    to: str | None = None,
    reason: str | None = None,
    gate: Gate | None = None,
) -> Plan:
    """Move a version one rung up, and make it live where that rung deploys automatically.

    Without ``to`` a version leaves the first rung only, so that a repeated command does not move
    it on. Without a ``gate`` no policy is judged.
    """
    case, rung = Case(draft, config, selector.program), None if to is None else _rung(config, to)
    promotion = _Promotion(case, reason, gate)
    if not selector.is_explicit:
        return _promote_highest(promotion, rung)
    number, notices = select(draft, config, selector)
    stage = case.stage(number)
    if stage == (rung or config.above(config.first)):
        return _finish(promotion, number, stage, onward=rung is None)
    target = _target(case, number, rung)
    if selector.kind == "stage":  # repeated, it would select another version
        reason_against = held_back(case, number, _automatic(config, target), rung=target)
        if reason_against is not None:
            return case.already(number, reason_against)
    if rung is None and config.above(target) is not None:
        notices = (*notices, _onward(case, number, target))
    return _promote(promotion, number, target, notices)


def _onward(case: Case, number: int, stage: str) -> str:
    """Return the hint at the command that moves a version on from a rung."""
    return f"next: `{command_up(case.config, case.name(number), stage)}`"


def _rung(config: Config, text: str) -> str:
    rung = config.rung(text)
    if rung is None:
        known = ", ".join(each.name for each in config.rungs)
        raise UsageError("rung-unknown", hint="names-known", rung=text, known=known)
    return rung


def _target(case: Case, number: int, rung: str | None) -> str:
    """Return the rung that a version may go to. Raises ``Refused`` if the ladder forbids it."""
    config, stage, name = case.config, case.stage(number), case.name(number)
    if stage == ARCHIVED:
        raise Refused("promote-archived", hint="restore-first", version=name)
    if stage == DEPRECATED:
        label = case.label(number)
        raise Refused("promote-deprecated", version=name, program=case.program, label=label)
    above = config.above(stage)
    if rung is None and stage != config.first:
        facts: dict[str, Any] = {"version": name, "stage": config.title(stage)}
        if above is None:
            raise Refused("promote-again", is_worth_an_entry=False, **facts)
        command = command_up(config, name, stage)
        raise Refused(
            "promote-again",
            hint="command-next",
            is_worth_an_entry=False,
            command=command,
            **facts,
        )
    target = rung or above or stage
    titles: dict[str, Any] = {"stage": config.title(stage), "target": config.title(target)}
    if config.height(target) < config.height(stage):
        raise Refused("promote-down", version=name, **titles)
    if target != above:
        needed = config.title(config.below(target) or config.first)
        command = command_up(config, name, stage)
        raise Refused("promote-too-far", needed=needed, command=command, **titles)
    return target


def _promote(
    promotion: _Promotion, number: int, target: str, notices: tuple[str, ...] = ()
) -> Plan:
    case = promotion.case
    places = _automatic(case.config, target)
    promotion.judge(number, target, places)
    title = case.config.title(target)
    case.draft.set_stage(case.program, number, target, f"Promoted to {title}")
    promotion.make_live(number, places)
    return case.going_live("promote", number, notices)


def _finish(promotion: _Promotion, number: int, rung: str, *, onward: bool) -> Plan:
    """Make a version that is on the rung live in those environments where it never was."""
    case = promotion.case
    missing = [
        place
        for place in _automatic(case.config, rung)
        if not any(
            record.deployment.was_live
            for record in case.draft.records(case.program, place.name, number)
        )
    ]
    if not missing:
        more = "`dspyreg deploy` moves a pointer"
        if onward and case.config.above(rung) is not None:
            more = _onward(case, number, rung)
        title = case.config.title(rung)
        return case.already(number, f"{case.name(number)} is in {title}; {more}")
    promotion.judge(number, rung, missing)
    promotion.make_live(number, missing)
    return case.going_live("promote", number)


def _promote_highest(promotion: _Promotion, rung: str | None) -> Plan:
    """Promote the highest number on the rung below; nothing moves back."""
    case = promotion.case
    config, program = case.config, case.program
    if rung is None:
        above = config.above(config.first)
        raise UsageError("promote-what", program=program, above=above)
    require_program(case.draft, program)
    below = config.below(rung)
    if below is None:
        raise Refused("promote-to-first", rung=config.title(rung))
    stages = [below, DEPRECATED] if rung == config.top else [below]
    number = max(next(case.draft.on_stage(program, stage), 0) for stage in stages)
    if not number:
        return _nothing_below(case, rung, below)
    reason_against = held_back(case, number, _automatic(config, rung), rung=rung)
    if reason_against is not None:
        return case.already(number, reason_against)
    _require_lived_below(case, number, below)
    return _promote(promotion, number, rung)


def _nothing_below(case: Case, rung: str, below: str) -> Plan:
    lives = case.lives(tuple(each.name for each in case.config.of_rung(rung)))
    for place, live in lives.items():
        return case.already(live, f"{case.name(live)} is live in {place}")
    newest = newest_that_reached(case, rung)
    if newest:
        title = case.config.title(rung)
        return case.already(newest, f"{case.name(newest)} has reached {title}")
    raise Refused("none-on-rung", program=case.program, rung=case.config.title(below))


def _require_lived_below(case: Case, number: int, below: str) -> None:
    others = case.lives(tuple(each.name for each in case.config.of_rung(below)))
    if others and number not in others.values():
        place, live = next(iter(others.items()))
        raise Refused(
            "newest-is-not-live",
            version=case.name(number),
            rung=case.config.title(below),
            live=case.name(live),
            environment=place,
            command=command_up(case.config, case.name(number), below),
        )


def _automatic(config: Config, rung: str) -> tuple[Environment, ...]:
    return tuple(place for place in config.of_rung(rung) if place.auto_deploy)


def demote(draft: Draft, config: Config, selector: Selector, *, force: bool = False) -> Plan:
    """Move a version one rung down, out of every environment that it does not qualify for then."""
    case = Case(draft, config, selector.program)
    number, notices = _named(case, selector, "demote")
    stage = case.stage(number)
    target = config.below(stage)
    if target is None:
        facts: dict[str, Any] = {"version": case.name(number), "stage": config.title(stage)}
        is_off = config.height(stage) < 0
        raise Refused("demote-from-here", hint="restore-brings-back" if is_off else None, **facts)
    return _lower(case, number, target, notices, force=force)


def archive(draft: Draft, config: Config, selector: Selector, *, force: bool = False) -> Plan:
    """Retire a version; its bytes stay, and it can be restored."""
    case = Case(draft, config, selector.program)
    number, notices = _named(case, selector, "archive")
    if case.stage(number) == ARCHIVED:
        return case.already(number, f"{case.name(number)} is archived")
    return _lower(case, number, ARCHIVED, notices, force=force)


def restore(draft: Draft, config: Config, selector: Selector) -> Plan:
    """Move an archived version back to the first rung, a deprecated one to that below the top."""
    case = Case(draft, config, selector.program)
    number, _ = _named(case, selector, "restore")
    homes = {ARCHIVED: config.first, DEPRECATED: config.below(config.top) or config.first}
    home = homes.get(case.stage(number))
    if home is None:
        raise Refused("restore-what", version=case.name(number))
    draft.set_stage(case.program, number, home, "Restored")
    return Plan("restore", case.program, number, case.label(number))


def _named(case: Case, selector: Selector, verb: str) -> Selection:
    example = f"{verb} {selector.program}@VERSION"
    return select_named(case.draft, case.config, selector, example=example)


def _lower(case: Case, number: int, target: str, notices: tuple[str, ...], *, force: bool) -> Plan:
    """Put a version on a lower stage, and withdraw it where it is live and does not qualify."""
    config, name = case.config, case.name(number)
    leaving = _no_longer_for(case, number, target)
    guarded = [place for place in leaving if place.rung == config.top or place.protected]
    if guarded and not force:
        back = (f"`{rollback_command(config, case.program, place)}`" for place in guarded)
        raise Refused(
            "version-live", version=name, environments=listed(guarded), commands=", ".join(back)
        )
    for place in leaving:
        withdraw(case, place.name)
    is_archived = target == ARCHIVED
    because = "Archived" if is_archived else f"Demoted to {config.title(target)}"
    case.draft.set_stage(case.program, number, target, because)
    notices += tuple(f"{name} was withdrawn from {place.name}" for place in leaving)
    return Plan(
        "archive" if is_archived else "demote",
        case.program,
        number,
        case.label(number),
        notices=notices,
        forced=bool(guarded),
    )


def _no_longer_for(case: Case, number: int, stage: str) -> list[Environment]:
    return [
        place
        for place in case.config.environments
        if case.live(place.name) == number and not qualifies(case.config, stage, place)
    ]
