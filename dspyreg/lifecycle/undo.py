"""Taking an entry back, and taking that back: inverse changes, and whether they are sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dspyreg.errors import Conflict
from dspyreg.lifecycle.environments import qualifies
from dspyreg.model import names, sense
from dspyreg.model.entry import same_value
from dspyreg.model.state import ARCHIVED, DEPRECATED, Pointer, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft
    from dspyreg.model.entry import Change, Entry


class Writers(Protocol):
    """Who changed a name: effective entries that undo nothing, newest first."""

    def __call__(self, name: str, *, after: int = 0) -> list[int]:
        """Return their seqs, those after one seq alone if that is said."""


def take_back(draft: Draft, target: Entry, writers: Writers) -> None:
    """Put the inverse of an entry's changes into a draft.

    Raises ``Conflict``, naming the entries that came later, if another is the writer now.
    """
    changes = _undoable(target)
    later = {seq for change in changes for seq in writers(change.name, after=target.seq)}
    _require_none(later, f"entry {target.seq} cannot be undone")
    for change in reversed(changes):
        draft.change(change.name, change.old)


def bring_back(draft: Draft, undo: Entry, original: int, writers: Writers) -> None:
    """Put the inverse of an undo's changes into a draft: its original happens again.

    Raises ``Conflict``, naming the entries that have changed the same names since the original,
    or where what the original stood upon was taken back in its turn: redone now, its next undo
    would bring back what somebody has undone.
    """
    changes = _undoable(undo)
    later = {seq for change in changes for seq in writers(change.name, after=original)}
    _require_none(later, f"entry {original} cannot be redone")
    if not all(same_value(draft.get(change.name), change.new) for change in changes):
        raise Conflict(
            f"entry {original} cannot be redone: an older entry that it stood upon is undone",
            hint="redo that one first; `dspyreg redo` takes the newest undo",
        )
    for change in reversed(changes):
        draft.change(change.name, change.old)


def _undoable(entry: Entry) -> list[Change]:
    """The changes whose inverse makes sense. The stage of a version that does not exist stays: it
    is as if it were not there.
    """
    changes = [change for change in entry.changes if not change.name.startswith("reserved/")]
    unpaired = sense.unpaired({change.name: change.old for change in changes})
    return [change for change in changes if change.name not in unpaired]


def _require_none(later: set[int], what: str) -> None:
    if later:
        told = ", ".join(str(seq) for seq in sorted(later, reverse=True)[:10])
        entries = "entry" if len(later) == 1 else "entries"
        raise Conflict(
            f"{what}: the same names were changed by {entries} {told}",
            hint="undo those first, newest first",
        )


def require_sound(draft: Draft, config: Config) -> None:
    """Raise ``Conflict`` unless everything the draft touches still fits together, as far as it did
    before: what a stranger's entry has put out of joint can be taken back bit by bit.
    """
    touched = [names.split(change.name) for change in draft.changes]
    faults = _faults(draft, config, touched)
    if faults:
        known = set(_faults(draft.before, config, touched))
        faults = [fault for fault in faults if fault not in known]
    if faults:
        raise Conflict("; ".join(dict.fromkeys(faults)), hint="undo what came later first")


def _faults(state: State, config: Config, touched: list[tuple[str, ...]]) -> list[str]:
    programs = {segments[1] for segments in touched if len(segments) > 1}
    faults = [
        fault for program in sorted(programs) for fault in live_faults(state, config, program)
    ]
    for segments in touched:
        faults += _faults_of(state, config, segments)
    return faults


def live_faults(state: State, config: Config, program: str) -> Iterator[str]:
    """Say which pointers of a program could not be there under a configuration."""
    found = state.under(names.prefix("environments", program))
    said = {names.split(each.name)[2]: Pointer.of(each.value) for each in found}
    for name, pointer in sorted(said.items()):
        if pointer.live is None:
            continue
        environment = config.environment(name)
        if state.version(program, pointer.live) is None:
            yield f"{program} would be live in {name} with a version that does not exist"
        elif environment is None:
            label = state.label(program, pointer.live)
            yield f"{program}@{label} would be live in {name}, which there is not"
        elif not qualifies(config, state.stage(program, pointer.live), environment):
            label = state.label(program, pointer.live)
            stage = state.stage(program, pointer.live)
            yield f"{program}@{label}, live in {name}, would be {stage}"


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
        yield f"{program}@#{number} would not exist, but is spoken of"


def _stage_fault(draft: State, config: Config, program: str, number: int) -> Iterator[str]:
    value = draft.get(names.stage(program, number))
    if value is None:
        return
    yield from _missing(draft, program, number)
    if value["stage"] not in {DEPRECATED, ARCHIVED, *(rung.name for rung in config.rungs)}:
        yield f"{program}@#{number} would be in {value['stage']}, which there is not"


def _left_behind(draft: State, program: str, number: int) -> Iterator[str]:
    """Say what would still speak of a version that goes."""
    for kind in ("stages", "metrics", "tags", "approvals", "evidence"):
        name = names.path(kind, program, number)
        if draft.get(name) is not None or draft.under(name + "/"):
            yield f"{program}@#{number} would go, but its {kind} would stay"
    for found in draft.under(names.prefix("deployments", program)):
        if found.value["number"] == number:
            place = names.split(found.name)[2]
            yield f"{program}@#{number} would go, but was deployed to {place}"
