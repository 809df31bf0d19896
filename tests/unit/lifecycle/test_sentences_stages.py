"""DESIGN 1, the ladder: promote, demote, archive, restore, sentence by sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from queries import (
    EU_BY_HAND,
    TWO_ON_TOP,
    configure,
    live_in,
    names_of,
    reasons_of,
    register_promoted,
    stage_of,
)

from dspyreg.errors import Refused, UsageError

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry

FOUR = "stages: {development: {}, trial: {}, staging: {}, production: {}}\n"


def test_a_version_that_leaves_the_top_rung_is_deprecated(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "1.1.0")
    assert stage_of(registry, "1.0.0") == "deprecated"
    assert reasons_of(registry, "1.0.0")[-1] == "Superseded by 1.1.0"


def test_a_version_keeps_the_top_stage_while_another_top_environment_serves_it(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, EU_BY_HAND)
    register_promoted(programs, "1.0.0")
    registry.deploy("qa@1.0.0", environment="eu")
    register_promoted(programs, "1.1.0")
    assert stage_of(registry, "1.0.0") == "production"
    registry.deploy("qa@1.1.0", environment="eu")
    assert stage_of(registry, "1.0.0") == "deprecated"


def test_replacing_a_version_below_the_top_deprecates_nothing(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    assert live_in(registry, "staging") == "1.1.0"
    assert stage_of(registry, "1.0.0") == "staging"


def test_restoring_a_deprecated_version_gives_it_the_rung_below_the_top(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, FOUR)
    register_promoted(programs, "1.0.0", 3)
    register_promoted(programs, "1.1.0", 3)
    registry.restore("qa@1.0.0")
    assert stage_of(registry, "1.0.0") == "staging"


@pytest.mark.parametrize("verb", ["promote", "demote"])
def test_an_archived_version_can_be_neither_promoted_nor_demoted(
    registry: Registry, programs: Programs, verb: str
) -> None:
    register_promoted(programs, "1.0.0", 0)
    registry.archive("qa@1.0.0")
    with pytest.raises(Refused):
        getattr(registry, verb)("qa@1.0.0")


def test_archiving_an_archived_version_reports_already(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    registry.archive("qa@1.0.0")
    again = registry.archive("qa@1.0.0")
    assert again.entry is None
    assert again.notices[0].startswith("already")


def test_a_version_in_development_cannot_be_demoted(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused):
        registry.demote("qa@1.0.0")


def test_a_version_that_is_not_archived_cannot_be_restored(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused, match="is not archived"):
        registry.restore("qa@1.0.0")


def test_restoring_an_archived_version_gives_it_the_first_rung(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    registry.archive("qa@1.0.0")
    registry.restore("qa@1.0.0")
    assert stage_of(registry, "1.0.0") == "development"


def test_promoting_a_deprecated_version_is_refused_with_a_hint_to_roll_back(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "1.1.0")
    with pytest.raises(Refused) as refusal:
        registry.promote("qa@1.0.0")
    assert "rollback" in str(refusal.value.hint)
    assert "--to" in str(refusal.value.hint)


def test_promoting_from_the_top_rung_is_refused(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0")
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0")


def test_skipping_a_rung_is_refused_and_names_it(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused) as refusal:
        registry.promote("qa@1.0.0", to="production")
    told = "Cannot promote from development to production; must be in staging first"
    assert str(refusal.value) == told


def test_promoting_to_a_lower_rung_is_refused(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0")
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", to="staging")


def test_the_title_of_a_rung_is_shown_and_accepted(registry: Registry, programs: Programs) -> None:
    configure(registry, "stages: {development: {}, staging: {title: QA}, production: {}}")
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused, match="must be in QA first"):
        registry.promote("qa@1.0.0", to="production")
    registry.promote("qa@1.0.0", to="QA")
    assert stage_of(registry, "1.0.0") == "staging"


def test_archiving_a_version_live_on_top_is_refused_and_names_its_environments(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TWO_ON_TOP)
    register_promoted(programs, "1.0.0")
    with pytest.raises(Refused, match=r"production, eu"):
        registry.archive("qa@1.0.0")


def test_force_withdraws_a_version_from_every_top_environment(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TWO_ON_TOP)
    register_promoted(programs, "1.0.0")
    done = registry.demote("qa@1.0.0", force=True, reason="it leaks")
    assert done.entry is not None
    assert done.entry.forced
    assert (live_in(registry, "production"), live_in(registry, "eu")) == (None, None)
    assert live_in(registry, "staging") == "1.0.0"


def test_force_needs_a_reason(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0")
    with pytest.raises(UsageError):
        registry.archive("qa@1.0.0", force=True, reason=" ")


def test_force_that_overrides_nothing_is_not_logged_as_force(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    done = registry.archive("qa@1.0.0", force=True, reason="R")
    assert done.entry is not None
    assert not done.entry.forced


def test_archiving_below_the_top_withdraws_the_version_with_a_notice(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    done = registry.archive("qa@1.0.0")
    assert live_in(registry, "staging") is None
    assert any("withdrawn from staging" in notice for notice in done.notices)


def test_a_protected_environment_below_the_top_is_protected_too(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {staging: {protected: true}}")
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(Refused, match="staging"):
        registry.demote("qa@1.0.0")


def test_a_demoted_version_that_still_qualifies_stays_live(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {protected: true}}")
    register_promoted(programs, "1.0.0", 1)
    registry.deploy("qa@1.0.0", environment="edge")
    registry.demote("qa@1.0.0")
    assert live_in(registry, "edge") == "1.0.0"
    with pytest.raises(Refused, match="edge"):
        registry.archive("qa@1.0.0")


@pytest.mark.parametrize("verb", ["demote", "archive", "restore"])
def test_demote_archive_and_restore_require_a_version(
    registry: Registry, programs: Programs, verb: str
) -> None:
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(UsageError):
        getattr(registry, verb)("qa")


def test_a_stage_has_its_own_reason_and_the_entry_the_reason_of_the_user(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    programs.register(label="1.1.0")
    registry.promote("qa@1.1.0")
    done = registry.promote("qa@1.1.0", to="production", reason="better on questions")
    assert done.entry is not None
    assert done.entry.reason == "better on questions"
    assert reasons_of(registry, "1.0.0")[-1] == "Superseded by 1.1.0"


def test_a_refused_promotion_is_logged_without_changes(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    before = names_of(registry)
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", to="production", reason="hurry")
    entry = registry.log()[0]
    assert (entry.operation, entry.outcome, entry.changes) == ("promote", "refused", ())
    assert names_of(registry) == before


def test_a_refused_archive_is_not_logged(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0")
    before = len(registry.log())
    with pytest.raises(Refused):
        registry.archive("qa@1.0.0")
    assert len(registry.log()) == before
