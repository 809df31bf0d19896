"""DESIGN 1, rollback: the previous version, --to, --as-new-version."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from queries import (
    EU_BY_HAND,
    TWO_ON_TOP,
    configure,
    live_in,
    names_of,
    reasons_of,
    records,
    register_promoted,
    stage_of,
)

from dspyreg.errors import Corrupt, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def three(registry: Registry, programs: Programs) -> Registry:
    """A registry in which three versions were live in production, one after the other."""
    for label in ("1.0.0", "2.0.0", "3.0.0"):
        register_promoted(programs, label)
    return registry


def test_four_rollbacks_of_three_releases_stop_at_the_first(three: Registry) -> None:
    three.rollback("qa")
    assert live_in(three) == "2.0.0"
    three.rollback("qa")
    assert live_in(three) == "1.0.0"
    for _ in range(2):
        with pytest.raises(Refused, match="No previous version to rollback to"):
            three.rollback("qa")
    assert live_in(three) == "1.0.0"


def test_the_tilde_selector_names_the_target_of_the_next_rollback(three: Registry) -> None:
    assert three.resolve("qa@production~1").label == "2.0.0"
    three.rollback("qa")
    assert three.resolve("qa@production~1").label == "1.0.0"
    three.rollback("qa")
    with pytest.raises(NotFound):
        three.resolve("qa@production~1")


def test_a_rollback_marks_the_left_version_rolled_back_and_deprecated(three: Registry) -> None:
    three.rollback("qa", reason="high error rate")
    assert records(three) == [
        ("1.0.0", "superseded"),
        ("2.0.0", "superseded"),
        ("3.0.0", "rolled_back"),
        ("2.0.0", "live"),
    ]
    assert stage_of(three, "3.0.0") == "deprecated"
    assert reasons_of(three, "3.0.0")[-1] == "Rolled back to 2.0.0"
    assert reasons_of(three, "2.0.0")[-1] == "Rollback: high error rate"


def test_a_rollback_deployment_names_the_deployment_it_restores(three: Registry) -> None:
    first = three.rollback("qa")
    second = three.rollback("qa", to="3.0.0")
    names = names_of(three)
    made = [value for name, value in names.items() if name.startswith("deployments/qa/production")]
    restores = {value["number"]: value["restores"] for value in made if value["restores"]}
    assert restores.keys() == {2, 3}
    assert first.deployments[0].deployment_id not in restores.values()
    [view] = second.deployments
    assert view.rollback_from_label == "2.0.0"
    assert view.rollback_from == first.deployments[0].deployment_id
    assert view.restores == restores[3]


def test_a_rollback_after_a_forward_rollback_returns_to_the_left_version(three: Registry) -> None:
    three.rollback("qa")
    three.rollback("qa")
    three.rollback("qa", to="3.0.0")
    assert ("1.0.0", "superseded") in records(three)
    three.rollback("qa")
    assert live_in(three) == "1.0.0"


def test_a_rollback_after_a_forward_rollback_skips_the_rolled_back_version(three: Registry) -> None:
    three.rollback("qa")
    three.rollback("qa", to="3.0.0")
    three.rollback("qa")
    assert live_in(three) == "2.0.0"


def test_a_backward_rollback_marks_the_left_version_rolled_back(three: Registry) -> None:
    three.rollback("qa", to="1.0.0")
    assert records(three)[2] == ("3.0.0", "rolled_back")
    with pytest.raises(Refused):
        three.rollback("qa")


def test_a_rollback_of_a_release_after_a_rollback_returns_to_its_target(
    three: Registry, programs: Programs
) -> None:
    three.rollback("qa")
    register_promoted(programs, "4.0.0")
    three.rollback("qa")
    assert live_in(three) == "2.0.0"
    three.rollback("qa")
    assert live_in(three) == "1.0.0"


def test_rollback_skips_versions_rolled_back_since(registry: Registry, programs: Programs) -> None:
    configure(registry, "environments: {staging: {auto_deploy: false}}")
    for label in ("1.0.0", "2.0.0", "3.0.0", "4.0.0"):
        register_promoted(programs, label, 1)
    for label in ("1.0.0", "2.0.0", "3.0.0", "2.0.0"):
        registry.deploy(f"qa@{label}", environment="staging")
    registry.rollback("qa", environment="staging")
    assert live_in(registry, "staging") == "3.0.0"
    registry.rollback("qa", environment="staging")
    assert live_in(registry, "staging") == "1.0.0"


def test_rollback_skips_an_archived_version_unless_named(three: Registry) -> None:
    three.archive("qa@2.0.0")
    three.rollback("qa")
    assert live_in(three) == "1.0.0"
    three.rollback("qa", to="2.0.0")
    assert live_in(three) == "2.0.0"
    assert stage_of(three, "2.0.0") == "production"


def test_rollback_after_a_withdrawal_restores_the_version_before_the_withdrawn_one(
    three: Registry,
) -> None:
    three.archive("qa@3.0.0", force=True, reason="leaks")
    assert live_in(three) is None
    assert three.resolve("qa@production~1").label == "2.0.0"
    three.rollback("qa")
    assert live_in(three) == "2.0.0"
    assert records(three)[2] == ("3.0.0", "withdrawn")


def test_a_withdrawn_version_is_not_previous(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0")
    registry.demote("qa@1.0.0", force=True, reason="R")
    with pytest.raises(Refused, match="No previous version"):
        registry.rollback("qa")


def test_a_withdrawn_version_is_restored_by_name(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0")
    registry.archive("qa@1.0.0", force=True, reason="R")
    registry.rollback("qa", to="1.0.0")
    assert (live_in(registry), stage_of(registry, "1.0.0")) == ("1.0.0", "production")


def test_after_rollback_and_withdrawal_previous_precedes_the_restored_version(
    three: Registry,
) -> None:
    three.rollback("qa")
    three.archive("qa@2.0.0", force=True, reason="R")
    assert three.resolve("qa@production~1").label == "1.0.0"


def test_rollback_to_the_live_version_reports_already(three: Registry) -> None:
    again = three.rollback("qa", to="3.0.0")
    assert again.entry is None
    assert again.notices[0].startswith("already")


def test_rollback_to_a_version_that_was_never_live_there_needs_force(
    three: Registry, programs: Programs
) -> None:
    register_promoted(programs, "4.0.0", 1)
    with pytest.raises(Refused, match="never live"):
        three.rollback("qa", to="4.0.0")
    done = three.rollback("qa", to="4.0.0", force=True, reason="fire")
    assert (live_in(three), stage_of(three, "4.0.0")) == ("4.0.0", "production")
    assert done.entry is not None
    assert done.entry.forced


def test_forced_rollback_refuses_an_archived_version_that_was_never_live(
    three: Registry, programs: Programs
) -> None:
    register_promoted(programs, "4.0.0", 1)
    three.archive("qa@4.0.0")
    with pytest.raises(Refused) as refused:
        three.rollback("qa", to="4.0.0", force=True, reason="fire")
    assert refused.value.hint == "`dspyreg restore qa@4.0.0` first"


def test_a_refused_rollback_names_the_environment_for_the_next_command(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TWO_ON_TOP)
    register_promoted(programs, "1.0.0")
    there = [place.name for place in registry.configuration().of_rung("production")]
    for place in there:
        with pytest.raises(Refused) as refused:
            registry.rollback("qa", environment=place)
        option = "" if place == "production" else f" --env {place}"
        assert f"`dspyreg rollback qa{option} --to VERSION`" in str(refused.value.hint)


def test_a_forced_rollback_to_a_new_version_restores_no_deployment(
    three: Registry, programs: Programs
) -> None:
    register_promoted(programs, "4.0.0", 1)
    done = three.rollback("qa", to="4.0.0", force=True, reason="fire")
    assert done.entry is not None
    made = [c.new for c in done.entry.changes if c.old is None and "deployments" in c.name]
    assert made[0]["restores"] is None


def test_a_deployment_that_was_undone_does_not_count_as_having_been_live(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.undo()
    with pytest.raises(Refused, match="never live"):
        registry.rollback("qa", to="2.0.0")


def test_rollback_is_refused_where_it_is_disabled(registry: Registry, programs: Programs) -> None:
    configure(registry, "environments: {production: {rollback_enabled: false}}")
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    with pytest.raises(Refused, match="disabled"):
        registry.rollback("qa")


def test_rollback_below_the_top_keeps_a_deprecated_version_deprecated(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.rollback("qa", environment="staging")
    assert live_in(registry, "staging") == "1.0.0"
    assert stage_of(registry, "1.0.0") == "deprecated"


def test_rollback_gives_at_least_the_rung_of_the_environment(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "2.0.0", 1)
    registry.demote("qa@1.0.0")
    registry.rollback("qa", environment="staging")
    assert stage_of(registry, "1.0.0") == "staging"
    assert reasons_of(registry, "1.0.0")[-1] == "Rollback"


def test_rollback_without_a_rung_gives_an_archived_version_the_first_rung(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {}}")
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "2.0.0", 1)
    for label in ("1.0.0", "2.0.0"):
        registry.deploy(f"qa@{label}", environment="edge")
    registry.archive("qa@1.0.0")
    registry.rollback("qa", environment="edge", to="1.0.0")
    assert stage_of(registry, "1.0.0") == "development"


def test_rollback_without_a_rung_changes_no_other_stage(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {}}")
    register_promoted(programs, "1.0.0", 0)
    register_promoted(programs, "2.0.0", 0)
    for label in ("1.0.0", "2.0.0"):
        registry.deploy(f"qa@{label}", environment="edge")
    registry.rollback("qa", environment="edge")
    assert stage_of(registry, "1.0.0") == "development"


def test_each_environment_has_its_own_history(registry: Registry, programs: Programs) -> None:
    configure(registry, EU_BY_HAND)
    register_promoted(programs, "1.0.0")
    registry.deploy("qa@1.0.0", environment="eu")
    register_promoted(programs, "2.0.0")
    registry.rollback("qa")
    with pytest.raises(Refused, match="No previous version to rollback to in eu"):
        registry.rollback("qa", environment="eu")
    assert stage_of(registry, "2.0.0") == "deprecated"


def test_a_left_version_keeps_its_stage_while_another_top_environment_serves_it(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TWO_ON_TOP)
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.rollback("qa", environment="eu")
    assert (stage_of(registry, "1.0.0"), stage_of(registry, "2.0.0")) == ("production",) * 2
    registry.rollback("qa", environment="production")
    assert stage_of(registry, "2.0.0") == "deprecated"


def test_rollback_to_a_missing_version_is_not_found(three: Registry) -> None:
    with pytest.raises(NotFound, match=re.escape("7.0.0")):
        three.rollback("qa", to="7.0.0")
    assert live_in(three) == "3.0.0"


def test_rollback_to_a_version_with_missing_files_is_refused_as_corrupt(three: Registry) -> None:
    for file in three.show("qa@2.0.0").files:
        three.context.blobs.delete(file.digest, if_older_than=timedelta(0))
    with pytest.raises(Corrupt):
        three.rollback("qa")
    assert live_in(three) == "3.0.0"


def test_rollback_as_a_new_version_copies_the_files_under_the_next_patch_label(
    three: Registry,
) -> None:
    three.rollback("qa", as_new_version=True)
    copy = three.show("qa@production")
    assert (copy.label, copy.number, copy.stage) == ("3.0.1", 4, "production")
    assert copy.files == three.show("qa@2.0.0").files
    assert copy.metadata["rollback_from"] == "3.0.0"
    assert copy.metadata["rollback_to"] == "2.0.0"
    assert copy.metadata["rollback_timestamp"] == copy.created_at
    assert stage_of(three, "2.0.0") == "deprecated"


def test_a_copy_continues_the_history_of_its_original(three: Registry) -> None:
    three.rollback("qa", as_new_version=True)
    three.rollback("qa")
    assert live_in(three) == "1.0.0"


def test_rollback_as_a_new_version_does_not_copy_metrics(
    registry: Registry, programs: Programs
) -> None:
    programs.register(label="1.0.0", metrics={"em": 0.8})
    for rung in ("staging", "production"):
        registry.promote("qa@1.0.0", to=rung)
    register_promoted(programs, "2.0.0")
    registry.rollback("qa", as_new_version=True)
    assert registry.show("qa@production").metrics == {}


@pytest.mark.parametrize("strategy", ["timestamp", "integer"])
def test_a_copy_is_labelled_by_the_versioning_strategy(
    registry: Registry, programs: Programs, strategy: str
) -> None:
    configure(registry, f"versioning: {{strategy: {strategy}}}")
    register_promoted(programs, "a")
    register_promoted(programs, "b")
    registry.rollback("qa", as_new_version=True)
    copy = registry.resolve("qa@production")
    assert copy.number == 3
    assert re.fullmatch(r"v\d{8}_\d{6}" if strategy == "timestamp" else "3", copy.label)


def test_a_copy_is_labelled_automatically_even_without_auto_increment(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "versioning: {auto_increment: false, require_changelog: true}")
    for label in ("1.0.0", "2.0.0"):
        programs.register(label=label, changelog="said")
        for rung in ("staging", "production"):
            registry.promote(f"qa@{label}", to=rung)
    registry.rollback("qa", as_new_version=True)
    assert live_in(registry) == "2.0.1"


def test_a_copy_counts_against_max_versions(registry: Registry, programs: Programs) -> None:
    configure(registry, "versioning: {max_versions: 4}")
    for label in ("1.0.0", "2.0.0", "3.0.0", "4.0.0"):
        register_promoted(programs, label)
    registry.rollback("qa", as_new_version=True)
    assert registry.versions("qa").total == 4
    assert stage_of(registry, "1.0.0") == "archived"


def test_copying_the_live_version_reports_already(three: Registry) -> None:
    assert three.rollback("qa", to="3.0.0", as_new_version=True).entry is None


def test_rollback_of_a_version_instead_of_a_program_is_a_usage_error(three: Registry) -> None:
    with pytest.raises(UsageError) as error:
        three.rollback("qa@2.0.0")
    assert "--to 2.0.0" in str(error.value.hint)


def test_a_refused_rollback_is_logged_without_changes(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    with pytest.raises(Refused):
        registry.rollback("qa", reason="R")
    entry = registry.log()[0]
    assert (entry.operation, entry.outcome, entry.changes) == ("rollback", "refused", ())
