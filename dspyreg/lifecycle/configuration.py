"""Whether a configuration can take over from the one in force."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from dspyreg.lifecycle.undo import live_faults
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.value import Config
    from dspyreg.model.state import State

_NAMED: Final = 20  # of one program and rung; who has more will understand


def objections(state: State, before: Config, after: Config) -> list[str]:
    """Say which versions a change of configuration would leave hanging in the air."""
    kept = {rung.name for rung in after.rungs}
    gone = [rung.name for rung in before.rungs if rung.name not in kept]
    known = {e.name for e in before.environments} | {r.name for r in before.rungs}
    fresh = [e.name for e in after.environments] + [r.name for r in after.rungs]
    fresh += [rung.title for rung in after.rungs if rung.title is not None]
    found: list[str] = []
    for program in state.programs():
        found += _without_rung(state, program, gone)
        found += live_faults(state, after, program)
        found += _clashing(state, program, [name for name in fresh if name not in known])
    return found


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Say which settings a change of configuration changes, one by one."""
    old, new = _members(before), _members(after)
    if old is None or new is None:
        if before != after:
            yield f"{where}: {_shown(before)} → {_shown(after)}"
        return
    for key in dict.fromkeys((*old, *new)):
        yield from differences(old.get(key), new.get(key), f"{where}.{key}".lstrip("."))


def _members(value: Any) -> dict[str, Any] | None:
    """The members of a mapping, or of a list of things that have names."""
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if key != "name"}
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return {each["name"]: each for each in value}
    return None


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        said = (f"{key}: {_shown(each)}" for key, each in value.items() if key != "name")
        return "{" + ", ".join(said) + "}"
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_rung(state: State, program: str, gone: list[str]) -> Iterator[str]:
    for rung in gone:
        for number in islice(state.on_stage(program, rung), _NAMED):
            yield f"{program}@{state.label(program, number)} is in {rung}, which would go"


def _clashing(state: State, program: str, fresh: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(fresh):
        if state.get(names.label(program, name)) is not None:
            yield f"{program} has a version labelled {name}"
