"""Operation keys: the same request under the same key is carried out once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from builders import Clock, Programs, a_local_registry, a_program, a_registry

from dspyreg.errors import Conflict, Refused, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

WRITERS = 20


def seqs(outcome: Outcome) -> list[int]:
    return [entry.seq for entry in outcome.entries]


def length(registry: Registry) -> int:
    return len(registry.log())


def in_production_twice(programs: Programs) -> None:
    programs.in_production("qa", "1.0.0")
    programs.in_production("qa", "1.1.0")
    programs.in_production("qa", "1.2.0")


VERBS: dict[str, Callable[[Registry, Programs, str], Outcome]] = {
    "register": lambda r, p, key: r.register(
        "qa", p.file(a_program(), "same.json"), metrics={"em": 1}, tags=["new"], operation_id=key
    ),
    "promote": lambda r, _, key: r.promote("qa@2.0.0", operation_id=key),
    "demote": lambda r, _, key: r.demote("qa@3.0.0", operation_id=key),
    "archive": lambda r, _, key: r.archive("qa@2.0.0", operation_id=key),
    "restore": lambda r, _, key: r.restore("qa@1.1.0", operation_id=key),
    "deploy": lambda r, _, key: r.deploy("qa@2.0.0", environment="development", operation_id=key),
    "rollback": lambda r, _, key: r.rollback("qa", reason="slow", operation_id=key),
    "as new": lambda r, _, key: r.rollback("qa", as_new_version=True, operation_id=key),
    "score": lambda r, _, key: r.score("qa@2.0.0", {"em": 0.5}, operation_id=key),
    "approve": lambda r, _, key: r.approve("qa@2.0.0", to="staging", operation_id=key),
    "evidence": lambda r, p, key: r.add_evidence(
        "qa@2.0.0", "load", file=p.file("fine", "report.txt"), operation_id=key
    ),
    "undo": lambda r, _, key: r.undo(operation_id=key),
    "redo": lambda r, _, key: r.redo(operation_id=key),
    "config": lambda r, _, key: r.apply("versioning: {max_versions: 9}", operation_id=key),
}


@pytest.fixture
def busy(registry: Registry, programs: Programs) -> Registry:
    """A registry in which each verb can run twice."""
    in_production_twice(programs)
    programs.register("qa", "2.0.0")
    programs.register("qa", "3.0.0")
    registry.promote("qa@3.0.0")
    registry.archive("qa@1.1.0")
    registry.score("qa@2.0.0", {"em": 0.1})
    registry.score("qa@2.0.0", {"em": 0.2})
    registry.undo()
    registry.undo()
    return registry


@pytest.mark.parametrize("verb", VERBS)
def test_repeating_a_request_with_its_key_returns_the_same_entry(
    verb: str, busy: Registry, programs: Programs
):
    act = VERBS[verb]
    first = act(busy, programs, "run-7")
    head = length(busy)
    again = act(busy, programs, "run-7")
    assert length(busy) == head
    assert again.entry == first.entry
    assert again.notices[0] == f"already: entry {seqs(first)[0]}"
    assert again.repeated
    assert not first.repeated


@pytest.mark.parametrize("verb", VERBS)
def test_an_entry_without_a_key_records_no_request(verb: str, busy: Registry, programs: Programs):
    entry = VERBS[verb](busy, programs, None).entry  # type: ignore[arg-type]
    assert entry is not None
    assert "request" not in entry.context


def test_a_rollback_repeated_with_its_key_happens_once(registry: Registry, programs: Programs):
    in_production_twice(programs)
    for _ in range(3):
        registry.rollback("qa", operation_id="run-7")
    assert registry.resolve("qa@production").label == "1.1.0"
    registry.rollback("qa", operation_id="run-8")
    assert registry.resolve("qa@production").label == "1.0.0"


def test_a_repeated_request_returns_its_version_and_deployments(
    registry: Registry, programs: Programs
):
    in_production_twice(programs)
    first = registry.rollback("qa", operation_id="run-7")
    before = first.version, first.deployments
    registry.rollback("qa")
    again = registry.rollback("qa", operation_id="run-7")
    assert (again.version, again.deployments) == before


@pytest.mark.parametrize(
    "other",
    [
        lambda registry: registry.score("qa", {"em": 2}, operation_id="k"),
        lambda registry: registry.score("qa@1.0.0", {"em": 1}, operation_id="k"),
        lambda registry: registry.score("qa", {"em": 1}, reason="again", operation_id="k"),
        lambda registry: registry.score("other", {"em": 1}, operation_id="k"),
        lambda registry: registry.promote("qa@1.0.0", operation_id="k"),
    ],
    ids=["metric", "selector", "reason", "program", "operation"],
)
def test_a_key_used_for_another_request_is_a_conflict(
    registry: Registry, programs: Programs, other: Any
):
    programs.register("qa", "1.0.0")
    programs.register("other", "1.0.0")
    entry = registry.score("qa", {"em": 1}, operation_id="k").entry
    assert entry is not None
    with pytest.raises(Conflict, match=f"another request, entry {entry.seq}"):
        other(registry)


def test_a_key_used_for_other_content_is_a_conflict(registry: Registry, programs: Programs):
    registry.register("qa", programs.file(a_program("a"), "p.json"), operation_id="k")
    with pytest.raises(Conflict, match="another request"):
        registry.register("qa", programs.file(a_program("b"), "p.json"), operation_id="k")


def test_keys_of_different_actors_are_independent(tmp_path: Path):
    with a_local_registry(tmp_path / "store") as ada:
        Programs(ada, tmp_path).register("qa", "1.0.0")
        ada.score("qa", {"em": 1}, operation_id="k")
        with a_local_registry(tmp_path / "store", actor="bob") as bob:
            assert not bob.score("qa", {"em": 1}, operation_id="k").repeated


def test_a_refused_request_can_be_repeated_with_its_key(registry: Registry, programs: Programs):
    programs.register("qa", "1.0.0")
    with pytest.raises(Refused):
        registry.rollback("qa", environment="development", operation_id="k")
    assert registry.log()[0].outcome == "refused"
    done = registry.score("qa", {"em": 1}, operation_id="k")
    assert not done.repeated


def test_repeating_an_undone_request_reports_its_undo(registry: Registry, programs: Programs):
    programs.register("qa", "1.0.0")
    registry.score("qa", {"em": 1}, operation_id="k")
    registry.undo()
    again = registry.score("qa", {"em": 1}, operation_id="k")
    assert again.notices == ("already: entry 2", "entry 2 is undone by entry 3")
    assert registry.show("qa").metrics == {}


def test_a_dry_run_with_a_key_finds_the_earlier_request(registry: Registry, programs: Programs):
    programs.register("qa", "1.0.0")
    planned = registry.score("qa", {"em": 1}, operation_id="k", dry_run=True)
    assert planned.entry is not None
    assert planned.entry.seq == 0
    registry.score("qa", {"em": 1}, operation_id="k")
    assert seqs(registry.score("qa", {"em": 1}, operation_id="k", dry_run=True)) == [2]


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_is_a_usage_error(key: str, registry: Registry, programs: Programs):
    programs.register("qa", "1.0.0")
    with pytest.raises(UsageError, match="operation id"):
        registry.score("qa", {"em": 1}, operation_id=key)


def test_repeating_a_request_does_not_repeat_automatic_promotions(
    registry: Registry, programs: Programs
):
    registry.apply("policies: {staging: {auto_promote: true, metrics: ['score >= 0.5']}}")
    programs.register("qa", "1.0.0")
    first = registry.score("qa", {"score": 0.9}, operation_id="k")
    assert [entry.operation for entry in first.entries] == ["score", "promote"]
    assert first.entries[0].operation_id != first.entries[1].operation_id
    registry.demote("qa@1.0.0")
    registry.score("qa", {"score": 0.9}, operation_id="k")
    assert registry.show("qa").stage == "development"


def test_a_key_determines_the_operation_id_as_the_format_says():
    registry = a_registry()
    made = registry.apply("versioning: {max_versions: 9}", operation_id="deploy-42").entry
    assert made is not None
    assert made.operation_id == "4f3fb39fca79438f"


def test_a_key_is_not_written_to_the_log(tmp_path: Path):
    with a_local_registry(tmp_path / "store") as registry:
        Programs(registry, tmp_path).register("qa", "1.0.0", operation_id="between-us")
        assert not any(b"between-us" in line for line in registry.lines())


# An undo of several entries


@pytest.fixture
def crowded(registry: Registry, programs: Programs) -> Registry:
    """A registry whose newest operation has three entries."""
    for label in ("1.0.0", "1.1.0", "1.2.0"):
        programs.register("qa", label)
    registry.apply("versioning: {max_versions: 1}")
    assert len(programs.register("qa", "2.0.0").entries) == 4
    return registry


def failing_at(registry: Registry, nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the disk full at the nth append."""
    journal, calls = registry.context.store.journal, [0]
    append = journal.append

    def fails(*given: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            raise StorageError("cannot write the log: no room", hint="make room and try again")
        return append(*given)

    monkeypatch.setattr(journal, "append", fails)


def test_an_interrupted_undo_continues_with_its_key(
    crowded: Registry, monkeypatch: pytest.MonkeyPatch
):
    failing_at(crowded, 3, monkeypatch)
    with pytest.raises(StorageError) as failed:
        crowded.undo(operation_id="k")
    assert len(failed.value.entries) == 2
    again = crowded.undo(operation_id="k")
    assert seqs(again)[0] == failed.value.entries[0].seq
    assert len(crowded.versions("qa").versions) == 3
    assert len({entry.operation_id for entry in again.entries}) == 1
    head = length(crowded)
    assert crowded.undo(operation_id="k").repeated
    assert length(crowded) == head


def test_an_undo_that_was_redone_is_not_repeated_by_its_key(crowded: Registry):
    crowded.undo(operation_id="k")
    crowded.redo()
    crowded.undo(operation_id="k")
    assert [version.label for version in crowded.versions("qa").versions] == ["2.0.0"]


# gc


def test_an_interrupted_gc_continues_with_its_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = Clock()
    with a_local_registry(tmp_path / "store", clock=clock) as registry:
        Programs(registry, tmp_path).register("qa", "1.0.0")
        registry.undo()
        clock.advance(timedelta(days=100))
        delete = registry.context.blobs.delete
        monkeypatch.setattr(registry.context.blobs, "delete", _broken)
        with pytest.raises(StorageError) as failed:
            registry.gc(grace=timedelta(0), operation_id="k")
        assert [entry.operation for entry in failed.value.entries] == ["gc"]
        monkeypatch.setattr(registry.context.blobs, "delete", delete)
        swept = registry.gc(grace=timedelta(0), operation_id="k")
        assert len(swept.deleted) == 2
        assert swept.notices == ("already: entry 3",)
        assert length(registry) == 3


def _broken(*_: object, **__: object) -> bool:
    raise StorageError("cannot delete it")


# Many at once


def test_only_one_of_many_concurrent_requests_with_a_key_is_carried_out(tmp_path: Path):
    store, answers = tmp_path / "store", list[int]()
    with a_local_registry(store) as registry:
        in_production_twice(Programs(registry, tmp_path))
        before = length(registry)
    ready = threading.Barrier(WRITERS)

    def work() -> None:
        with a_local_registry(store) as mine:
            ready.wait()
            entry = mine.rollback("qa", operation_id="run-7").entry
            assert entry is not None
            answers.append(entry.seq)

    threads = [threading.Thread(target=work) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [before + 1] * WRITERS
    with a_local_registry(store) as registry:
        assert length(registry) == before + 1
        assert registry.resolve("qa@production").label == "1.1.0"


def test_a_writer_overtaken_by_its_own_key_returns_the_other_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A measurement depends on nothing that the other writer changes, except the key."""
    with (
        a_local_registry(tmp_path / "store") as ada,
        a_local_registry(tmp_path / "store") as other,
    ):
        Programs(ada, tmp_path).register("qa", "1.0.0")
        append, overtaken = ada.context.entries.append, list[int]()

        def late(*given: Any) -> Any:
            if not overtaken:
                done = other.score("qa@1.0.0", {"em": 1}, operation_id="k")
                overtaken.extend(seqs(done))
            return append(*given)

        monkeypatch.setattr(ada.context.entries, "append", late)
        assert seqs(ada.score("qa@1.0.0", {"em": 1}, operation_id="k")) == overtaken
        assert length(ada) == 2
