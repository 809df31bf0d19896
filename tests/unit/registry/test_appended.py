"""Errors report which entries were already written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_local_registry

from dspyreg.errors import OutcomeUnknown, Refused, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry on disk."""
    with a_local_registry(tmp_path / "store") as registry:
        yield registry


def notes(error: BaseException) -> list[str]:
    return [note for note in getattr(error, "__notes__", []) if not note.startswith("hint: ")]


def appending(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, how: Callable[[Callable[[], Any]], Any]
) -> None:
    """Wrap each append with a failing function."""
    append = registry.context.store.journal.append
    monkeypatch.setattr(
        registry.context.store.journal, "append", lambda *given: how(lambda: append(*given))
    )


def full(_: Callable[[], Any]) -> Any:
    raise StorageError("cannot write the log: no room", hint="make room and try again")


def interrupted_before(_: Callable[[], Any]) -> Any:
    raise KeyboardInterrupt


def interrupted_after(append: Callable[[], Any]) -> Any:
    append()
    raise KeyboardInterrupt


def test_a_full_disk_changes_nothing_and_the_error_says_so(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")
    appending(registry, monkeypatch, full)
    with pytest.raises(StorageError) as failed:
        registry.promote("qa@1.0.0")
    assert notes(failed.value) == ["nothing was changed"]
    assert failed.value.entries == ()


def test_an_interrupt_before_the_commit_reports_that_nothing_changed(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")
    appending(registry, monkeypatch, interrupted_before)
    with pytest.raises(KeyboardInterrupt) as stopped:
        registry.promote("qa@1.0.0")
    assert notes(stopped.value) == ["nothing was changed"]


def test_an_interrupt_right_after_the_commit_reports_that_it_happened(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")
    appending(registry, monkeypatch, interrupted_after)
    with pytest.raises(KeyboardInterrupt) as stopped:
        registry.promote("qa@1.0.0")
    assert notes(stopped.value) == ["it happened: entry 2; nothing more was changed"]
    assert registry.show("qa").stage == "staging"


def test_an_interrupt_with_an_unreadable_log_raises_outcome_unknown(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    def unreadable(append: Callable[[], Any]) -> Any:
        append()
        monkeypatch.setattr(registry.context.store.journal, "read", full)
        raise KeyboardInterrupt

    programs.register("qa", "1.0.0")
    appending(registry, monkeypatch, unreadable)
    with pytest.raises(OutcomeUnknown) as failed:
        registry.promote("qa@1.0.0")
    assert notes(failed.value) == []
    monkeypatch.undo()


def test_an_error_after_the_commit_carries_the_entry(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")

    def broken() -> None:
        raise StorageError("the index could not be read")

    monkeypatch.setattr(registry.context.entries, "_follow_at_intervals", broken)
    with pytest.raises(StorageError) as failed:
        registry.promote("qa@1.0.0")
    assert [entry.seq for entry in failed.value.entries] == [2]
    assert notes(failed.value) == ["it happened: entry 2; nothing more was changed"]


def test_a_logged_refusal_is_not_reported_as_an_entry_that_happened(
    registry: Registry, programs: Programs
):
    programs.register("qa", "1.0.0")
    with pytest.raises(Refused) as refused:
        registry.promote("qa@1.0.0", to="production")
    assert registry.log()[0].outcome == "refused"
    assert refused.value.entries == ()
    assert notes(refused.value) == []


def test_an_interrupted_undo_of_several_entries_reports_its_progress(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")
    registry.apply("versioning: {max_versions: 1}")
    programs.register("qa", "1.1.0")
    calls = list[int]()

    def full_the_second_time(append: Callable[[], Any]) -> Any:
        calls.append(1)
        return append() if len(calls) == 1 else full(append)

    appending(registry, monkeypatch, full_the_second_time)
    with pytest.raises(StorageError) as failed:
        registry.undo()
    assert notes(failed.value) == ["it happened: entry 5; nothing more was changed"]


def test_a_registration_is_kept_when_archiving_the_surplus_fails(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")
    registry.apply("versioning: {max_versions: 1}")
    calls = list[int]()

    def full_the_second_time(append: Callable[[], Any]) -> Any:
        calls.append(1)
        return append() if len(calls) == 1 else full(append)

    appending(registry, monkeypatch, full_the_second_time)
    done = programs.register("qa", "1.1.0")
    assert [entry.operation for entry in done.entries] == ["register"]
    assert "more than 1 versions of qa stay: cannot write the log: no room" in done.notices


def test_entries_of_one_operation_are_not_reported_by_the_next(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register("qa", "1.0.0")
    registry.promote("qa@1.0.0")
    appending(registry, monkeypatch, full)
    with pytest.raises(StorageError) as failed:
        registry.demote("qa@1.0.0")
    assert failed.value.entries == ()
