"""DESIGN 1, labels: their form, their permanence, and automatic ones."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from builders import Clock, Programs, a_registry
from queries import configure, live_in, register_promoted, stage_of

from dspyreg.errors import Conflict, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

TIMESTAMP, INTEGER = "versioning: {strategy: timestamp}", "versioning: {strategy: integer}"


def kept(registry: Registry) -> list[int]:
    """Return the numbers of the versions that are not archived."""
    return sorted(version.number for version in registry.versions("qa").versions)


def label_of(programs: Programs, content: str | None = None, **more: object) -> str:
    """Register a version of qa and return its label."""
    made = programs.register(content=content, **more)
    assert made.version is not None
    return made.version.label


def test_the_first_automatic_label_is_1_0_0(programs: Programs) -> None:
    assert label_of(programs) == "1.0.0"
    assert label_of(programs) == "1.0.1"


@pytest.mark.parametrize(
    ("bump", "label"), [("major", "2.0.0"), ("minor", "1.1.0"), ("patch", "1.0.1")]
)
def test_a_bump_counts_from_the_latest_version(programs: Programs, bump: str, label: str) -> None:
    label_of(programs)
    assert label_of(programs, bump=bump) == label


def test_automatic_labels_continue_from_the_highest_label_even_if_archived(
    registry: Registry, programs: Programs
) -> None:
    for label in ("2.3.0", "2.4.0-rc.1", "2.1.0"):
        programs.register(label=label)
    registry.archive("qa@2.3.0")
    assert label_of(programs) == "2.3.1"
    for label in ("2.1.0", "2.3.1", "2.4.0-rc.1"):
        registry.archive(f"qa@{label}")
    assert label_of(programs, bump="minor") == "2.4.0"


def test_automatic_labels_do_not_count_from_an_undone_registration(
    registry: Registry, programs: Programs
) -> None:
    programs.register(label="1.0.0")
    programs.register(label="7.0.0")
    registry.undo()
    assert label_of(programs) == "1.0.1"


def test_a_copy_is_labelled_after_the_highest_label_even_if_archived(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "1.1.0")
    programs.register(label="3.0.0")
    registry.archive("qa@3.0.0")
    registry.rollback("qa", as_new_version=True)
    assert live_in(registry) == "3.0.1"


def test_a_label_with_a_leading_v_gets_a_hint(programs: Programs) -> None:
    with pytest.raises(UsageError, match="Invalid version format") as error:
        programs.register(label="v1.2.0")
    assert "1.2.0" in str(error.value.hint)


@pytest.mark.parametrize("label", ["latest", "staging", "production", "archived", "deprecated"])
def test_a_label_named_like_a_stage_or_environment_is_refused(
    registry: Registry, programs: Programs, label: str
) -> None:
    configure(registry, TIMESTAMP)
    with pytest.raises(UsageError):
        programs.register(label=label)


def test_a_bare_number_is_accepted_only_by_the_integer_strategy(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TIMESTAMP)
    with pytest.raises(UsageError):
        programs.register(label="7")
    configure(registry, INTEGER)
    programs.register(label="7")
    assert registry.resolve("qa@7").number == 1


def test_two_timestamp_labels_in_one_second_differ(tmp_path: Path) -> None:
    clock = Clock()
    with a_registry(clock=clock) as registry:
        configure(registry, TIMESTAMP)
        programs, labels = Programs(registry, tmp_path), list[str]()
        for _ in range(2):
            clock.advance(timedelta(seconds=-4))
            labels.append(label_of(programs))
    assert all(re.fullmatch(r"v\d{8}_\d{6}(_2)?", label) for label in labels)
    assert len(set(labels)) == 2


def test_automatic_labels_skip_every_label_used_before(
    registry: Registry, programs: Programs
) -> None:
    label_of(programs)
    registry.undo()
    assert label_of(programs) == "1.0.1"


def test_version_numbers_are_never_reused(registry: Registry, programs: Programs) -> None:
    label_of(programs)
    registry.undo()
    made = programs.register()
    assert made.version is not None
    assert made.version.number == 2


def test_a_label_of_an_undone_registration_returns_only_with_the_same_content(
    registry: Registry, programs: Programs
) -> None:
    programs.register(label="1.0.0", content="a")
    registry.undo()
    with pytest.raises(Conflict):
        programs.register(label="1.0.0", content="b")
    programs.register(label="1.0.0", content="a")
    assert registry.resolve("qa@1.0.0").number == 2


def test_redoing_a_registration_whose_label_is_used_again_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    programs.register(label="1.0.0", content="a")
    undone = registry.undo()
    assert undone.entry is not None
    programs.register(label="1.0.0", content="a")
    with pytest.raises(Conflict):
        registry.redo(undone.entry.seq)


def test_redoing_a_registration_whose_label_now_names_an_environment_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TIMESTAMP)
    programs.register(label="edge")
    undone = registry.undo()
    assert undone.entry is not None
    configure(registry, "environments: {edge: {}}")
    with pytest.raises(Conflict, match="edge"):
        registry.redo(undone.entry.seq)


def test_a_program_whose_registration_was_undone_is_not_found(
    registry: Registry, programs: Programs
) -> None:
    programs.register()
    registry.undo()
    with pytest.raises(NotFound):
        registry.resolve("qa")
    with pytest.raises(NotFound):
        registry.status("qa")


@pytest.mark.parametrize(("content", "word"), [("a", "the same"), ("b", "other")])
def test_an_existing_label_is_a_conflict_that_compares_the_content(
    programs: Programs, content: str, word: str
) -> None:
    programs.register(label="1.0.0", content="a")
    with pytest.raises(Conflict, match=rf"Version 1\.0\.0 already exists.*{word}"):
        programs.register(label="1.0.0", content=content)


def test_registering_the_same_content_with_exist_ok_reports_already(programs: Programs) -> None:
    programs.register(label="1.0.0", content="a")
    again = programs.register(label="1.0.0", content="a", exist_ok=True)
    assert again.entry is None
    assert again.notices[0].startswith("already")
    with pytest.raises(Conflict):
        programs.register(label="1.0.0", content="b", exist_ok=True)


def test_registering_the_latest_program_again_without_a_label_is_refused(
    programs: Programs,
) -> None:
    programs.register(content="a")
    with pytest.raises(Refused) as refusal:
        programs.register(content="a")
    assert "--version" in str(refusal.value.command_hint)
    assert "--force" in str(refusal.value.command_hint)
    assert label_of(programs, "a", force=True) == "1.0.1"


def test_registering_the_same_program_under_another_label_gives_a_notice(
    programs: Programs,
) -> None:
    programs.register(label="1.0.0", content="a")
    made = programs.register(label="1.1.0", content="a")
    assert "the same content as 1.0.0" in made.notices


def test_a_program_name_that_differs_only_in_case_is_a_conflict(programs: Programs) -> None:
    programs.register("qa")
    with pytest.raises(Conflict):
        programs.register("QA")


def test_an_archived_version_is_neither_latest_nor_matched_by_ranges(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    register_promoted(programs, "1.1.0", 0)
    registry.archive("qa@1.1.0")
    assert registry.resolve("qa").label == "1.0.0"
    assert registry.resolve("qa@^1").label == "1.0.0"
    assert registry.resolve("qa@1.1.0").number == 2


def test_exceeding_max_versions_archives_the_oldest_in_the_same_operation(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "versioning: {max_versions: 2}")
    for _ in range(3):
        made = programs.register()
    assert kept(registry) == [2, 3]
    assert [entry.operation for entry in made.entries] == ["register", "archive"]
    assert len({entry.operation_id for entry in made.entries}) == 1


def test_a_dry_registration_names_the_version_it_would_archive(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "versioning: {max_versions: 1}")
    programs.register()
    told = programs.register(dry_run=True)
    assert [entry.operation for entry in told.entries] == ["register", "archive"]
    assert kept(registry) == [1]


def test_max_versions_never_archives_a_live_version(registry: Registry, programs: Programs) -> None:
    configure(registry, "versioning: {max_versions: 2}")
    register_promoted(programs, "1.0.0", 1)
    for _ in range(2):
        programs.register()
    assert kept(registry) == [1, 3]
    assert live_in(registry, "staging") == "1.0.0"


def test_max_versions_never_archives_the_version_just_registered(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "versioning: {max_versions: 1}")
    register_promoted(programs, "1.0.0", 1)
    programs.register()
    assert kept(registry) == [1, 2]


def test_max_versions_never_archives_the_target_of_a_rollback(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "versioning: {max_versions: 2}")
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    programs.register()
    assert kept(registry) == [1, 2, 3]


def test_max_versions_keeps_the_rollback_target_when_nothing_is_live(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "versioning: {max_versions: 2}")
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.archive("qa@2.0.0", force=True, reason="leaks")
    for _ in range(2):
        programs.register()
    assert stage_of(registry, "1.0.0") == "deprecated"
    registry.rollback("qa")
    assert live_in(registry) == "1.0.0"
