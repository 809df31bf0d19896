"""Undoing an entry, and redoing it: inverse changes, and checks that they are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dspyreg.errors import Conflict
from dspyreg.lifecycle.qualify import qualifies
from dspyreg.model import name_kinds, names
from dspyreg.model.entry import same_value
from dspyreg.model.state import ARCHIVED, DEPRECATED, Pointer, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft
    from dspyreg.model.entry import Change, Entry

_FEW = 10


class Writers(Protocol):
    """The effective entries that changed a name and undo nothing, newest first."""

    def __call__(self, name: str, *, after: int = 0) -> list[int]:
        """Return their seqs, only those after one seq if that is given."""


def undo(draft: Draft, target: Entry, writers: Writers) -> None:
    """Put the inverse of an entry's changes into a draft.

    Raises ``Conflict``, naming later entries that changed the same names.
    """
    changes = _undoable(target)
    later = {seq for change in changes for seq in writers(change.name, after=target.seq)}
    if later:
        raise Conflict("undo-conflict", seq=target.seq, entries=_listed(later))
    for change in reversed(changes):
        draft.change(change.name, change.old)


def redo(draft: Draft, undone_by: Entry, original: int, writers: Writers) -> None:
    """Put the inverse of an undo's changes into a draft: its original happens again.

    Raises ``Conflict``, naming entries that have changed the same names since the original, or if
    an entry before the original was undone in its turn: the next undo of the original would then
    restore that entry's values, although it is undone.
    """
    changes = _undoable(undone_by)
    later = {seq for change in changes for seq in writers(change.name, after=original)}
    if later:
        raise Conflict("redo-conflict", seq=original, entries=_listed(later))
    if not all(same_value(draft.get(change.name), change.new) for change in changes):
        raise Conflict("redo-out-of-order", seq=original)
    for change in reversed(changes):
        draft.change(change.name, change.old)


def _undoable(entry: Entry) -> list[Change]:
    """Return the changes whose inverse is valid. Reservations are for ever, and the stage of a
    version that does not exist is left alone.
    """
    changes = [change for change in entry.changes if not change.name.startswith("reserved/")]
    unpaired = name_kinds.unpaired({change.name: change.old for change in changes})
    return [change for change in changes if change.name not in unpaired]


def _listed(seqs: set[int]) -> str:
    newest = ", ".join(str(seq) for seq in sorted(seqs, reverse=True)[:_FEW])
    return f"{'entry' if len(seqs) == 1 else 'entries'} {newest}"


def require_sound(draft: Draft, config: Config) -> None:
    """Raise ``Conflict`` for faults that a draft adds. Those of the state before do not count, so
    that the damage of another writer's entry can be undone step by step.
    """
    touched = [names.split(change.name) for change in draft.changes]
    faults = _faults(draft, config, touched)
    if faults:
        known = set(_faults(draft.before, config, touched))
        faults = [fault for fault in faults if fault not in known]
    if faults:
        raise Conflict("state-unsound", faults="; ".join(dict.fromkeys(faults)))


def _faults(state: State, config: Config, touched: list[tuple[str, ...]]) -> list[str]:
    programs = {segments[1] for segments in touched if len(segments) > 1}
    faults = [
        fault for program in sorted(programs) for fault in live_faults(state, config, program)
    ]
    for segments in touched:
        faults += _faults_of(state, config, segments)
    return faults


def live_faults(state: State, config: Config, program: str) -> Iterator[str]:
    """Yield the pointers of a program that a configuration does not allow."""
    every = state.under(names.prefix("environments", program))
    pointers = {names.split(each.name)[2]: Pointer.of(each.value) for each in every}
    for name, pointer in sorted(pointers.items()):
        if pointer.live is None:
            continue
        environment = config.environment(name)
        if state.version(program, pointer.live) is None:
            yield f"{program} would be live in {name} with a version that does not exist"
            continue
        version = f"{program}@{state.label(program, pointer.live)}"
        stage = state.stage(program, pointer.live)
        if environment is None:
            yield f"{version} would be live in {name}: environment {name} does not exist"
        elif not qualifies(config, stage, environment):
            yield f"{version}, live in {name}, would be {stage}"


def _faults_of(draft: State, config: Config, segments: tuple[str, ...]) -> Iterator[str]:
    kind, program, *rest = segments if len(segments) > 1 else (*segments, "")
    if kind == "versions" and draft.version(program, int(rest[0])) is None:
        yield from _left_behind(draft, program, int(rest[0]))
    elif kind == "stages":
        yield from _stage_fault(draft, config, program, int(rest[0]))
    elif kind == "labels":
        yield from _label_fault(draft, config, program, rest[0])
    elif kind in {"metrics", "tags", "approvals", "evidence"}:
        if draft.get(names.path(*segments)) is not None:
            yield from _missing(draft, program, int(rest[0]))
    elif kind == "deployments":
        value = draft.get(names.path(*segments))
        if value is not None:
            yield from _missing(draft, program, value["number"])


def _label_fault(draft: State, config: Config, program: str, label: str) -> Iterator[str]:
    number = draft.get(names.label(program, label))
    if number is None:
        return
    if draft.version(program, number) is None:
        yield f"{program}@{label} would name a version that does not exist"
    if config.environment(label) is not None or config.rung(label) is not None:
        yield f"{program}@{label} would be labelled like a stage or an environment"


def _missing(draft: State, program: str, number: int) -> Iterator[str]:
    if draft.version(program, number) is None:
        yield f"{program}@#{number} would not exist, but other names refer to it"


def _stage_fault(draft: State, config: Config, program: str, number: int) -> Iterator[str]:
    value = draft.get(names.stage(program, number))
    if value is None:
        return
    yield from _missing(draft, program, number)
    if value["stage"] not in {DEPRECATED, ARCHIVED, *(rung.name for rung in config.rungs)}:
        yield f"{program}@#{number} would be in {value['stage']}, and that stage does not exist"


def _left_behind(draft: State, program: str, number: int) -> Iterator[str]:
    """Yield the names that would still refer to a version that goes."""
    for kind in ("stages", "metrics", "tags", "approvals", "evidence"):
        name = names.path(kind, program, number)
        if draft.get(name) is not None or draft.under(name + "/"):
            yield f"{program}@#{number} would go, but its {kind} would stay"
    for each in draft.under(names.prefix("deployments", program)):
        if each.value["number"] == number:
            place = names.split(each.name)[2]
            yield f"{program}@#{number} would go, but was deployed to {place}"
