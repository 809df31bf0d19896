"""The candidates that the registry gives a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dspyreg.registry.read.completion import MOST, candidates

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry

_TOO_MANY = MOST + 20


@pytest.fixture
def crowded(registry: Registry, programs: Programs) -> Registry:
    """A registry with more versions of ``qa`` than are offered: 1.0.0, 1.0.1 and so on."""
    for number in range(_TOO_MANY):
        programs.register("qa", f"1.0.{number}")
    return registry


def test_a_single_program_is_offered_with_and_without_the_at_sign(
    registry: Registry, programs: Programs
) -> None:
    programs.register("qa")
    assert candidates(registry.context, "selector", "q") == ["qa", "qa@"]


def test_several_programs_are_offered_without_the_at_sign(
    registry: Registry, programs: Programs
) -> None:
    programs.register("qa")
    programs.register("quiz")
    assert candidates(registry.context, "selector", "q") == ["qa", "quiz"]


def test_a_program_whose_registration_was_undone_is_not_offered(
    registry: Registry, programs: Programs
) -> None:
    programs.register("qa")
    registry.undo()
    assert candidates(registry.context, "program", "") == []


def test_a_label_whose_registration_was_undone_is_not_offered(
    registry: Registry, programs: Programs
) -> None:
    programs.register("qa", "1.0.0")
    programs.register("qa", "1.1.0")
    registry.undo()
    assert candidates(registry.context, "label", "qa@") == ["1.0.0"]


def test_an_archived_version_is_offered_to_restore(registry: Registry, programs: Programs) -> None:
    programs.register("qa", "1.0.0")
    registry.archive("qa@1.0.0")
    assert "qa@1.0.0" in candidates(registry.context, "selector", "qa@1")


def test_an_empty_environment_is_not_offered_as_a_selector(
    registry: Registry, programs: Programs
) -> None:
    programs.register("qa", "1.0.0")
    assert candidates(registry.context, "selector", "qa@prod") == []


def test_the_previous_version_is_offered_only_where_it_exists(
    registry: Registry, programs: Programs
) -> None:
    programs.in_production("qa")
    assert candidates(registry.context, "selector", "qa@production") == ["qa@production"]


def test_labels_of_another_program_are_not_offered(registry: Registry, programs: Programs) -> None:
    programs.register("qa", "1.0.0")
    programs.register("qa-2", "2.0.0")
    assert candidates(registry.context, "label", "qa@") == ["1.0.0"]


def test_the_first_rung_is_not_offered_to_promote_to(registry: Registry) -> None:
    assert candidates(registry.context, "rung", "") == ["staging", "production"]


def test_an_unknown_kind_has_no_candidates(registry: Registry) -> None:
    assert candidates(registry.context, "colour", "") == []


def test_the_newest_of_many_labels_are_offered(crowded: Registry) -> None:
    told = candidates(crowded.context, "label", "qa@1.0")
    assert len(told) == MOST
    assert f"1.0.{_TOO_MANY - 1}" in told


def test_the_first_and_last_of_many_labels_are_offered(crowded: Registry) -> None:
    every = sorted(f"1.0.{number}" for number in range(_TOO_MANY))
    assert {every[0], every[-1]} <= set(candidates(crowded.context, "label", "qa@1.0"))


def test_matching_labels_are_offered_however_old_they_are(crowded: Registry) -> None:
    assert candidates(crowded.context, "label", "qa@1.0.1") == sorted(
        f"1.0.{number}" for number in range(_TOO_MANY) if str(number).startswith("1")
    )


def test_the_first_and_last_of_many_programs_are_offered(
    registry: Registry, programs: Programs
) -> None:
    for number in range(_TOO_MANY):
        programs.register(f"p{number:03}")
    told = candidates(registry.context, "program", "p")
    assert (len(told), told[0], told[-1]) == (MOST + 1, "p000", f"p{_TOO_MANY - 1:03}")


def test_a_label_that_looks_like_an_option_is_not_offered(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.apply("versioning: {strategy: timestamp}")
    monkeypatch.setattr("dspyreg.model.label._ANY", ".+")  # as a foreign writer may have it
    for label in ("1.0.0", "-rf"):
        programs.register("qa", label)
    assert candidates(registry.context, "label", "qa@") == ["1.0.0"]
