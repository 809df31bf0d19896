"""One registry serves many threads, each acting for its own actor."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry, a_registry

from dspyreg.registry.context import Caller
from dspyreg.registry.facade.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THREADS, ACTORS, ROUNDS = 16, 8, 4
TIMEOUT_S = 60.0


@pytest.fixture(params=["memory", "local"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    made = a_registry() if request.param == "memory" else a_local_registry(tmp_path / "store")
    with made:
        Programs(made, tmp_path).register(label="1.0.0")
        yield made


@pytest.fixture
def unheard(caplog: pytest.LogCaptureFixture) -> None:
    """Emit no events: they would read the version and wait for the index."""
    caplog.set_level(logging.CRITICAL + 1, logger="dspyreg")


def acting_as(registry: Registry, actor: str) -> Registry:
    """Return a registry for another actor, on the same log."""
    return Registry(registry.context.acting_as(Caller(actor)))


def test_each_thread_writes_under_its_own_actor_and_nothing_is_lost(registry: Registry):
    start = threading.Barrier(THREADS)

    def work(nth: int) -> list[tuple[int, str]]:
        actor = f"actor{nth % ACTORS}"
        mine, written = acting_as(registry, actor), list[tuple[int, str]]()
        start.wait(TIMEOUT_S)
        for round_ in range(ROUNDS):
            entry = mine.score("qa@1.0.0", {f"em{nth}": round_ / ROUNDS}).entry
            assert entry is not None
            written.append((entry.seq, actor))
            assert mine.show("qa@1.0.0").metrics[f"em{nth}"] == round_ / ROUNDS
            assert mine.status("qa").total_versions == 1
            assert mine.log(limit=1)[0].seq >= entry.seq
        undone = mine.undo(written[-1][0]).entry
        assert undone is not None
        return [*written, (undone.seq, actor)]

    with ThreadPoolExecutor(THREADS) as pool:
        written = [each for some in pool.map(work, range(THREADS)) for each in some]
    assert len(written) == THREADS * (ROUNDS + 1)
    assert {entry.seq: entry.actor for entry in registry.log()} == {1: "ada", **dict(written)}
    assert registry.verify().ok


def test_two_threads_can_read_at_the_same_time(registry: Registry):
    """Both threads are inside a read at the same time, or the barrier breaks."""
    inside = threading.Barrier(2)

    def read(_: int) -> str:
        with registry.context.entries.reading():
            inside.wait(TIMEOUT_S)
            return registry.resolve("qa").label

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, range(2))) == ["1.0.0", "1.0.0"]


def test_a_read_does_not_wait_for_a_writer_holding_the_journal(registry: Registry):
    with registry.context.entries.turn(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(registry.show, "qa@1.0.0").result(TIMEOUT_S).label == "1.0.0"
        assert pool.submit(registry.resolve, "qa").result(TIMEOUT_S).label == "1.0.0"


@pytest.mark.usefixtures("unheard")
def test_a_writer_does_not_wait_for_a_reader(registry: Registry):
    with registry.context.entries.reading(), ThreadPoolExecutor(1) as pool:
        scored = pool.submit(registry.score, "qa@1.0.0", {"em": 1.0})
        assert scored.result(TIMEOUT_S).entry is not None


def test_a_read_sees_what_another_thread_wrote_before_it(registry: Registry):
    with ThreadPoolExecutor(1) as pool:
        for value in (0.25, 0.5):
            pool.submit(registry.score, "qa@1.0.0", {"em": value}).result(TIMEOUT_S)
            assert registry.show("qa@1.0.0").metrics == {"em": value}


def test_the_connection_of_a_finished_thread_is_reused_by_the_next(registry: Registry):
    def log_of_a_thread() -> int:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: id(registry.context.entries)).result(TIMEOUT_S)

    first = log_of_a_thread()
    assert first != id(registry.context.entries)
    assert log_of_a_thread() == first


@pytest.mark.usefixtures("unheard")
def test_a_read_in_progress_does_not_see_a_concurrent_write(registry: Registry):
    with registry.context.entries.reading() as head, ThreadPoolExecutor(1) as pool:
        pool.submit(registry.score, "qa@1.0.0", {"em": 1.0}).result(TIMEOUT_S)
        assert registry.show("qa@1.0.0").metrics == {}
        assert registry.log()[0].seq == head.seq
    assert registry.show("qa@1.0.0").metrics == {"em": 1.0}
