"""How far a version is approved: promote, demote, archive, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.environments import (
    already,
    go_live,
    going_live,
    held_back,
    listed,
    newest_that_reached,
    qualifies,
    select_any,
    way_back,
    way_up,
    withdraw,
)
from dspyreg.lifecycle.select import select, select_named
from dspyreg.model.state import ARCHIVED, DEPRECATED, LIVE, Deployment

if TYPE_CHECKING:
    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.gates import Gate
    from dspyreg.model.selector import Selector


def promote(
    draft: Draft,
    config: Config,
    selector: Selector,
    *,
    to: str | None = None,
    reason: str | None = None,
    gate: Gate | None = None,
) -> Plan:
    """Move a version one rung up, and make it live where that rung deploys by itself.

    Only the first rung is left without ``to``: a repeated command must not climb. Without a
    ``gate`` no policy is asked.
    """
    program, rung = selector.program, None if to is None else _rung(config, to)
    if not selector.is_explicit:
        return _promote_highest(draft, config, program, rung, reason, gate)
    number, notices = select(draft, config, selector)
    stage = draft.stage(program, number)
    if stage == (rung or config.above(config.first)):
        return _finish(draft, config, program, number, stage, reason, gate, onward=rung is None)
    target = _target(draft, config, program, number, rung)
    if selector.kind == "stage":  # asked again, it would mean another version
        held = held_back(draft, config, program, number, _automatic(config, target), rung=target)
        if held is not None:
            return already(draft, program, number, held)
    if rung is None and config.above(target) is not None:
        notices = (*notices, _onward(draft, config, program, number, target))
    return _raise(draft, config, program, number, target, reason, gate, notices)


def _onward(draft: Draft, config: Config, program: str, number: int, stage: str) -> str:
    """Return the command by which a version goes on from a rung, in a sentence."""
    version = f"{program}@{draft.label(program, number)}"
    return f"next: `{way_up(config, version, stage)}`"


def _rung(config: Config, text: str) -> str:
    rung = config.rung(text)
    if rung is None:
        known = ", ".join(each.name for each in config.rungs)
        raise UsageError(f"{text!r} is not a rung of the ladder", hint=f"there are {known}")
    return rung


def _target(draft: Draft, config: Config, program: str, number: int, rung: str | None) -> str:
    """Return the rung that a version may go to, or raise ``Refused`` with what stands between."""
    stage, label = draft.stage(program, number), draft.label(program, number)
    if stage == ARCHIVED:
        raise Refused(
            f"Cannot promote {program}@{label}: it is archived",
            hint=f"`dspyreg restore {program}@{label}` first",
        )
    if stage == DEPRECATED:
        raise Refused(
            f"Cannot promote {program}@{label}: it is deprecated",
            hint=f"`dspyreg rollback {program} --to {label}` makes it live again",
        )
    above = config.above(stage)
    if rung is None and stage != config.first:
        raise Refused(
            f"Cannot promote {program}@{label}: it is in {config.title(stage)} already",
            hint=above and _onward(draft, config, program, number, stage),
            is_worth_an_entry=False,
        )
    target = rung or above or stage
    if config.height(target) < config.height(stage):
        raise Refused(
            f"Cannot promote from {config.title(stage)} to {config.title(target)}: that is down",
            hint=f"`dspyreg demote {program}@{label}`",
        )
    if target != above:
        needed = config.title(config.below(target) or config.first)
        raise Refused(
            f"Cannot promote from {config.title(stage)} to {config.title(target)}; "
            f"must be in {needed} first",
            hint=f"`{way_up(config, f'{program}@{label}', stage)}` goes one rung up",
        )
    return target


def _raise(
    draft: Draft,
    config: Config,
    program: str,
    number: int,
    target: str,
    reason: str | None,
    gate: Gate | None,
    notices: tuple[str, ...] = (),
) -> Plan:
    places = _automatic(config, target)
    if gate is not None:
        gate.judge(draft, config, program, number, target, places)
    draft.set_stage(program, number, target, f"Promoted to {config.title(target)}")
    for place in places:
        _deploy(draft, config, program, number, place, reason)
    return going_live("promote", draft, program, number, notices)


def _finish(
    draft: Draft,
    config: Config,
    program: str,
    number: int,
    rung: str,
    reason: str | None,
    gate: Gate | None,
    *,
    onward: bool,
) -> Plan:
    """Bring a version that has the stage to the environments where it never was."""
    missing = [
        place
        for place in _automatic(config, rung)
        if not any(r.deployment.was_live for r in draft.records(program, place.name, number))
    ]
    label = draft.label(program, number)
    if not missing:
        more = "`dspyreg deploy` moves a pointer"
        if onward and config.above(rung) is not None:
            more = _onward(draft, config, program, number, rung)
        return already(
            draft, program, number, f"{program}@{label} is in {config.title(rung)}; {more}"
        )
    if gate is not None:
        gate.judge(draft, config, program, number, rung, missing)
    for place in missing:
        _deploy(draft, config, program, number, place, reason)
    return going_live("promote", draft, program, number)


def _promote_highest(
    draft: Draft,
    config: Config,
    program: str,
    rung: str | None,
    reason: str | None,
    gate: Gate | None,
) -> Plan:
    """Promote the highest number on the rung below; never move anything back."""
    if rung is None:
        above = config.above(config.first)
        raise UsageError(
            f"which version of {program}, or which rung?",
            hint=f"`dspyreg promote {program}@VERSION` or `dspyreg promote {program} --to {above}`",
        )
    select_any(draft, program)
    below = config.below(rung)
    if below is None:
        raise Refused(f"Cannot promote to {config.title(rung)}: it is the first rung")
    places = _automatic(config, rung)
    stages = [below, DEPRECATED] if rung == config.top else [below]
    number = max(next(draft.on_stage(program, stage), 0) for stage in stages)
    if not number:
        return _nothing_below(draft, config, program, rung, below)
    held = held_back(draft, config, program, number, places, rung=rung)
    if held is not None:
        return already(draft, program, number, held)
    _require_lived_below(draft, config, program, number, below)
    return _raise(draft, config, program, number, rung, reason, gate)


def _nothing_below(draft: Draft, config: Config, program: str, rung: str, below: str) -> Plan:
    for place in config.of_rung(rung):
        live = draft.pointer(program, place.name).live
        if live is not None:
            label = draft.label(program, live)
            return already(draft, program, live, f"{program}@{label} is live in {place.name}")
    newest = newest_that_reached(draft, config, program, rung)
    if newest:
        why = f"{program}@{draft.label(program, newest)} has reached {config.title(rung)}"
        return already(draft, program, newest, why)
    raise Refused(f"no version of {program} is in {config.title(below)}")


def _require_lived_below(
    draft: Draft, config: Config, program: str, number: int, below: str
) -> None:
    lives = {each.name: draft.pointer(program, each.name).live for each in config.of_rung(below)}
    others = {place: live for place, live in lives.items() if live is not None}
    if others and number not in others.values():
        place, live = next(iter(others.items()))
        label, other = draft.label(program, number), draft.label(program, live)
        raise Refused(
            f"{program}@{label} is the newest in {config.title(below)}, "
            f"but {program}@{other} is live in {place}",
            hint=f"say which: `{way_up(config, f'{program}@{label}', below)}`",
        )


def _automatic(config: Config, rung: str) -> tuple[Environment, ...]:
    return tuple(place for place in config.of_rung(rung) if place.auto_deploy)


def _deploy(
    draft: Draft, config: Config, program: str, number: int, place: Environment, reason: str | None
) -> None:
    if draft.pointer(program, place.name).live == number:
        return
    deployment = Deployment(number, LIVE, reason=reason)
    because = f"Superseded by {draft.label(program, number)}"
    go_live(draft, config, program, place, deployment, because=because)


def demote(draft: Draft, config: Config, selector: Selector, *, force: bool = False) -> Plan:
    """Move a version one rung down, out of every environment it no longer qualifies for."""
    number, notices = _named(draft, config, selector, "demote")
    stage = draft.stage(selector.program, number)
    target = config.below(stage)
    if target is None:
        chosen = f"{selector.program}@{draft.label(selector.program, number)}"
        raise Refused(
            f"Cannot demote {chosen} from {config.title(stage)}",
            hint=f"`dspyreg restore {chosen}` brings it back" if config.height(stage) < 0 else None,
        )
    return _lower(draft, config, selector.program, number, target, notices, "demote", force=force)


def archive(draft: Draft, config: Config, selector: Selector, *, force: bool = False) -> Plan:
    """Retire a version; its bytes stay, and it can be restored."""
    number, notices = _named(draft, config, selector, "archive")
    if draft.stage(selector.program, number) == ARCHIVED:
        label = draft.label(selector.program, number)
        return already(draft, selector.program, number, f"{selector.program}@{label} is archived")
    return _lower(
        draft, config, selector.program, number, ARCHIVED, notices, "archive", force=force
    )


def archive_surplus(draft: Draft, program: str, number: int, limit: int) -> Plan:
    """Retire a version that ``max_versions`` has no room for; nothing serves it."""
    versions = "version" if limit == 1 else "versions"
    draft.set_stage(program, number, ARCHIVED, f"More than {limit} {versions}")
    return Plan("archive", program, number, draft.label(program, number))


def restore(draft: Draft, config: Config, selector: Selector) -> Plan:
    """Bring an archived version back to the first rung, a deprecated one to that below the top."""
    number, _ = _named(draft, config, selector, "restore")
    program, label = selector.program, draft.label(selector.program, number)
    homes = {ARCHIVED: config.first, DEPRECATED: config.below(config.top) or config.first}
    home = homes.get(draft.stage(program, number))
    if home is None:
        raise Refused(f"{program}@{label} is not archived or deprecated")
    draft.set_stage(program, number, home, "Restored")
    return Plan("restore", program, number, label)


def _named(
    draft: Draft, config: Config, selector: Selector, verb: str
) -> tuple[int, tuple[str, ...]]:
    number, notices = select_named(
        draft, config, selector, example=f"{verb} {selector.program}@VERSION"
    )
    return number, () if verb == "restore" else notices


def _lower(
    draft: Draft,
    config: Config,
    program: str,
    number: int,
    target: str,
    notices: tuple[str, ...],
    operation: str,
    *,
    force: bool,
) -> Plan:
    """Put a version on a lower stage; where it is live and may not stay, take it out."""
    leaving = _no_longer_for(draft, config, program, number, target)
    guarded = [place for place in leaving if place.rung == config.top or place.protected]
    label = draft.label(program, number)
    if guarded and not force:
        back = ", ".join(f"`{way_back(config, program, place)}`" for place in guarded)
        raise Refused(
            f"{program}@{label} is live in {listed(guarded)}",
            hint=f"{back} first, or --force --reason=WHY to withdraw it",
        )
    for place in leaving:
        withdraw(draft, program, place.name)
    verb = "Archived" if target == ARCHIVED else f"Demoted to {config.title(target)}"
    draft.set_stage(program, number, target, verb)
    told = tuple(f"{program}@{label} was withdrawn from {place.name}" for place in leaving)
    return Plan(operation, program, number, label, notices=(*notices, *told), forced=bool(guarded))


def _no_longer_for(
    draft: Draft, config: Config, program: str, number: int, stage: str
) -> list[Environment]:
    return [
        place
        for place in config.environments
        if draft.pointer(program, place.name).live == number and not qualifies(config, stage, place)
    ]
