"""Qualifying for rungs and environments: how far a version is, and what holds it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.errors import Refused
from dspyreg.model.state import ARCHIVED, DEPRECATED, ROLLED_BACK

if TYPE_CHECKING:
    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.case import Case


def reached(config: Config, stage: str, rung: str) -> bool:
    """Return whether a version on this stage has reached the rung. Deprecated counts as the rung
    below the top; archived, and any stage that is no rung, as none.
    """
    ladder = [each.name for each in config.rungs]
    if stage == DEPRECATED:
        return len(ladder) - 2 >= ladder.index(rung)
    return stage in ladder and ladder.index(stage) >= ladder.index(rung)


def qualifies(config: Config, stage: str, environment: Environment) -> bool:
    """Return whether a version on this stage may be live in an environment. Deploy, undo and
    changes of the configuration share this rule.
    """
    if environment.rung is None:
        return stage != ARCHIVED
    return reached(config, stage, environment.rung)


def next_rung(config: Config, stage: str) -> str | None:
    """Return the rung above a stage; None above the top, and for archived and deprecated."""
    return None if stage in {DEPRECATED, ARCHIVED} else config.above(stage)


def command_up(config: Config, version: str, stage: str) -> str:
    """Return the command that brings a version one stage nearer to the top."""
    if stage in {DEPRECATED, ARCHIVED}:
        return f"dspyreg restore {version}"
    above = next_rung(config, stage)
    return f"dspyreg promote {version}" + (f" --to {above}" if above is not None else "")


def newest_that_reached(case: Case, rung: str) -> int:
    """Return the highest number of the versions that have reached a rung; 0 if none has."""
    stages = [*(each.name for each in case.config.rungs), DEPRECATED]
    qualified = [stage for stage in stages if reached(case.config, stage, rung)]
    return max(next(case.draft.on_stage(case.program, stage), 0) for stage in qualified)


def held_back(
    case: Case, number: int, environments: tuple[Environment, ...], *, rung: str | None = None
) -> str | None:
    """Return why a version that was not named must not go to environments, and to a rung; None if
    it may. Without this rule a repeated command would move them back.
    """
    name = case.name(number)
    lives = case.lives(tuple(each.name for each in environments))
    live_labels = [f"{case.label(live)} is live in {place}" for place, live in lives.items()]
    naming = f"; {', '.join(live_labels) or 'nothing is live'}"
    if any(number < live for live in lives.values()):
        return f"{name} is older than what is live{naming}"
    newest = 0 if rung is None else newest_that_reached(case, rung)
    if number < newest:
        return f"{name} is older than {case.name(newest)}, which has reached {rung}{naming}"
    if case.stage(number) == DEPRECATED:
        return f"{name} is deprecated{naming}"
    for each in environments:
        record = next(case.draft.records(case.program, each.name, number), None)
        if record is not None and record.deployment.status == ROLLED_BACK:
            return f"{name} was rolled back in {each.name}{naming}"
    return None


def require_qualified(case: Case, number: int, environment: Environment) -> None:
    """Raise ``Refused`` unless a version may be live in an environment."""
    config, stage, name = case.config, case.stage(number), case.name(number)
    if qualifies(config, stage, environment):
        return
    if stage == ARCHIVED:
        raise Refused("version-archived", hint="restore-first", version=name)
    facts: dict[str, Any] = {
        "environment": environment.name,
        "needed": config.title(environment.rung or config.first),
        "version": name,
    }
    if stage == DEPRECATED:
        label = case.label(number)
        raise Refused(
            "version-too-low",
            hint="rollback-to",
            stage=stage,
            program=case.program,
            label=label,
            **facts,
        )
    raise Refused(
        "version-too-low",
        hint="command-first",
        stage=f"in {config.title(stage)}",
        command=command_up(config, name, stage),
        **facts,
    )
