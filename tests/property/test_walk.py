"""A random walk of the lifecycle: the invariants hold for any sequence of commands."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import timedelta
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import NOON, a_local_registry, a_program, a_registry
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from promises import (
    previous,
    replayed,
    require_fitting,
    require_replay,
    require_writers,
    view,
)
from worlds import CONFIGURATIONS, ENVIRONMENTS, LABELS, READ, RUNGS, WHICH

from dspyreg.backends import memory
from dspyreg.errors import Conflict, NotFound, Refused, RegistryError, UsageError
from dspyreg.model.entry import Entry
from dspyreg.model.line import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

PROGRAMS = ("qa", "rag")
EXPECTED = (Refused, UsageError, NotFound, Conflict)

programs = st.sampled_from(("qa", "qa", "qa", "rag"))
which = st.sampled_from(WHICH)
rungs = st.sampled_from(RUNGS)
environments = st.sampled_from(ENVIRONMENTS)
seqs = st.integers(0, 7)
contents = st.integers(0, 2)


class Walk(RuleBasedStateMachine):
    """Two actors on one registry in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.patches = pytest.MonkeyPatch()
        drawn = count(1)
        self.patches.setattr(os, "urandom", lambda size: next(drawn).to_bytes(size, "big"))
        self.now = NOON
        self.people = self.open()
        self.ada = self.people[0]
        self.seen: dict[int, Any] = {}
        self.read: list[Entry] = []
        self.written = 0
        self.promised = True

    def open(self) -> tuple[Registry, ...]:
        """Return the registry, as each of the people has it open."""
        store = memory.create()
        return tuple(a_registry(store, actor=actor, clock=self.clock) for actor in ("ada", "bob"))

    def clock(self) -> Any:
        """A clock that stands still during a step, so that a dry run is comparable."""
        return self.now

    def teardown(self) -> None:
        """Compare the past reads, unless something has failed already; leave nothing behind."""
        try:
            if self.promised:
                self.look_back()
        finally:
            for registry in self.people:
                registry.close()
            self.patches.undo()
            shutil.rmtree(self.directory)

    def look_back(self) -> None:
        """Require ``at`` to return what was seen at each earlier moment."""
        for seq, seen in self.seen.items():
            then = view(self.ada, PROGRAMS, READ, seq)
            for now, before in zip(then, seen, strict=True):
                assert now == before, (seq, now, before)

    # The log

    def entries(self) -> list[Entry]:
        """Return the log, and require that only its end has changed."""
        lines = [parse(line) for line in islice(self.ada.lines(), len(self.read), None)]
        self.read += [Entry.read(line) for line in lines if line is not None]
        return list(self.read)

    def names(self) -> dict[str, Any]:
        """Return every name that has a value."""
        return replayed(self.entries())

    def pointer(self, program: str, environment: str) -> Any:
        """Return the live number in an environment, and the deployment its rollback restores."""
        names = self.names()
        told = names.get(f"environments/{program}/{environment}")
        if told is None:
            return None
        first = self.firsts()
        identity = told["deployment"]
        while identity is not None:
            name = f"deployments/{program}/{environment}/{identity.rpartition('-')[2]}"
            identity, origin = names[name]["restores"], first[name]
        return told["live"], origin

    def firsts(self) -> dict[str, int]:
        """Return the entry that first gave each name a value."""
        return {
            change.name: entry.seq for entry in reversed(self.entries()) for change in entry.changes
        }

    # One step

    def step(self, act: Callable[[Registry, bool], Outcome], person: int = 0) -> Outcome | None:
        """Run a change dry, then for real: both report the same, and only the second changes
        anything.
        """
        registry = self.people[person]
        self.promised = False
        self.now += timedelta(seconds=1)
        before, count = self.names(), len(self.entries())
        told, predicted = attempt(lambda: act(registry, True))
        assert len(self.entries()) == count
        said, outcome = attempt(lambda: act(registry, False))
        note(f"{said}")
        assert said == told
        if outcome is None or outcome.entry is None:
            assert self.names() == before
        if outcome is not None and predicted is not None:
            assert anonymous(predicted) == anonymous(outcome)
        self.keep_promises()
        return outcome

    def keep_promises(self) -> None:
        """See ``promises``."""
        entries = self.entries()
        names = replayed(entries)
        require_fitting(names, self.ada.configuration())
        require_writers(entries, names)
        for registry in self.people:
            require_replay(registry)
        assert self.ada.verify().ok
        seen = self.seen[len(entries)] = view(self.ada, PROGRAMS, READ, None)
        assert view(self.people[-1], PROGRAMS, READ, None) == seen
        self.promised = True

    # Actions

    @initialize(
        text=st.sampled_from(CONFIGURATIONS), climbs=st.lists(st.integers(0, 3), max_size=3)
    )
    def begin(self, text: str, climbs: list[int]) -> None:
        """Register some versions, each promoted some rungs before the walk begins."""
        self.step(lambda r, dry: r.apply(text, dry_run=dry))
        for nth, rungs in enumerate(climbs):
            self.climb(f"0.{nth}.0", self.file(100 + nth), rungs)

    def climb(self, label: str, path: Path, rungs: int) -> None:
        """Register a version of qa and promote it that many rungs."""
        self.step(lambda r, dry: r.register("qa", path, version=label, dry_run=dry))
        ladder = [each.name for each in self.ada.configuration().rungs]
        for rung in ladder[1 : rungs + 1]:
            self.step(lambda r, dry, to=rung: r.promote(f"qa@{label}", to=to, dry_run=dry))

    @rule(program=programs, content=contents, exist_ok=st.booleans(), force=st.booleans())
    def register(self, program: str, content: int, exist_ok: bool, force: bool) -> None:
        path = self.file(content)
        before = self.ways_back()
        self.step(
            lambda r, dry: r.register(
                program, path, exist_ok=exist_ok, force=force, tags=["t"], dry_run=dry
            )
        )
        assert self.ways_back() == before

    @rule(program=programs, content=contents, label=st.sampled_from(LABELS), ok=st.booleans())
    def register_as(self, program: str, content: int, label: str, ok: bool) -> None:
        path = self.file(content)
        self.step(
            lambda r, dry: r.register(
                program, path, version=label, exist_ok=ok, metrics={"em": 0.5}, dry_run=dry
            )
        )

    @rule(program=programs)
    def register_another(self, program: str) -> None:
        self.written += 1
        path = self.file(10 + self.written)
        before = self.ways_back()
        self.step(lambda r, dry: r.register(program, path, dry_run=dry))
        assert self.ways_back() == before

    def ways_back(self) -> list[str | None]:
        """Return the targets of a rollback, where no registration moves a pointer."""
        places = [each for each in ENVIRONMENTS if each not in {None, "development"}]
        return [self.way_back(f"{name}@{place}~1") for name in PROGRAMS for place in places]

    def way_back(self, selector: str) -> str | None:
        """Return the label that a selector means, or None."""
        try:
            return self.ada.resolve(selector).label
        except NotFound:
            return None

    def file(self, content: int) -> Path:
        """Return a file with that content."""
        path = self.directory / "program.json"
        path.write_text(a_program(content))
        return path

    @rule(program=programs, which=which)
    def promote(self, program: str, which: str) -> None:
        """Without a rung a version leaves only the first one: a repeated command does not climb."""
        first, second, *_ = (each.name for each in self.ada.configuration().rungs)
        before = self.stages()
        self.step(lambda r, dry: r.promote(program + which, dry_run=dry))
        moved = self.stages()
        for name in moved.keys() & before.keys():
            if moved[name] != before[name] and moved[name] != "deprecated":
                assert (before[name], moved[name]) == (first, second)
        if not which.startswith("@stage:"):  # it means another version now
            self.step(lambda r, dry: r.promote(program + which, dry_run=dry))
            assert self.stages() == moved

    def stages(self) -> dict[str, str]:
        """Return the stage of each version."""
        found = self.names().items()
        return {name: it["stage"] for name, it in found if name.startswith("stages/")}

    @rule(program=programs, which=which, to=rungs)
    def promote_one_to(self, program: str, which: str, to: str) -> None:
        self.step(lambda r, dry: r.promote(program + which, to=to, reason="R", dry_run=dry))

    @rule(program=programs, to=rungs)
    def promote_newest(self, program: str, to: str) -> None:
        before = self.live()
        self.step(lambda r, dry: r.promote(program, to=to, dry_run=dry))
        self.require_nothing_went_back(before)

    @rule(program=programs, place=environments)
    def deploy_newest(self, program: str, place: str | None) -> None:
        before = self.live()
        self.step(lambda r, dry: r.deploy(program, environment=place, dry_run=dry))
        self.require_nothing_went_back(before)
        settled = self.live()
        self.step(lambda r, dry: r.deploy(program, environment=place, dry_run=dry))
        assert self.live() == settled

    @rule(program=programs, which=which, place=environments)
    def deploy(self, program: str, which: str, place: str | None) -> None:
        self.step(lambda r, dry: r.deploy(program + which, environment=place, dry_run=dry))

    @rule(program=programs, which=which, force=st.booleans())
    def demote(self, program: str, which: str, force: bool) -> None:
        self.step(lambda r, dry: r.demote(program + which, force=force, reason="R", dry_run=dry))

    @rule(program=programs, which=which, force=st.booleans())
    def archive(self, program: str, which: str, force: bool) -> None:
        self.step(lambda r, dry: r.archive(program + which, force=force, reason="R", dry_run=dry))

    @rule(program=programs, which=which)
    def restore(self, program: str, which: str) -> None:
        self.step(lambda r, dry: r.restore(program + which, dry_run=dry))

    @rule(program=programs, place=environments, copy=st.booleans(), times=st.integers(1, 4))
    def rollback(self, program: str, place: str | None, copy: bool, times: int) -> None:
        for _ in range(times):
            self.roll_back_once(program, place, copy=copy)

    def roll_back_once(self, program: str, place: str | None, *, copy: bool) -> None:
        """Require a rollback without a target to go further back, and repeated commands to respect
        it.
        """
        before = {each: self.pointer(program, each) for each in ENVIRONMENTS if each}
        expected = {each: previous(self.names(), self.firsts(), program, each) for each in before}
        done = self.step(
            lambda r, dry: r.rollback(
                program, environment=place, as_new_version=copy, reason="R", dry_run=dry
            )
        )
        if done is None:
            return
        moved = [each for each, was in before.items() if self.pointer(program, each) != was]
        assert len(moved) == 1
        was, now = before[moved[0]], self.pointer(program, moved[0])
        assert now is not None
        if was is not None:
            assert now[1] < was[1]
            assert now[0] != was[0]
            if not copy:
                assert now[0] == expected[moved[0]]
            self.require_stays_rolled_back(program, moved[0], was[0])

    def require_stays_rolled_back(self, program: str, place: str, number: int) -> None:
        """Require that no command without a version restores what was just rolled back."""
        rung = next(e.rung for e in self.ada.configuration().environments if e.name == place)
        _, deployed = attempt(lambda: self.ada.deploy(program, environment=place, dry_run=True))
        _, promoted = attempt(lambda: self.ada.promote(program, to=rung or "QA", dry_run=True))
        for outcome in (deployed, promoted):
            for entry in outcome.entries if outcome else ():
                for change in entry.changes:
                    if change.name == f"environments/{program}/{place}":
                        assert change.new["live"] != number

    @rule(program=programs, place=environments, to=which, force=st.booleans(), copy=st.booleans())
    def rollback_to(
        self, program: str, place: str | None, to: str, force: bool, copy: bool
    ) -> None:
        self.step(
            lambda r, dry: r.rollback(
                program,
                environment=place,
                to=to.removeprefix("@"),
                force=force,
                reason="R",
                as_new_version=copy,
                dry_run=dry,
            )
        )

    @rule(text=st.sampled_from(CONFIGURATIONS))
    def configure(self, text: str) -> None:
        self.step(lambda r, dry: r.apply(text, dry_run=dry))

    @rule(program=st.sampled_from((None, *PROGRAMS)), person=st.integers(0, 1))
    def undo(self, program: str | None, person: int) -> None:
        self.step(lambda r, dry: r.undo(program=program, dry_run=dry), person)

    @rule(back=seqs, person=st.integers(0, 1))
    def undo_one(self, back: int, person: int) -> None:
        seq = max(len(self.entries()) - back, 1)
        self.step(lambda r, dry: r.undo(seq, dry_run=dry), person)

    @rule(program=st.sampled_from((None, *PROGRAMS)), person=st.integers(0, 1))
    def redo(self, program: str | None, person: int) -> None:
        self.step(lambda r, dry: r.redo(program=program, dry_run=dry), person)

    @rule(times=st.integers(2, 4), back=st.integers(0, 3))
    def unwind_and_redo_one(self, times: int, back: int) -> None:
        for _ in range(times):
            self.step(lambda r, dry: r.undo(dry_run=dry))
        self.redo_one(back, 0)
        self.step(lambda r, dry: r.undo(dry_run=dry))

    @rule(back=seqs, person=st.integers(0, 1))
    def redo_one(self, back: int, person: int) -> None:
        seq = max(len(self.entries()) - back, 1)
        self.step(lambda r, dry: r.redo(seq, dry_run=dry), person)

    @precondition(lambda self: self.entries())
    @rule(back=seqs)
    def undo_and_redo(self, back: int) -> None:
        originals = [entry.seq for entry in self.entries() if entry.undoes is None]
        seq = originals[-1 - min(back, len(originals) - 1)]
        before = self.names()
        undone = self.step(lambda r, dry: r.undo(seq, dry_run=dry))
        if undone is None or undone.entry is None:
            return
        after, taken = self.names(), undone.entry.seq
        self.step(lambda r, dry: r.undo(taken, dry_run=dry))
        assert self.names() == before
        self.step(lambda r, dry: r.undo(seq, dry_run=dry))
        assert self.names() == after
        self.step(lambda r, dry: r.redo(dry_run=dry))
        assert self.names() == before

    def live(self) -> dict[str, int]:
        """Return which number is live in each environment."""
        found = self.names().items()
        return {name: it["live"] for name, it in found if name.startswith("environments/")}

    def require_nothing_went_back(self, before: dict[str, int]) -> None:
        """Require that no pointer has a lower number than before."""
        now = self.live()
        assert all(now[name] >= number for name, number in before.items())


class LocalWalk(Walk):
    """The same walk on disk, with the store opened by each of the two actors."""

    def open(self) -> tuple[Registry, ...]:
        """Return the registry, as each of the people has it open."""
        place = self.directory / ".dspyreg"
        return tuple(
            a_local_registry(place, actor=actor, clock=self.clock) for actor in ("ada", "bob")
        )


def attempt(act: Callable[[], Outcome]) -> tuple[str, Outcome | None]:
    """Return the messages, and the outcome if there was one."""
    try:
        outcome = act()
    except EXPECTED as error:
        return f"{type(error).__name__}: {error}", None
    except RegistryError as error:
        raise AssertionError(f"{type(error).__name__}: {error}") from error
    return "; ".join(outcome.notices), outcome


def anonymous(outcome: Outcome) -> list[Any]:
    """Return an outcome's changes and notices, without ids, seqs and the order of changes."""
    found = []
    for entry in outcome.entries:
        changes = [json.dumps(change).replace(entry.operation_id, "OP") for change in entry.changes]
        told = entry.operation, entry.program, entry.label, entry.forced
        found.append((*told, sorted(changes)))
    return found


SETTINGS = settings(
    max_examples=50,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestWalk = Walk.TestCase
TestWalk.settings = SETTINGS
TestLocalWalk = LocalWalk.TestCase
TestLocalWalk.settings = settings(SETTINGS, max_examples=5, stateful_step_count=15)
