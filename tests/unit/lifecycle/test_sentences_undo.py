"""DESIGN 2, undo: inverse changes, conflicts, soundness, whole operations."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_registry, act_as
from queries import configure, live_in, names_of, records, register_promoted, stage_of

from dspyreg.errors import Conflict, NotFound, Refused, UsageError
from dspyreg.model.entry import Change, Intent

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

ROOM_FOR_ONE = "versioning: {max_versions: 1}"


def seq_of(outcome: Outcome) -> int:
    """Return the seq of the newest entry of an outcome."""
    assert outcome.entry is not None
    return outcome.entry.seq


def test_an_undo_appends_the_inverse_changes_and_names_its_entry(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    before = names_of(registry)
    promoted = registry.promote("qa@1.0.0")
    undone = registry.undo()
    assert undone.entry is not None
    assert undone.entry.undoes == seq_of(promoted)
    assert names_of(registry) == before


def test_an_undo_keeps_reserved_names(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    registry.undo()
    assert {name.split("/")[0] for name in names_of(registry)} == {"reserved"}


def test_undo_and_redo_can_be_repeated_forever(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    before = names_of(registry)
    registry.promote("qa@1.0.0")
    after = names_of(registry)
    for _ in range(4):
        registry.undo()
        assert names_of(registry) == before
        registry.redo()
        assert names_of(registry) == after


def test_repeated_undo_without_a_number_goes_further_back(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    registry.undo()
    assert stage_of(registry, "1.0.0") == "staging"
    registry.undo()
    assert stage_of(registry, "1.0.0") == "development"
    registry.undo()
    with pytest.raises(Refused):
        registry.undo()


def test_repeated_redo_without_a_number_goes_forward(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    after = names_of(registry)
    for _ in range(3):
        registry.undo()
    for _ in range(3):
        registry.redo()
    assert names_of(registry) == after
    with pytest.raises(Refused):
        registry.redo()


def test_undoing_the_last_entry_of_one_program_leaves_other_programs_unchanged(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    programs.register("rag")
    registry.undo(program="qa")
    assert stage_of(registry, "1.0.0") == "development"
    assert registry.resolve("rag").number == 1
    with pytest.raises(Refused):
        registry.redo(program="rag")
    registry.redo(program="qa")
    assert stage_of(registry, "1.0.0") == "staging"


def test_undo_skips_entries_without_changes(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", to="development")
    registry.undo()
    assert stage_of(registry, "1.0.0") == "development"


def test_an_entry_without_changes_cannot_be_undone(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", to="development")
    with pytest.raises(Refused):
        registry.undo(registry.log()[0].seq)


def test_undoing_a_missing_entry_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound):
        registry.undo(7)
    with pytest.raises(NotFound):
        registry.redo(7)


def test_undo_without_a_number_refuses_an_entry_of_another_actor(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    act_as(registry, "bob")
    with pytest.raises(UsageError, match=r"entry 2 \(promote\), is by ada") as error:
        registry.undo()
    assert error.value.hint == "`dspyreg undo 2` if that is the one"
    registry.undo(2)
    assert stage_of(registry, "1.0.0") == "development"


def test_an_undo_in_conflict_names_the_later_entries(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    first, second = registry.promote("qa@1.0.0"), registry.promote("qa@1.0.0", to="production")
    before = names_of(registry)
    with pytest.raises(Conflict, match=rf"\b{seq_of(second)}\b"):
        registry.undo(seq_of(first))
    assert names_of(registry) == before


def test_a_redo_in_conflict_names_the_later_entries(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 1)
    undone = registry.undo()
    archived = registry.archive("qa@1.0.0")
    with pytest.raises(Conflict, match=rf"\b{seq_of(archived)}\b"):
        registry.redo(seq_of(undone))


def test_redoing_an_entry_that_depends_on_an_undone_one_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    second = registry.promote("qa@1.0.0", to="production")
    registry.undo()
    registry.undo()
    with pytest.raises(Conflict):
        registry.redo(seq_of(second))
    registry.redo()
    registry.redo(seq_of(second))
    assert stage_of(registry, "1.0.0") == "production"


def test_an_undo_that_would_disqualify_a_live_version_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {staging: {}, load: {rung: staging}}")
    register_promoted(programs, "1.0.0", 0)
    promoted = registry.promote("qa@1.0.0")
    registry.deploy("qa@1.0.0", environment="load")
    with pytest.raises(Conflict, match="load"):
        registry.undo(seq_of(promoted))


def test_undoing_the_registration_of_a_deployed_version_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    registered = programs.register(label="1.0.0")
    registry.deploy("qa@1.0.0", environment="development")
    register_promoted(programs, "2.0.0", 0)
    registry.deploy("qa@2.0.0", environment="development")
    with pytest.raises(Conflict, match="deployed to development"):
        registry.undo(seq_of(registered))


def test_a_registration_can_be_undone_after_its_deployment_was_undone(
    registry: Registry, programs: Programs
) -> None:
    registered = programs.register(label="1.0.0")
    registry.deploy("qa@1.0.0", environment="development")
    registry.undo()
    registry.undo(seq_of(registered))
    with pytest.raises(NotFound):
        registry.resolve("qa")


def test_a_registration_that_deploys_automatically_is_undone_as_a_whole(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {development: {auto_deploy: true}}")
    register_promoted(programs, "1.0.0", 0)
    register_promoted(programs, "2.0.0", 0)
    registry.undo()
    assert live_in(registry, "development") == "1.0.0"
    assert records(registry, "development") == [("1.0.0", "live")]


def test_undoing_an_undo_is_a_redo(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 1)
    undone = registry.undo()
    redone = registry.undo(seq_of(undone))
    assert redone.entry is not None
    assert (redone.entry.operation, redone.entry.undoes) == ("redo", seq_of(undone))
    assert stage_of(registry, "1.0.0") == "staging"


def test_undoing_a_redo_undoes_the_original(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    promoted = registry.promote("qa@1.0.0")
    registry.undo()
    redone = registry.redo()
    undone = registry.undo(seq_of(redone))
    assert undone.entry is not None
    assert (undone.entry.operation, undone.entry.undoes) == ("undo", seq_of(promoted))


def test_undoing_a_redo_whose_original_is_already_undone_reports_already(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    registry.undo()
    redone = registry.redo()
    registry.undo()
    again = registry.undo(seq_of(redone))
    assert again.entry is None
    assert again.notices[0].startswith("already")


def test_undoing_an_undone_entry_reports_already(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    promoted = registry.promote("qa@1.0.0")
    registry.undo()
    assert registry.undo(seq_of(promoted)).entry is None


def test_redo_accepts_the_number_of_the_undo_or_of_the_undone_entry(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    promoted = registry.promote("qa@1.0.0")
    undone = registry.undo()
    registry.redo(seq_of(promoted))
    assert registry.redo(seq_of(undone)).entry is None
    with pytest.raises(Refused):
        registry.redo(seq_of(promoted))


def test_redo_without_a_number_refuses_an_undo_of_another_actor(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    undone = registry.undo()
    with a_registry(registry.context.store, actor="bob") as bobs:
        with pytest.raises(UsageError, match=rf"{seq_of(undone)}\b.*ada"):
            bobs.redo()
        bobs.redo(seq_of(undone))
    assert stage_of(registry, "1.0.0") == "staging"


def test_any_actor_can_undo_any_entry_by_number(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 1)
    with a_registry(registry.context.store, actor="bob") as bobs:
        bobs.undo(2)
    assert stage_of(registry, "1.0.0") == "development"


def test_an_entry_that_only_reserves_names_cannot_be_undone(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    reserved = Change("reserved/qa/number", 1, 7)
    registry.context.entries.append(
        Intent("2026-11-01T12:00:00.000000Z", "ada", "note", "0" * 16, changes=(reserved,))
    )
    with pytest.raises(Refused, match="entry 2 changed nothing that could be undone"):
        registry.undo(2)
    assert registry.undo(dry_run=True).entries[0].undoes == 1


def test_undo_and_redo_report_that_policies_are_not_checked(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    for outcome in (registry.undo(), registry.redo()):
        assert any("policies" in notice for notice in outcome.notices)


@pytest.fixture
def crowded(registry: Registry, programs: Programs) -> Outcome:
    """The registration of a second version that archived the first."""
    configure(registry, ROOM_FOR_ONE)
    register_promoted(programs, "1.0.0", 0)
    return programs.register(label="2.0.0")


@pytest.mark.parametrize("nth", [0, 1])
def test_an_operation_of_several_entries_is_undone_as_a_whole(
    registry: Registry, crowded: Outcome, nth: int
) -> None:
    undone = registry.undo(crowded.entries[nth].seq)
    assert len(undone.entries) == 2
    assert any("2 entries" in notice for notice in undone.notices)
    assert stage_of(registry, "1.0.0") == "development"
    with pytest.raises(NotFound):
        registry.resolve("qa@2.0.0")


@pytest.mark.usefixtures("crowded")
def test_an_operation_of_several_entries_is_redone_as_a_whole_repeatedly(
    registry: Registry,
) -> None:
    after = names_of(registry)
    for _ in range(3):
        registry.undo()
        assert len(registry.redo().entries) == 2
        assert names_of(registry) == after


def test_an_operation_that_cannot_be_undone_as_a_whole_is_not_undone_at_all(
    registry: Registry, crowded: Outcome
) -> None:
    registry.promote("qa@2.0.0")
    before = names_of(registry)
    with pytest.raises(Conflict):
        registry.undo(crowded.entries[1].seq)
    assert names_of(registry) == before


@pytest.mark.usefixtures("crowded")
def test_a_dry_undo_of_an_operation_lists_all_of_its_entries(registry: Registry) -> None:
    before = names_of(registry)
    told = registry.undo(dry_run=True)
    assert [entry.undoes for entry in told.entries] == [3 + 1, 3]
    assert names_of(registry) == before


def test_a_past_read_shows_the_last_promotion_in_effect_then(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    promoted = registry.promote("qa@1.0.0")
    registry.undo()
    assert registry.show("qa@1.0.0").promoted_by is None
    assert registry.show("qa@1.0.0", at=str(seq_of(promoted))).promoted_by == "ada"


def test_archived_versions_are_listed_last_now_and_in_past_reads(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    register_promoted(programs, "2.0.0", 0)
    registry.archive("qa@2.0.0")
    now = registry.versions("qa", archived=True)
    then = registry.versions("qa", archived=True, at=str(registry.log()[0].seq))
    assert [version.label for version in now.versions] == ["1.0.0", "2.0.0"]
    assert now.texts == then.texts


def test_redoing_a_registration_after_another_registration_is_possible(
    registry: Registry, tmp_path: Path
) -> None:
    programs = Programs(registry, tmp_path)
    programs.register(label="1.0.0")
    undone = registry.undo()
    programs.register(label="2.0.0")
    registry.redo(seq_of(undone))
    assert [v.number for v in registry.versions("qa").versions] == [2, 1]


def test_an_entry_of_maximum_size_can_be_undone_with_a_long_reason(
    registry: Registry, programs: Programs
) -> None:
    programs.register()
    for count in range(1000, 0, -10):
        with suppress(UsageError):
            registry.score("qa@1.0.0", {f"m{nth:03}": 0.5 for nth in range(count)})
            break
    assert count > 500
    for _ in range(2):
        registry.undo(reason='"' * 4000)
        assert registry.show("qa").metrics == {}
        registry.redo(reason='"' * 4000)
        assert len(registry.show("qa").metrics) == count
