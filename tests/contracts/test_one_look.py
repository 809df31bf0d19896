"""Every operation asks the journal for its head once, without taking a lock."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_registry

from dspyreg.backends import memory
from dspyreg.backends.interface import Store
from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Journal, Place
    from dspyreg.model.line import Head, Line
    from dspyreg.registry.facade.registry import Registry

CONFIGURATION = """
policies:
  production: {changelog: true}
"""


class CountedJournal:
    """A journal that counts how often it is read for new lines and how often it is written.

    To read lines again that it has returned already is not counted.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known = 0
        self.looks = self.appends = 0
        self.is_our_turn = False

    def head(self, hint: Head | None = None) -> Head:
        self.looks += 1
        return self._returned(self._journal.head(hint))

    def read(self, after: Head) -> Iterator[Line]:
        if after.seq >= self._known:
            self.looks += 1
        for line in self._journal.read(after):
            self._returned(line.head)
            yield line

    def append(self, after: Head, place: Place) -> Head:
        self.appends += 1
        return self._returned(self._journal.append(after, place))

    def _returned(self, head: Head) -> Head:
        self._known = max(self._known, head.seq)
        return head

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)


def counted(store: Store) -> tuple[Store, CountedJournal]:
    """Return a store with a journal that counts."""
    journal = CountedJournal(store.journal)
    store = Store(store.blobs, journal, store.genesis, store.registry_id, store.location)
    return store, journal


class World:
    """A registry with some versions, and its journal."""

    def __init__(self, kind: str, directory: Path) -> None:
        if kind == "local":
            local.create_store(Location.of(directory / "store"))
            store, self.journal = counted(local.open_store(Location.of(directory / "store")))
            self.registry = a_registry(store, caches=[directory / "store" / "index.sqlite"])
            self.other = a_registry(
                local.open_store(Location.of(directory / "store")),
                actor="bob",
                caches=[directory / "store" / "index.sqlite"],
            )
        else:
            inner = memory.create()
            store, self.journal = counted(inner)
            self.registry, self.other = a_registry(store), a_registry(inner, actor="bob")
        self.directory = directory
        self.programs = Programs(self.registry, directory)
        for minor in range(3):
            self.programs.register(label=f"1.{minor}.0", changelog="First.")
        self.registry.apply(CONFIGURATION)
        self.registry.score("qa@1.0.0", {"em": 0.5})
        self.registry.score("qa@1.1.0", {"em": 0.75})
        self.registry.promote("qa@1.1.0")
        self.registry.promote("qa@1.2.0")
        self.registry.promote("qa@1.1.0", to="production")
        self.registry.add_evidence("qa@1.1.0", "review", file=self.a_file())
        self.registry.verify()

    def a_file(self) -> Path:
        path = self.directory / "review.txt"
        path.write_text("fine")
        return path

    def written_by_another(self) -> None:
        self.other.score("qa@1.2.0", {"em": 0.25})

    @contextmanager
    def looks(self) -> Iterator[list[int]]:
        before, counts = (self.journal.looks, self.journal.appends), list[int]()
        yield counts
        counts += [self.journal.looks - before[0], self.journal.appends - before[1]]


@pytest.fixture(params=["memory", "local"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(request.param, tmp_path)
    with made.registry, made.other:
        yield made


READS: dict[str, Callable[[Registry, Path], object]] = {
    "trust_report": lambda r, _: r.trust_report(),
    "resolve": lambda r, _: r.resolve("qa@production"),
    "show": lambda r, _: r.show("qa@production"),
    "programs": lambda r, _: r.programs(),
    "versions": lambda r, _: r.versions("qa"),
    "versions on a stage": lambda r, _: r.versions(stage="production"),
    "status": lambda r, _: r.status("qa"),
    "board": lambda r, _: r.board(),
    "log": lambda r, _: r.log(),
    "log of a program": lambda r, _: r.log("qa", limit=2),
    "log of an entry": lambda r, _: r.log(seq=2),
    "check": lambda r, _: r.check("qa@1.0.0"),
    "check for an environment": lambda r, _: r.check("qa@1.1.0", environment="production"),
    "evidence": lambda r, _: r.evidence("qa@1.1.0"),
    "evidence_file": lambda r, _: r.evidence_file("qa@1.1.0", "review"),
    "history": lambda r, _: r.history("qa"),
    "trends": lambda r, _: r.trends("qa"),
    "compare": lambda r, _: r.compare("qa@1.0.0", "qa@1.1.0"),
    "plan": lambda r, _: r.plan("qa@1.1.0", environment="production"),
    "diff": lambda r, _: r.diff("qa@1.0.0", "qa@1.1.0"),
    "compat": lambda r, _: r.compat("qa@1.0.0", "qa@1.1.0"),
    "upgrade_path": lambda r, _: r.upgrade_path("qa", "1.0.0", "1.2.0"),
    "suggest_bump": lambda r, path: r.suggest_bump("qa", next(path.glob("*.json"))),
    "prompt": lambda r, _: r.prompt("qa@1.0.0"),
    "configuration": lambda r, _: r.configuration(),
    "read": lambda r, _: r.read("qa@1.0.0"),
    "opened": lambda r, _: r.opened("qa@1.0.0").close(),
    "checkout": lambda r, path: r.checkout("qa@1.0.0", path / "out"),
    "configuration_in_force": lambda r, _: r.configuration_in_force(),
    "listing": lambda r, _: r.listing(),
    "versions_listing": lambda r, _: r.listing("qa"),
    "notices": lambda r, _: r.notices("qa"),
    "completions": lambda r, _: r.completions("selector", "qa@"),
}
READS_OF_THE_PAST: dict[str, Callable[[Registry, str], object]] = {
    "resolve": lambda r, at: r.resolve("qa", at=at),
    "show": lambda r, at: r.show("qa", at=at),
    "programs": lambda r, at: r.programs(at=at),
    "versions": lambda r, at: r.versions("qa", at=at),
    "status": lambda r, at: r.status("qa", at=at),
    "board": lambda r, at: r.board(at=at),
    "log": lambda r, at: r.log("qa", at=at),
    "check": lambda r, at: r.check("qa@1.0.0", at=at),
    "evidence": lambda r, at: r.evidence("qa@1.1.0", at=at),
    "history": lambda r, at: r.history("qa", at=at),
    "trends": lambda r, at: r.trends("qa", at=at),
    "compare": lambda r, at: r.compare("qa@1.0.0", "qa@1.1.0", at=at),
    "plan": lambda r, at: r.plan("qa@1.1.0", environment="production", at=at),
    "diff": lambda r, at: r.diff("qa@1.0.0", "qa@1.1.0", at=at),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_every_read_looks_at_the_log_once(world: World, read: Callable[[Registry, Path], object]):
    for _ in range(2):
        world.written_by_another()
        with world.looks() as counts:
            read(world.registry, world.directory)
        assert counts == [1, 0]


@pytest.mark.parametrize("read", READS_OF_THE_PAST.values(), ids=READS_OF_THE_PAST)
def test_every_past_read_looks_at_the_log_once(
    world: World, read: Callable[[Registry, str], object]
):
    for at in ("8", "2100-01-01"):
        world.written_by_another()
        with world.looks() as counts:
            read(world.registry, at)
        assert counts == [1, 0]


CHANGES: dict[str, Callable[[World], object]] = {
    "register": lambda w: w.programs.register(label="2.0.0"),
    "promote": lambda w: w.registry.promote("qa@1.0.0", reason="fine"),
    "demote": lambda w: w.registry.demote("qa@1.2.0"),
    "archive": lambda w: w.registry.archive("qa@1.0.0"),
    "score": lambda w: w.registry.score("qa@1.0.0", {"em": 0.625}),
    "approve": lambda w: w.registry.approve("qa@1.0.0"),
    "add_evidence": lambda w: w.registry.add_evidence("qa@1.0.0", "review"),
    "undo": lambda w: w.registry.undo(),
    "undo an entry": lambda w: w.registry.undo(5, reason="wrong"),
    "apply": lambda w: w.registry.apply("policies: {}"),
    "under a key": lambda w: w.registry.promote("qa@1.0.0", operation_id="one"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_looks_at_the_log_once_and_appends(
    world: World, change: Callable[[World], Any]
):
    with world.looks() as counts:
        outcome = change(world)
        assert outcome.entry is not None
        assert outcome.versions is not None
    assert counts == [1, 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.promote("qa@1.0.0", dry_run=True),
        lambda r: r.undo(8, dry_run=True),
        lambda r: r.score("qa@1.0.0", {"em": 1.0}, dry_run=True),
    ],
)
def test_a_dry_run_looks_at_the_log_once(world: World, change: Callable[[Registry], Any]):
    world.written_by_another()
    with world.looks() as counts:
        assert change(world.registry).versions is not None
    assert counts == [1, 0]


def test_a_change_with_nothing_to_do_looks_at_the_log_once(world: World):
    with world.looks() as counts:
        outcome = world.registry.promote("qa@1.1.0", to="production")
        assert outcome.entry is None
    assert counts == [1, 0]


def test_the_first_read_of_a_process_looks_at_the_log_once(world: World):
    store, journal = counted(world.registry.context.store)
    caches = [path for path in [world.registry.context.entries.index_path] if path]
    with a_registry(store, caches=caches) as registry:
        registry.status("qa")
        assert journal.looks == 1


def test_an_entry_of_another_writer_is_seen_at_the_next_look(world: World):
    assert world.registry.show("qa@1.2.0").metrics == {}
    world.written_by_another()
    assert world.registry.show("qa@1.2.0").metrics == {"em": 0.25}


def test_gc_and_verify_succeed_with_a_counted_journal(world: World):
    world.registry.gc(grace=timedelta(), undo_window=timedelta())
    assert world.registry.verify().ok
