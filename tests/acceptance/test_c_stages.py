"""Group C: stages and promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import act_as

from dspyreg.errors import NotFound, Refused

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


def stage(registry: Registry, selector: str = "qa@1.0.0") -> str:
    return registry.show(selector).stage


def steps(registry: Registry, selector: str = "qa@1.0.0") -> list[tuple[str | None, str | None]]:
    return [(t.from_stage, t.to_stage) for t in registry.show(selector).transitions]


def test_c01_history_begins_with_development(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    assert stage(registry) == "development"
    assert steps(registry) == [(None, "development")]
    assert [entry.operation for entry in registry.log("qa")] == ["register"]


def test_c02_development_is_promoted_to_staging(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0")
    assert stage(registry) == "staging"


def test_c03_staging_is_promoted_to_production_and_goes_live(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0", to="staging")
    registry.promote("qa@1.0.0", to="production")
    assert stage(registry) == "production"
    assert "production" in registry.show("qa@1.0.0").live_in


def test_c04_a_rung_cannot_be_skipped(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    told = "Cannot promote from development to production; must be in staging first"
    with pytest.raises(Refused, match=told):
        registry.promote("qa@1.0.0", to="production")
    assert stage(registry) == "development"


def test_c07_staging_is_demoted_to_development(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0")
    registry.demote("qa@1.0.0")
    assert stage(registry) == "development"


@pytest.mark.parametrize("promotions", [0, 1], ids=["from_development", "from_staging"])
def test_c10_a_version_is_archived(registry: Registry, programs: Programs, promotions: int):
    programs.register(label="1.0.0")
    for rung in ("staging", "production")[:promotions]:
        registry.promote("qa@1.0.0", to=rung)
    registry.archive("qa@1.0.0")
    assert stage(registry) == "archived"


def test_c11_a_version_live_in_production_cannot_be_archived(
    registry: Registry, programs: Programs
):
    programs.in_production(label="1.0.0")
    with pytest.raises(Refused, match="live in production"):
        registry.archive("qa@1.0.0")
    assert stage(registry) == "production"


def test_c11_force_archives_a_live_version_and_leaves_production_empty(
    registry: Registry, programs: Programs
):
    programs.in_production(label="1.0.0")
    registry.archive("qa@1.0.0", force=True, reason="leaks a key")
    assert stage(registry) == "archived"
    assert registry.status("qa").environments["production"].live is None


def test_c12_an_archived_version_is_restored(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    registry.archive("qa@1.0.0")
    registry.restore("qa@1.0.0")
    assert stage(registry) == "development"


def test_c14_promoting_a_version_to_its_current_stage_changes_nothing(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0", to="staging")
    before = registry.log()
    again = registry.promote("qa@1.0.0", to="staging")
    assert again.entry is None
    assert again.notices[0].startswith("already")
    assert registry.log() == before


def test_c15_a_promotion_supersedes_the_live_version(registry: Registry, programs: Programs):
    programs.in_production(label="1.0.0")
    programs.in_production(label="1.1.0")
    assert stage(registry, "qa@1.0.0") == "deprecated"
    assert registry.show("qa@1.0.0").transitions[-1].reason == "Superseded by 1.1.0"
    on_top = registry.versions("qa", stage="production").versions
    assert [version.label for version in on_top] == ["1.1.0"]


def test_c18_a_stage_selector_names_the_newest_version_of_that_stage(
    registry: Registry, programs: Programs
):
    registry.apply("versioning: {strategy: timestamp}")
    programs.register(label="v1")
    programs.register(label="v2")
    registry.promote("qa@v2")
    assert registry.resolve("qa@stage:development").label == "v1"
    assert registry.resolve("qa@stage:staging").label == "v2"


def test_c20_a_promotion_records_who_and_when(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    act_as(registry, "alice")
    entry = registry.promote("qa@1.0.0").entry
    version = registry.show("qa@1.0.0")
    assert version.promoted_by == "alice"
    assert version.promoted_at == entry.time


def test_c21_transitions_are_listed_in_order(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0")
    assert steps(registry) == [(None, "development"), ("development", "staging")]
    times = [step.timestamp for step in registry.show("qa@1.0.0").transitions]
    assert times == sorted(times)


def test_c23_an_unknown_label_is_reported_with_its_program(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    with pytest.raises(NotFound) as caught:
        registry.promote("qa@7.0.0")
    assert "qa" in str(caught.value)
    assert "7.0.0" in str(caught.value)


def test_c25_production_versions_of_all_programs_are_listed(registry: Registry, programs: Programs):
    programs.in_production("qa", "1.0.0")
    programs.in_production("summarize", "1.0.0")
    programs.register("translate", "1.0.0")
    found = registry.versions(stage="production").versions
    assert [str(version) for version in found] == ["qa@1.0.0", "summarize@1.0.0"]


def test_c28_every_failing_rule_is_listed_and_nothing_moves(registry: Registry, programs: Programs):
    rules = 'metrics: ["accuracy >= 0.95"], min_test_coverage: 0.9, required_approvals: 2'
    registry.apply(f"policies: {{production: {{{rules}}}}}")
    programs.register(label="1.0.0", metrics={"accuracy": 0.9})
    registry.promote("qa@1.0.0")
    with pytest.raises(Refused) as caught:
        registry.promote("qa@1.0.0", to="production")
    told = str(caught.value)
    assert told.startswith("Validation failed: ")
    assert len(caught.value.failures) == 3
    assert all(failure in told for failure in caught.value.failures)
    assert registry.show("qa@1.0.0").stage == "staging"
    assert registry.status("qa").environments["production"].live is None
