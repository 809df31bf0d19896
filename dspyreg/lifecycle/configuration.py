"""Whether a configuration can take over from the one in force."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from dspyreg.config.dump import tree
from dspyreg.lifecycle.undo import live_faults
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.value import Config
    from dspyreg.model.state import State

_ENVIRONMENT: Final = 2  # so deep in the document stands one
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


def differences(before: Config, after: Config) -> Iterator[str]:
    """Say in the words of the document which settings a change of configuration changes."""
    old, new = ([rung.name for rung in each.rungs] for each in (before, after))
    if old != new:
        yield f"stages: {', '.join(old)} → {', '.join(new)}"
    yield from _differences(tree(before), tree(after), ())


def _differences(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[str]:
    if before == after:
        return
    if _is_told_whole(before, after, path):
        yield f"{'.'.join(path)}: {_shown(before)} → {_shown(after)}"
        return
    old, new = before or {}, after or {}
    for key in dict.fromkeys((*old, *new)):
        yield from _differences(old.get(key), new.get(key), (*path, key))


def _is_told_whole(before: Any, after: Any, path: tuple[str, ...]) -> bool:
    """Is this a value, or an environment that comes or goes?"""
    if path[:1] == ("environments",) and len(path) == _ENVIRONMENT:
        return before is None or after is None
    return not all(each is None or isinstance(each, dict) for each in (before, after))


def _shown(value: Any) -> str:
    """Return a value of the document in one line; of a mapping what is not off."""
    if isinstance(value, dict):
        told = (f"{key}: {_inside(each)}" for key, each in value.items() if each is not False)
        return "{" + ", ".join(told) + "}"
    if value is None or value == []:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inside(value: Any) -> str:
    return f"[{_shown(value)}]" if isinstance(value, list) else _shown(value)


def _without_rung(state: State, program: str, gone: list[str]) -> Iterator[str]:
    for rung in gone:
        for number in islice(state.on_stage(program, rung), _NAMED):
            yield f"{program}@{state.label(program, number)} is in {rung}, which would go"


def _clashing(state: State, program: str, fresh: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(fresh):
        if state.get(names.label(program, name)) is not None:
            yield f"{program} has a version labelled {name}"
