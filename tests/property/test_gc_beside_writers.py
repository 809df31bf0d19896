"""One gc and two writers, in every interleaving: no acknowledged entry loses a blob.

The registry's own code runs on a store in memory. Its ports stop at each call whose order
matters, and a scheduler says who goes on; it tries every order, also with a gc that dies.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from builders import a_program, a_registry

from dspyreg.backends import memory
from dspyreg.errors import Conflict
from dspyreg.store.gc import named_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Store
    from dspyreg.model.digest import Digest
    from dspyreg.registry.facade.registry import Registry

NOW = timedelta()
CONTENT = a_program(1).encode()
MOST_STEPS = 60


class Killed(BaseException):
    """Raised in a process that dies: nothing follows but the cleanup by its kernel."""


class Actor(threading.Thread):
    """A process that runs from stop to stop, as the scheduler lets it."""

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        super().__init__(name=name, daemon=True)
        self.work, self.result, self.error = work, None, None
        self.go, self.stopped = threading.Semaphore(0), threading.Semaphore(0)
        self.wants_turn = self.dies = False
        self.stops = 0

    def run(self) -> None:
        self.go.acquire()
        try:
            self.result = self.work()
        except (Exception, Killed) as error:
            self.error = error
        self.work = None
        self.stopped.release()

    @property
    def is_done(self) -> bool:
        return self.work is None

    def step(self) -> None:
        """Run the actor to its next stop."""
        self.stops += 1
        self.go.release()
        assert self.stopped.acquire(timeout=30), f"{self.name} is stuck"

    def stop(self, *, for_turn: bool = False) -> None:
        """Wait until the scheduler lets the actor continue."""
        self.wants_turn = for_turn
        self.stopped.release()
        self.go.acquire()
        self.wants_turn = False
        if self.dies:
            raise Killed


def here(*, for_turn: bool = False) -> None:
    """Stop, if this is an actor's thread."""
    thread = threading.current_thread()
    if isinstance(thread, Actor):
        thread.stop(for_turn=for_turn)


class Blobs(memory.MemoryBlobs):
    """Blobs that stop before the shared one is put or deleted."""

    def put(self, source: Any) -> Digest:
        if source == CONTENT or not isinstance(source, bytes):
            here()
        return super().put(source)

    def delete(self, digest: Digest, *, if_older_than: timedelta) -> bool:
        here()
        return super().delete(digest, if_older_than=if_older_than)


class Journal(memory.MemoryJournal):
    """A journal that stops before each turn and at its end."""

    holder: Actor | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        here(for_turn=True)
        with super().turn():
            self.holder = threading.current_thread()
            try:
                yield
                here()
            finally:
                self.holder = None

    def append(self, after: Any, place: Any) -> Any:
        if self.holder is not threading.current_thread():
            here(for_turn=True)
        return super().append(after, place)


class World:
    """A store with an undone registration that gc may collect."""

    def __init__(self, file: Path, before: Store) -> None:
        self.journal = Journal(before.genesis)
        blobs, self.file = Blobs(), file
        for blob in before.blobs.list():
            with before.blobs.open(blob.digest) as stored:
                blobs.put(stored.read())
        for line in before.journal.read(before.genesis):
            self.journal.append(self.journal.head(), lambda *_, line=line: line.data + b"\n")
        self.store = memory.create()
        self.store.blobs, self.store.journal = blobs, self.journal

    def actor(self, name: str, work: Callable[[Registry], Any]) -> Actor:
        def run() -> Any:
            with a_registry(self.store) as registry:
                return work(registry)

        return Actor(name, run)

    def register(self, program: str) -> Actor:
        return self.actor(program, lambda registry: registry.register(program, self.file))

    def redo(self) -> Actor:
        return self.actor("redo", lambda registry: registry.redo())

    def gc(self) -> Actor:
        return self.actor("gc", lambda registry: registry.gc(grace=NOW, undo_window=NOW))


class Orders:
    """Every sequence of choices, depth first: each run replays a prefix and continues."""

    def __init__(self) -> None:
        self.path: list[list[int]] = []  # [choice, of how many]
        self.at = 0

    def choose(self, of: int) -> int:
        if self.at == len(self.path):
            self.path.append([0, of])
        choice, known = self.path[self.at]
        assert known == of, "a run was not the same again"
        self.at += 1
        return choice

    def advance(self) -> bool:
        """Move to the next sequence; return False after the last."""
        self.at = 0
        while self.path and self.path[-1][0] + 1 == self.path[-1][1]:
            self.path.pop()
        if self.path:
            self.path[-1][0] += 1
        return bool(self.path)


def play(world: World, actors: list[Actor], orders: Orders, *, gc_dies_at: int | None) -> None:
    """Run the actors in one order to their ends."""
    for actor in actors:
        actor.start()
    for _ in range(MOST_STEPS):
        holder = world.journal.holder
        ready = [a for a in actors if not a.is_done and not (a.wants_turn and holder is not None)]
        if not ready:
            break
        chosen = ready[orders.choose(len(ready))] if len(ready) > 1 else ready[0]
        if chosen.name == "gc" and chosen.stops == gc_dies_at:
            chosen.dies = True
        chosen.step()
    assert all(actor.is_done for actor in actors), "somebody is stuck"


def require_nothing_lost(world: World, actors: list[Actor]) -> None:
    """Require every acknowledged entry that is not undone to have all its blobs."""
    for actor in actors:
        if actor.name == "gc":
            assert actor.error is None or isinstance(actor.error, Killed)
            continue
        if actor.name == "redo" and actor.error is not None:
            assert isinstance(actor.error, Conflict)
            assert "collected on" in str(actor.error) or "is not there" in str(actor.error)
            continue
        assert actor.error is None, actor.error
        for digest in named_by(world.store.blobs, actor.result.entries):
            assert world.store.blobs.stat(digest) is not None, f"{actor.name} lost a blob"


@pytest.fixture
def before(tmp_path: Path) -> Store:
    """Return the store at the beginning of every run."""
    store = memory.create()
    (tmp_path / "program.json").write_bytes(CONTENT)
    with a_registry(store) as registry:
        registry.register("qa", tmp_path / "program.json")
        registry.undo()
    return store


@pytest.mark.parametrize("other", ["register", "redo"])
@pytest.mark.parametrize("gc_dies_at", [None, 4], ids=["gc ends", "gc dies in its turn"])
def test_no_interleaving_of_one_gc_and_two_writers_loses_a_blob(
    tmp_path: Path, before: Store, other: str, gc_dies_at: int | None
):
    orders, runs = Orders(), 0
    while runs == 0 or orders.advance():
        world = World(tmp_path / "program.json", before)
        second = world.register("other") if other == "register" else world.redo()
        actors = [world.gc(), world.register("new"), second]
        play(world, actors, orders, gc_dies_at=gc_dies_at)
        require_nothing_lost(world, actors)
        runs += 1
    assert runs > 100
