"""Entries of a log that make no sense (docs/reference/format.md).

``name_kinds`` judges an entry by itself. Whether it fits the others is judged on the state at the
head: what was corrected since is no fault.
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

_MAX_FAULTS: Final = 10
_BEFORE: Final = "select value from changes where name = ? and seq < ? order by seq desc limit 1"
_NEWEST: Final = """
select name, max(seq), value from changes where name >= ? and name < ? group by name
"""


class Fault(NamedTuple):
    """An entry that makes no sense, and what is wrong with it."""

    seq: int
    message: str


def faults(
    log: Log, state: IndexState, known: Callable[[State], tuple[set[str], set[str]]]
) -> Iterator[Fault]:
    """Yield one fault for each effective entry that makes no sense, by ``seq``."""
    by_seq: defaultdict[int, list[str]] = defaultdict(list)
    rows = state.db.execute("select seq from entries where undone_by is not null")
    undone = {seq for (seq,) in rows}
    for line in log.all_lines():
        if line.seq not in undone:
            said = LineReading.of(line)
            messages = [*said.faults, *repeated_members(line.data)]
            for change in said.changes:
                messages += _past(state, line.seq, change)
            if messages:
                by_seq[line.seq] += messages
    for seq, message in _unfitting(state, known):
        by_seq[seq].append(message)
    for seq, messages in sorted(by_seq.items()):
        more = len(messages) - _MAX_FAULTS
        shown = messages[:_MAX_FAULTS] + ([f"and {more} more"] if more > 0 else [])
        yield Fault(seq, "; ".join(shown))


def _past(state: IndexState, seq: int, change: Change) -> Iterator[str]:
    """Yield a message if a name had another value before a change than the change says."""
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
    """Yield messages about values at the head that do not fit the others, with their entries."""
    for kind in name_kinds.KINDS.keys() - {"stages"}:
        for name, seq, text in state.db.execute(_NEWEST, (f"{kind}/", f"{kind}0")):
            if text is not None:
                value = state.value_of(text)
                yield from ((seq, message) for message in _of_a_name(state, name, value))
    try:
        stages, environments = known(state)
    except (Corrupt, UnsupportedFormat) as error:
        config = state.find(names.CONFIG)
        yield config.changed if config else 0, str(error)
        return
    yield from _unknown(state, stages, environments)


def _of_a_name(state: IndexState, name: str, value: Any) -> Iterator[str]:
    kind, program, *rest = names.split(name)
    for number in name_kinds.numbers_in(name, value):
        if state.version(program, number) is None:
            yield f"{name} names version {number} of {program}, which does not exist"
    if kind == "versions":
        yield from _of_a_version(state, program, int(rest[0]), value)
    elif kind == "environments" and value["live"] is not None:
        record = f"{rest[0]}-"
        identity = value["deployment"] or ""
        deployment = state.get(names.deployment(program, rest[0], identity.removeprefix(record)))
        if deployment is None or deployment["number"] != value["live"]:
            yield f"{name} has no deployment of its live version"


def _of_a_version(state: IndexState, program: str, number: int, value: Any) -> Iterator[str]:
    name = names.version(program, number)
    if state.number(program, value["label"]) != number:
        yield f"{name} has the label {value['label']}, which names another version or none"
    if (state.get(names.reserved_number(program)) or 0) < number:
        yield f"{name} has a number that was never assigned"
    if state.get(names.reserved_name(program)) != program:
        yield f"{name} is of a program whose name is not reserved"


def _unknown(
    state: IndexState, stages: set[str], environments: set[str]
) -> Iterator[tuple[int, str]]:
    """Yield the stages and environments in use that the configuration does not define."""
    for name, seq, text in state.db.execute(_NEWEST, ("stages/", "stages0")):
        _, program, number = names.split(name)
        stage = None if text is None else state.value_of(text)["stage"]
        is_known = stage is None or stage in stages
        if not is_known and state.has(program, int(number)):
            yield seq, f"{name} is on {stage}, a stage that does not exist"
    for name, seq, text in state.db.execute(_NEWEST, ("environments/", "environments0")):
        if text is not None and names.split(name)[2] not in environments:
            yield seq, f"{name} is of an environment that does not exist"
