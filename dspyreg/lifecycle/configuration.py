"""Whether a configuration can take over from the one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.lifecycle.undo import live_faults
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.value import Config
    from dspyreg.model.state import State


def objections(state: State, before: Config, after: Config) -> list[str]:
    """Say which versions a change of configuration would leave hanging in the air."""
    gone = [rung.name for rung in before.rungs if rung not in after.rungs]
    gone = [rung for rung in gone if all(each.name != rung for each in after.rungs)]
    known = {e.name for e in before.environments} | {r.name for r in before.rungs}
    fresh = [e.name for e in after.environments] + [r.name for r in after.rungs]
    fresh += [rung.title for rung in after.rungs if rung.title is not None]
    found: list[str] = []
    for program in state.programs():
        found += _without_rung(state, program, gone)
        found += live_faults(state, after, program)
        found += _clashing(state, program, [name for name in fresh if name not in known])
    return found


def _without_rung(state: State, program: str, gone: list[str]) -> Iterator[str]:
    for rung in gone:
        number = next(state.on_stage(program, rung), None)
        if number is not None:
            yield f"{program}@{state.label(program, number)} is in {rung}, which would go"


def _clashing(state: State, program: str, fresh: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(fresh):
        if state.get(names.label(program, name)) is not None:
            yield f"{program} has a version labelled {name}"
