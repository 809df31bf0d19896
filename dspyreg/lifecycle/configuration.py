"""Changes of the configuration: objections to one, and its differences in words."""

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

_ENVIRONMENT: Final = 2  # the depth of an environment in the document
_NAMED: Final = 20  # versions named of one program and rung


def objections(state: State, before: Config, after: Config) -> list[str]:
    """Return the versions whose stage or environment a new configuration removes, in words."""
    kept = {rung.name for rung in after.rungs}
    gone = [rung.name for rung in before.rungs if rung.name not in kept]
    known = {e.name for e in before.environments} | {r.name for r in before.rungs}
    added = [e.name for e in after.environments] + [r.name for r in after.rungs]
    added += [rung.title for rung in after.rungs if rung.title is not None]
    reasons: list[str] = []
    for program in state.programs():
        reasons += _without_rung(state, program, gone)
        reasons += live_faults(state, after, program)
        reasons += _clashing(state, program, [name for name in added if name not in known])
    return reasons


def differences(before: Config, after: Config) -> Iterator[str]:
    """Yield the settings that differ, in the words of the document."""
    old, new = ([rung.name for rung in each.rungs] for each in (before, after))
    if old != new:
        yield f"stages: {', '.join(old)} → {', '.join(new)}"
    yield from _differences(tree(before), tree(after), ())


def _differences(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[str]:
    if before == after:
        return
    if _is_one_setting(before, after, path):
        yield f"{'.'.join(path)}: {_shown(before)} → {_shown(after)}"
        return
    old, new = before or {}, after or {}
    for key in dict.fromkeys((*old, *new)):
        yield from _differences(old.get(key), new.get(key), (*path, key))


def _is_one_setting(before: Any, after: Any, path: tuple[str, ...]) -> bool:
    """Return whether the path is of a value, or of an environment that comes or goes."""
    if path[:1] == ("environments",) and len(path) == _ENVIRONMENT:
        return before is None or after is None
    return not all(each is None or isinstance(each, dict) for each in (before, after))


def _shown(value: Any) -> str:
    """Return a value of the document in one line; of a mapping the keys that are not false."""
    if isinstance(value, dict):
        pairs = (f"{key}: {_inside(each)}" for key, each in value.items() if each is not False)
        return "{" + ", ".join(pairs) + "}"
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
            yield f"{program}@{state.label(program, number)} is in {rung}, which would be removed"


def _clashing(state: State, program: str, added: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(added):
        if state.get(names.label(program, name)) is not None:
            yield f"{program} has a version labelled {name}"
