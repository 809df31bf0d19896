"""What could stand next on a command line: names that exist, a few at a time.

Every answer is a handful of index lookups, however many versions there are. Where there are more
candidates than a person reads, the newest are told, and with them the first and the last in
byte order: so whatever a shell takes for the common beginning is the beginning of all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dspyreg.lifecycle.history import previous
from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, DEPRECATED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dspyreg.registry.context import Context
    from dspyreg.store.index_state import Past

    Finder = Callable[[Context, Past, str], Iterator[str] | list[str]]

MOST: Final = 100
_RECENT: Final = 1000
_END: Final = "\x7f"  # sorts after everything that a name is made of
# Nothing else is ever told to a shell, whatever a store that came from elsewhere may hold.
_HARMLESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@:~-]*")

_PROGRAMS: Final = """
with recursive found(program) as (
    select min(program) from versions where program >= ?1 and program < ?2
    union all
    select (select min(program) from versions
            where program > found.program and program < ?2)
    from found where program is not null)
select program from found where program is not null limit ?3"""
_LABELS: Final = """
select name, max(seq), value from changes where name >= ? and name < ?
group by name having value is not null order by name {order} limit ?"""
_NEWEST: Final = "select label from versions where program = ? order by number desc limit ?"


def candidates(context: Context, kind: str, text: str) -> list[str]:
    """Return the words of a kind that begin with a text; none for a kind that is not known.

    A ``label`` is asked for as ``PROGRAM@BEGINNING`` and told without its program.
    """
    find = _KINDS.get(kind)
    if find is None:
        return []
    with context.entries.lock:
        context.entries.refresh()
        found = list(find(context, context.entries.settled(), text))
    return [word for word in found if _HARMLESS.fullmatch(word)]


def _programs(_: Context, state: Past, text: str) -> list[str]:
    rows = state.db.execute(_PROGRAMS, (text, text + _END, MOST + 1)).fetchall()
    found = [program for (program,) in rows]
    if len(found) > MOST:
        last = state.db.execute(
            "select max(program) from versions where program >= ? and program < ?",
            (text, text + _END),
        ).fetchone()[0]
        found[MOST:] = [last]
    return found


def _selectors(context: Context, state: Past, text: str) -> Iterator[str]:
    program, at, rest = text.partition("@")
    if not at:
        found = _programs(context, state, program)
        yield from found
        if len(found) == 1:
            yield f"{found[0]}@"
    elif state.exists(program):
        words = (*_words(context, state, program, rest), *_labels(state, program, rest))
        yield from (f"{program}@{word}" for word in words if word.startswith(rest))


def _words(context: Context, state: Past, program: str, rest: str) -> Iterator[str]:
    """The selectors of a program, other than labels, that mean a version now."""
    config = context.configuration_of(state)
    for environment in config.environments:
        name = environment.name
        if state.pointer(program, name).live is not None:
            yield name
        if rest.startswith(name) and previous(state, program, name) is not None:
            yield f"{name}~1"
    yield "latest"
    if not rest.startswith("stage:"):
        yield "stage:"
        return
    for stage in _stages_of(context, state):
        if next(state.on_stage(program, stage), None) is not None:
            yield f"stage:{stage}"


def _labels_of(_: Context, state: Past, text: str) -> list[str]:
    program, at, rest = text.partition("@")
    return _labels(state, program, rest) if at else []


def _labels(state: Past, program: str, rest: str) -> list[str]:
    low = names.prefix("labels", program)

    def some(order: str, count: int) -> list[str]:
        sql = _LABELS.format(order=order)
        rows = state.db.execute(sql, (low + rest, low + rest + _END, count))
        return [name.removeprefix(low) for name, *_ in rows]

    found = some("asc", MOST + 1)
    if len(found) <= MOST:
        return found
    recent = (label for (label,) in state.db.execute(_NEWEST, (program, _RECENT)))
    newest = [label for label in recent if label.startswith(rest)]
    told = dict.fromkeys([found[0], *some("desc", 1), *newest, *found])
    return list(told)[:MOST]


def _environments(context: Context, state: Past, text: str) -> Iterator[str]:
    every = context.configuration_of(state).environments
    return (each.name for each in every if each.name.startswith(text))


def _rungs(context: Context, state: Past, text: str) -> Iterator[str]:
    every = context.configuration_of(state).rungs[1:]  # nothing is promoted to the first
    return (each.name for each in every if each.name.startswith(text))


def _stages(context: Context, state: Past, text: str) -> Iterator[str]:
    return (stage for stage in _stages_of(context, state) if stage.startswith(text))


def _stages_of(context: Context, state: Past) -> list[str]:
    config = context.configuration_of(state)
    return [*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED]


_KINDS: Final[dict[str, Finder]] = {
    "program": _programs,
    "selector": _selectors,
    "label": _labels_of,
    "environment": _environments,
    "rung": _rungs,
    "stage": _stages,
}
