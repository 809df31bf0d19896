"""Stages: the table of DESIGN 1, and the forms of promote."""

from __future__ import annotations

import pytest
from builders import Rules, a_config, an_environment

from dspyreg.errors import NotFound, Refused, UsageError
from dspyreg.lifecycle.deploy import deploy
from dspyreg.lifecycle.rollback import rollback
from dspyreg.lifecycle.stages import archive, demote, promote, restore
from dspyreg.model.selector import Selector

REFUSED = "refused"
ALREADY = "already"
ACTS = {"promote": promote, "demote": demote, "archive": archive, "restore": restore}
TABLE = {
    "development": ("staging", REFUSED, "archived", REFUSED),
    "staging": ("staging", "development", "archived", REFUSED),
    "production": (REFUSED, "staging", "archived", REFUSED),
    "deprecated": (REFUSED, REFUSED, "archived", "staging"),
    "archived": (REFUSED, REFUSED, ALREADY, "development"),
}
CELLS = [
    (stage, act, becomes)
    for stage, row in TABLE.items()
    for act, becomes in zip(ACTS, row, strict=True)
]
QA = Selector.parse("qa")
V1, V2, V3 = (Selector.parse(f"qa@{n}.0.0") for n in (1, 2, 3))


def rules(*stages: str) -> Rules:
    """Return the rules with versions 1.0.0, 2.0.0 … on these stages, live nowhere."""
    found = Rules()
    for nth, stage in enumerate(stages, start=1):
        found.state.add("qa", f"{nth}.0.0", stage)
    return found


@pytest.mark.parametrize(("stage", "act", "becomes"), CELLS)
def test_every_stage_change_has_its_documented_result(stage: str, act: str, becomes: str):
    on = rules(stage)
    if becomes == REFUSED:
        with pytest.raises(Refused):
            on.carry_out(ACTS[act], V1)
    else:
        plan = on.carry_out(ACTS[act], V1)
        assert (plan.already is not None) is (becomes == ALREADY)
    assert on.stage("1.0.0") == {REFUSED: stage, ALREADY: stage}.get(becomes, becomes)


def test_only_the_first_rung_can_be_left_without_naming_a_target():
    on = rules("development")
    assert on.carry_out(promote, V1).notices == (
        "next: `dspyreg promote qa@1.0.0 --to production`",
    )
    again = on.carry_out(promote, V1)
    assert again.already == (
        "already: qa@1.0.0 is in staging; next: `dspyreg promote qa@1.0.0 --to production`"
    )
    assert on.stage("1.0.0") == "staging"


def test_promoting_further_without_a_target_is_refused_with_the_next_command():
    on = Rules(a_config(rungs=("a", "b", "c", "d")))
    on.state.add("qa", "1.0.0", "c")
    with pytest.raises(Refused, match=r"qa@1\.0\.0: it is in c already") as caught:
        on.carry_out(promote, V1)
    assert caught.value.hint == "next: `dspyreg promote qa@1.0.0 --to d`"


def test_demoting_a_deprecated_version_is_refused_with_a_hint_to_restore():
    with pytest.raises(Refused, match="Cannot demote") as caught:
        rules("deprecated").carry_out(demote, V1)
    assert caught.value.hint == "`dspyreg restore qa@1.0.0` brings it back"


@pytest.mark.parametrize("rungs", [("a", "b"), ("a", "b", "c", "d", "e")])
def test_a_ladder_of_any_length_is_climbed_rung_by_rung(rungs: tuple[str, ...]):
    on = Rules(a_config(rungs=rungs))
    on.state.add("qa", "1.0.0", rungs[0])
    for rung in rungs[1:]:
        on.carry_out(promote, V1, to=rung)
        assert on.stage("1.0.0") == rung
    assert on.carry_out(promote, V1, to=rungs[-1]).already is not None


def test_restoring_a_deprecated_version_gives_it_the_rung_below_the_top():
    on = Rules(a_config(rungs=("a", "b", "c", "d")))
    on.state.add("qa", "1.0.0", "deprecated")
    on.carry_out(restore, V1)
    assert on.stage("1.0.0") == "c"


# Effects of a promotion


def test_every_change_of_stage_records_its_own_reason():
    on = rules("development")
    on.carry_out(promote, V1, reason="looks good")
    assert on.state.get("stages/qa/1") == {"stage": "staging", "reason": "Promoted to staging"}


def test_promote_makes_a_version_live_in_the_environment_of_the_same_name():
    on = rules("development")
    on.carry_out(promote, V1)
    assert (on.live("staging"), on.live("production")) == ("1.0.0", None)


def test_promote_leaves_other_environments_of_the_rung_unchanged():
    eu, us = an_environment("eu", auto_deploy=True), an_environment("us")
    on = Rules(a_config(eu, us))
    on.state.add("qa", "1.0.0", "staging")
    on.carry_out(promote, V1, to="production")
    assert (on.live("eu"), on.live("us")) == ("1.0.0", None)


def test_a_version_replaced_in_production_is_superseded_and_deprecated():
    on = rules("staging", "staging")
    on.carry_out(promote, V1, to="production")
    on.carry_out(promote, V2, to="production")
    assert on.state.get("stages/qa/1") == {"stage": "deprecated", "reason": "Superseded by 2.0.0"}


def test_a_version_replaced_in_staging_keeps_its_stage():
    on = rules("development", "development")
    on.carry_out(promote, V1)
    on.carry_out(promote, V2)
    assert (on.stage("1.0.0"), on.live("staging")) == ("staging", "2.0.0")


def test_a_version_keeps_production_until_its_last_environment_there_is_replaced():
    eu, us = (an_environment(name, auto_deploy=True) for name in ("eu", "us"))
    on = Rules(a_config(eu, us))
    on.state.add("qa", "1.0.0", "staging")
    on.state.add("qa", "2.0.0", "production")
    on.carry_out(promote, V1, to="production")
    on.carry_out(deploy, V2, environment="eu")
    assert on.stage("1.0.0") == "production"
    on.carry_out(deploy, V2, environment="us")
    assert on.stage("1.0.0") == "deprecated"


def test_skipping_a_rung_is_refused_and_names_it():
    with pytest.raises(Refused) as caught:
        rules("development").carry_out(promote, V1, to="production")
    assert str(caught.value) == (
        "Cannot promote from development to production; must be in staging first"
    )


def test_promoting_to_a_lower_rung_is_refused():
    with pytest.raises(Refused, match="down"):
        rules("production").carry_out(promote, V1, to="staging")


def test_promoting_to_an_unknown_rung_is_a_usage_error():
    with pytest.raises(UsageError, match="nowhere"):
        rules("staging").carry_out(promote, V1, to="nowhere")


def test_promoting_a_deprecated_version_is_refused_with_a_hint_to_roll_back():
    with pytest.raises(Refused) as caught:
        rules("deprecated").carry_out(promote, V1)
    assert caught.value.hint is not None
    assert "rollback qa --to 1.0.0" in caught.value.hint


@pytest.mark.parametrize("act", [demote, archive, restore])
def test_changing_a_stage_without_a_version_is_a_usage_error(act: object):
    with pytest.raises(UsageError, match="which version of qa"):
        rules("staging").carry_out(act, QA)  # type: ignore[arg-type]


def test_promote_without_version_and_rung_is_a_usage_error():
    with pytest.raises(UsageError):
        rules("staging").carry_out(promote, QA)


# Promotion to the current stage


def test_promoting_to_the_current_stage_reports_already():
    on = rules("staging")
    on.carry_out(promote, V1, to="production")
    plan = on.carry_out(promote, V1, to="production")
    assert plan.already is not None
    assert "deploy" in plan.already


def test_promoting_to_the_current_stage_deploys_where_the_version_was_never_live():
    eu, us = (an_environment(name, auto_deploy=True) for name in ("eu", "us"))
    on = Rules(a_config(eu, us))
    on.state.add("qa", "1.0.0", "production")
    on.state.serve("qa", "eu", 1)
    assert on.carry_out(promote, V1, to="production").already is None
    assert on.live("us") == "1.0.0"


def test_promoting_again_does_not_return_to_an_environment_the_version_left():
    eu, us = (an_environment(name, auto_deploy=True) for name in ("eu", "us"))
    on = Rules(a_config(eu, us))
    on.state.add("qa", "1.0.0", "staging")
    on.state.add("qa", "2.0.0", "production")
    on.carry_out(promote, V1, to="production")
    on.carry_out(deploy, V2, environment="us")
    assert on.carry_out(promote, V1, to="production").already is not None
    assert on.live("us") == "2.0.0"


# Promote without a version


def test_promote_without_a_version_takes_the_highest_number_on_the_rung_below():
    on = rules("staging", "staging", "development")
    on.carry_out(promote, QA, to="production")
    assert on.live() == "2.0.0"


def test_repeating_promote_without_a_version_reports_already():
    on = rules("staging")
    on.carry_out(promote, QA, to="production")
    plan = on.carry_out(promote, QA, to="production")
    assert plan.already is not None
    assert "1.0.0 is live in production" in plan.already


def test_promote_without_a_version_never_goes_below_the_live_version():
    on = rules("staging", "production")
    on.state.serve("qa", "production", 2)
    plan = on.carry_out(promote, QA, to="production")
    assert plan.already is not None
    assert on.live() == "2.0.0"


def test_promote_without_a_version_never_promotes_a_deprecated_version():
    on = rules("production", "deprecated")
    on.state.serve("qa", "production", 1)
    assert on.carry_out(promote, QA, to="production").already is not None
    assert (on.live(), on.stage("2.0.0")) == ("1.0.0", "deprecated")


def test_promote_without_a_version_never_promotes_a_version_rolled_back_there():
    on = rules("staging", "staging")
    for version in (V1, V2):
        on.carry_out(promote, version, to="production")
    on.carry_out(rollback, "qa")
    on.carry_out(restore, V2)
    assert on.carry_out(promote, QA, to="production").already is not None
    assert on.live() == "1.0.0"


def test_a_rolled_back_version_is_promoted_again_by_name():
    on = rules("staging", "staging")
    for version in (V1, V2):
        on.carry_out(promote, version, to="production")
    on.carry_out(rollback, "qa")
    on.carry_out(restore, V2)
    on.carry_out(promote, V2, to="production")
    assert on.live() == "2.0.0"


def by_hand(*stages: str) -> Rules:
    """Return the rules of a ladder whose top environments do not deploy automatically."""
    on = Rules(a_config(an_environment("production", auto_deploy=False)))
    for nth, stage in enumerate(stages, start=1):
        on.state.add("qa", f"{nth}.0.0", stage)
    return on


def test_repeating_promote_does_not_approve_an_older_version_without_auto_deploy():
    on = by_hand("staging", "staging")
    on.carry_out(promote, QA, to="production")
    plan = on.carry_out(promote, QA, to="production")
    assert plan.already == (
        "already: qa@1.0.0 is older than qa@2.0.0, which has reached production; nothing is live"
    )
    assert (on.stage("1.0.0"), on.stage("2.0.0")) == ("staging", "production")


def test_repeating_promote_reports_already_when_the_only_version_is_not_live():
    on = by_hand("staging")
    on.carry_out(promote, QA, to="production")
    plan = on.carry_out(promote, QA, to="production")
    assert plan.already == "already: qa@1.0.0 has reached production"


def test_an_older_version_does_not_follow_to_a_rung_a_newer_one_has_passed():
    on = rules("development", "production")
    assert on.carry_out(promote, QA, to="staging").already is not None
    assert on.stage("1.0.0") == "development"


def test_repeating_promote_of_a_stage_selector_moves_nothing_back():
    on = rules("staging", "staging")
    newest = Selector.parse("qa@stage:staging")
    on.carry_out(promote, newest, to="production")
    assert on.carry_out(promote, newest, to="production").already is not None
    assert (on.live(), on.stage("1.0.0")) == ("2.0.0", "staging")


def test_promote_without_a_version_is_refused_when_nothing_is_below_or_live():
    with pytest.raises(Refused, match="no version of qa is in staging"):
        rules("development").carry_out(promote, QA, to="production")


def test_promoting_to_the_first_rung_is_refused():
    with pytest.raises(Refused, match="first rung"):
        rules("development").carry_out(promote, QA, to="development")


def test_promoting_an_unknown_program_is_not_found():
    with pytest.raises(NotFound):
        rules().carry_out(promote, QA, to="production")


def test_promote_is_refused_when_another_version_is_live_below_and_names_both():
    on = rules("staging", "staging")
    on.state.serve("qa", "staging", 1)
    with pytest.raises(Refused, match=r"2\.0\.0.*1\.0\.0"):
        on.carry_out(promote, QA, to="production")


def test_already_takes_precedence_over_a_refusal_of_the_live_version_below():
    """A CI job may run twice, even if staging has another live version since."""
    on = rules("deprecated", "deprecated")
    on.state.serve("qa", "staging", 1)
    assert on.carry_out(promote, QA, to="production").already is not None


# Protection of live versions


@pytest.mark.parametrize("act", [demote, archive])
def test_demoting_or_archiving_a_version_live_on_top_is_refused(act: object):
    on = rules("production")
    on.state.serve("qa", "production", 1)
    with pytest.raises(Refused, match="live in production"):
        on.carry_out(act, V1)  # type: ignore[arg-type]


@pytest.mark.parametrize(("act", "stage"), [(demote, "staging"), (archive, "archived")])
def test_force_withdraws_a_version_from_the_top_environment(act: object, stage: str):
    on = rules("production")
    on.state.serve("qa", "production", 1)
    plan = on.carry_out(act, V1, force=True)  # type: ignore[arg-type]
    assert plan.forced
    assert (on.live(), on.stage("1.0.0")) == (None, stage)
    assert [r.deployment.status for r in on.state.records("qa", "production")] == ["withdrawn"]


def test_force_that_overrides_nothing_is_not_reported():
    assert not rules("production").carry_out(archive, V1, force=True).forced


def test_a_protected_environment_below_the_top_is_protected_too():
    on = Rules(a_config(an_environment("demo", "staging", protected=True)))
    on.state.add("qa", "1.0.0", "staging")
    on.state.serve("qa", "demo", 1)
    with pytest.raises(Refused, match="live in demo"):
        on.carry_out(demote, V1)


def test_demoting_withdraws_a_version_from_an_unprotected_environment_with_a_notice():
    on = rules("staging")
    on.state.serve("qa", "staging", 1)
    plan = on.carry_out(demote, V1)
    assert plan.notices == ("qa@1.0.0 was withdrawn from staging",)
    assert on.live("staging") is None


def test_a_demoted_version_that_still_qualifies_stays_live():
    on = rules("production")
    on.state.serve("qa", "staging", 1)
    on.carry_out(demote, V1)
    assert on.live("staging") == "1.0.0"


def test_an_environment_without_a_rung_keeps_a_demoted_version():
    on = Rules(a_config(an_environment("lab", None)))
    on.state.add("qa", "1.0.0", "staging")
    on.state.serve("qa", "lab", 1)
    on.carry_out(demote, V1)
    assert on.live("lab") == "1.0.0"
    on.carry_out(archive, V1)
    assert on.live("lab") is None


def test_a_restored_version_is_live_nowhere():
    on = rules("staging")
    on.state.serve("qa", "staging", 1)
    on.carry_out(archive, V1)
    on.carry_out(restore, V1)
    assert (on.live("staging"), on.stage("1.0.0")) == (None, "development")
