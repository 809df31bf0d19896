"""What a log says that makes no sense, entry by entry (docs/reference/format.md).

What one entry says is judged by ``name_kinds``; whether it fits what the others say is asked of the
state at the head, so that what was put right since is no problem any more.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Corrupt, UnsupportedFormat
from dspyreg.model import name_kinds, names
from dspyreg.model.entry import Change, LineReading, same_value
from dspyreg.model.entry_members import repeated_members
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dspyreg.model.state import State
    from dspyreg.store.log import Log

_MOST_FAULTS: Final = 10
_BEFORE: Final = "select value from changes where name = ? and seq < ? order by seq desc limit 1"
_NEWEST: Final = """
select name, max(seq), value from changes where name >= ? and name < ? group by name
"""


class Fault(NamedTuple):
    """Something that makes no sense: the entry that says it, and what is wrong with it."""

    seq: int
    message: str


def faults(
    log: Log, state: IndexState, known: Callable[[State], tuple[set[str], set[str]]]
) -> Iterator[Fault]:
    """Yield one fault for each entry that still counts and makes no sense, by ``seq``."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    undone = state.db.execute("select seq from entries where undone_by is not null")
    settled = {seq for (seq,) in undone}
    for line in log.all_lines():
        if line.seq not in settled:
            said = LineReading.of(line)
            told = [*said.faults, *repeated_members(line.data)]
            told += [fault for change in said.changes for fault in _past(state, line.seq, change)]
            if told:
                found[line.seq] += told
    for seq, message in _unfitting(state, known):
        found[seq].append(message)
    for seq, told in sorted(found.items()):
        more = len(told) - _MOST_FAULTS
        shown = told[:_MOST_FAULTS] + ([f"and {more} more"] if more > 0 else [])
        yield Fault(seq, "; ".join(shown))


def _past(state: IndexState, seq: int, change: Change) -> Iterator[str]:
    """Say so if a name had another value before a change than it says."""
    row = state.db.execute(_BEFORE, (change.name, seq)).fetchone()
    before = None if row is None or row[0] is None else state.value_of(row[0])
    if not same_value(before, change.old):
        yield f"{change.name} had another value before"
    kind, _, rest = change.name.partition("/")
    if (
        kind == "stages"
        and change.new is not None
        and IndexState(state.db, seq).get(f"versions/{rest}") is None
    ):
        yield f"{change.name} is of a version that does not exist"


def _unfitting(
    state: IndexState, known: Callable[[State], tuple[set[str], set[str]]]
) -> Iterator[tuple[int, str]]:
    """Yield what does not fit the rest of the state at the head, with the entry that set it."""
    for kind in name_kinds.KINDS.keys() - {"stages"}:
        for name, seq, text in state.db.execute(_NEWEST, (f"{kind}/", f"{kind}0")):
            if text is not None:
                value = state.value_of(text)
                yield from ((seq, told) for told in _of_a_name(state, name, value))
    try:
        stages, environments = known(state)
    except (Corrupt, UnsupportedFormat) as error:
        found = state.found(names.CONFIG)
        yield found.changed if found else 0, str(error)
        return
    yield from _unknown(state, stages, environments)


def _of_a_name(state: IndexState, name: str, value: Any) -> Iterator[str]:
    kind, program, *rest = names.split(name)
    for number in name_kinds.numbers_in(name, value):
        if state.version(program, number) is None:
            yield f"{name} speaks of version {number} of {program}, which does not exist"
    if kind == "versions":
        yield from _of_a_version(state, program, int(rest[0]), value)
    elif kind == "environments" and value["live"] is not None:
        record = f"{rest[0]}-"
        identity = value["deployment"] or ""
        told = state.get(names.deployment(program, rest[0], identity.removeprefix(record)))
        if told is None or told["number"] != value["live"]:
            yield f"{name} has no record of what is live there"


def _of_a_version(state: IndexState, program: str, number: int, value: Any) -> Iterator[str]:
    name = names.version(program, number)
    if state.number(program, value["label"]) != number:
        yield f"{name} has the label {value['label']}, which names another version or none"
    if (state.get(names.reserved_number(program)) or 0) < number:
        yield f"{name} has a number that was never given"
    if state.get(names.reserved_name(program)) != program:
        yield f"{name} is of a program whose name is not kept"


def _unknown(
    state: IndexState, stages: set[str], environments: set[str]
) -> Iterator[tuple[int, str]]:
    """Yield the stages and environments in use that the configuration does not know."""
    for name, seq, text in state.db.execute(_NEWEST, ("stages/", "stages0")):
        _, program, number = names.split(name)
        stage = None if text is None else state.value_of(text)["stage"]
        is_known = stage is None or stage in stages
        if not is_known and state.has(program, int(number)):
            yield seq, f"{name} is {stage}, which there is not"
    for name, seq, text in state.db.execute(_NEWEST, ("environments/", "environments0")):
        if text is not None and names.split(name)[2] not in environments:
            yield seq, f"{name} is of an environment that there is not"
