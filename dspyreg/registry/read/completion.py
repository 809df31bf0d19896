"""Candidates for the next word of a command line: names that exist, a few at a time.

Every answer takes a handful of index lookups, however many versions there are. Above 100 candidates
the newest are returned, and the first and the last in byte order: what these have in common at the
beginning, a shell may complete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.lifecycle.history import previous
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.registry.read.resolve import moment_of
from dspyreg.store import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dspyreg.registry.context import Context
    from dspyreg.registry.read.resolve import Moment

    Finder = Callable[[Moment, str], Iterator[str] | list[str]]

MOST: Final = 100
_RECENT: Final = 1000
# A shell gets nothing else, whatever a store from elsewhere may hold.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@:~-]*")


def candidates(context: Context, kind: str, text: str) -> list[str]:
    """Return the words of a kind that begin with a text; none for an unknown kind.

    For a ``label`` the text is ``PROGRAM@BEGINNING``, and the words lack the program.
    """
    find = _KINDS.get(kind)
    if find is None:
        return []
    with moment_of(context, None) as moment:
        words = list(find(moment, text))
    return [word for word in words if _HARMLESS.fullmatch(word)]


def _programs(moment: Moment, text: str) -> list[str]:
    state = moment.state.settled()
    programs = queries.programs_after(state, text, MOST + 1)
    last = queries.last_program(state, text) if len(programs) > MOST else None
    return programs if last is None else [*programs[:MOST], last]


def _selectors(moment: Moment, text: str) -> Iterator[str]:
    program, at, rest = text.partition("@")
    if not at:
        programs = _programs(moment, program)
        yield from programs
        if len(programs) == 1:
            yield f"{programs[0]}@"
    elif moment.state.exists(program):
        words = (*_words(moment, program, rest), *_labels(moment, program, rest))
        yield from (f"{program}@{word}" for word in words if word.startswith(rest))


def _words(moment: Moment, program: str, rest: str) -> Iterator[str]:
    """Yield the selectors of a program, other than labels, that mean a version now."""
    state = moment.state.settled()
    for environment in moment.config.environments:
        name = environment.name
        if state.pointer(program, name).live is not None:
            yield name
        if rest.startswith(name) and previous(state, program, name) is not None:
            yield f"{name}~1"
    yield "latest"
    if not rest.startswith("stage:"):
        yield "stage:"
        return
    for stage in _all_stages(moment):
        if next(state.on_stage(program, stage), None) is not None:
            yield f"stage:{stage}"


def _labels_of(moment: Moment, text: str) -> list[str]:
    program, at, rest = text.partition("@")
    return _labels(moment, program, rest) if at else []


def _labels(moment: Moment, program: str, text: str) -> list[str]:
    state = moment.state.settled()
    first = queries.labels_by_name(state, program, text, MOST + 1)
    if len(first) <= MOST:
        return first
    last = queries.labels_by_name(state, program, text, 1, descending=True)
    recent = queries.newest_labels(state, program, _RECENT)
    newest = [label for label in recent if label.startswith(text)]
    return list(dict.fromkeys([first[0], *last, *newest, *first]))[:MOST]


def _environments(moment: Moment, text: str) -> Iterator[str]:
    names = (each.name for each in moment.config.environments)
    return (name for name in names if name.startswith(text))


def _rungs(moment: Moment, text: str) -> Iterator[str]:
    rungs = moment.config.rungs[1:]  # nothing is promoted to the first
    return (rung.name for rung in rungs if rung.name.startswith(text))


def _stages(moment: Moment, text: str) -> Iterator[str]:
    return (stage for stage in _all_stages(moment) if stage.startswith(text))


def _all_stages(moment: Moment) -> list[str]:
    return [*(rung.name for rung in moment.config.rungs), DEPRECATED, ARCHIVED]


_KINDS: Final[dict[str, Finder]] = {
    "program": _programs,
    "selector": _selectors,
    "label": _labels_of,
    "environment": _environments,
    "rung": _rungs,
    "stage": _stages,
}
