"""Environments: which versions qualify, which environment a command uses, and ``deploy``."""

from __future__ import annotations

import pytest
from builders import Rules, a_config, an_environment

from dspyreg.config.value import DEFAULT
from dspyreg.errors import NotFound, Refused, UsageError
from dspyreg.lifecycle.deploy import deploy
from dspyreg.lifecycle.environments import deploy_environment, resolve_environment
from dspyreg.lifecycle.qualify import qualifies, reached
from dspyreg.lifecycle.rollback import rollback
from dspyreg.model.selector import Selector

QA = Selector.parse("qa")
STAGES = ("development", "staging", "production", "deprecated", "archived")
REACHED = {
    "development": (True, False, False, False, False),
    "staging": (False, True, True, True, False),
    "production": (False, False, True, False, False),
}


def version(label: str) -> Selector:
    return Selector.parse(f"qa@{label}")


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_but_archived_has_reached_the_first_rung(stage: str):
    assert reached(DEFAULT, stage, "development") is (stage != "archived")


@pytest.mark.parametrize("rung", ["staging", "production"])
@pytest.mark.parametrize("nth", range(5))
def test_a_stage_has_reached_its_own_rung_and_those_below(rung: str, nth: int):
    assert reached(DEFAULT, STAGES[nth], rung) is REACHED[rung][nth]


def test_deprecated_counts_as_the_rung_below_the_top():
    config = a_config(rungs=("a", "b", "c", "d"))
    assert [reached(config, "deprecated", rung) for rung in "abcd"] == [True, True, True, False]


@pytest.mark.parametrize("stage", STAGES)
def test_a_version_qualifies_for_environments_of_rungs_it_has_reached(stage: str):
    place = an_environment("eu", "production")
    assert qualifies(DEFAULT, stage, place) is (stage == "production")


@pytest.mark.parametrize("stage", STAGES)
def test_every_version_but_an_archived_one_qualifies_for_an_environment_without_a_rung(stage: str):
    assert qualifies(DEFAULT, stage, an_environment("lab", None)) is (stage != "archived")


# Choosing the environment


def test_the_only_environment_of_the_top_rung_is_the_default():
    assert resolve_environment(a_config(an_environment("eu")), None).name == "eu"


def test_the_environment_named_like_the_top_rung_is_the_default_among_several():
    config = a_config(an_environment("eu"), an_environment("production"))
    assert resolve_environment(config, None).name == "production"


def test_an_ambiguous_environment_is_a_usage_error_that_lists_them():
    with pytest.raises(UsageError) as caught:
        resolve_environment(a_config(an_environment("eu"), an_environment("us")), None)
    assert caught.value.hint is not None
    assert "eu, us" in caught.value.hint


def test_a_configured_default_environment_takes_precedence():
    assert resolve_environment(a_config(default_environment="staging"), None).name == "staging"
    assert deploy_environment(a_config(default_environment="staging"), None).name == "staging"


def test_an_explicit_environment_takes_precedence_over_the_default():
    assert (
        resolve_environment(a_config(default_environment="staging"), "development").name
        == "development"
    )


def test_deploy_requires_an_environment_unless_one_is_configured():
    with pytest.raises(UsageError, match="which environment"):
        deploy_environment(a_config(), None)


def test_an_unknown_environment_is_not_found_and_the_hint_lists_the_known():
    with pytest.raises(NotFound) as caught:
        resolve_environment(a_config(), "mars")
    assert caught.value.hint == "there are development, staging, production"


# Deploy


def rules(*stages: str) -> Rules:
    found = Rules(a_config(an_environment("eu"), an_environment("lab", None)))
    for nth, stage in enumerate(stages, start=1):
        found.state.add("qa", f"{nth}.0.0", stage)
    return found


def test_deploy_makes_a_version_live():
    on = rules("production")
    plan = on.carry_out(deploy, version("1.0.0"), environment="eu")
    assert on.live("eu") == "1.0.0"
    assert plan.serves == (on.state.version("qa", 1).document,)  # type: ignore[union-attr]


def test_deploying_supersedes_the_previous_deployment():
    on = rules("production", "production")
    for label in ("1.0.0", "2.0.0"):
        on.carry_out(deploy, version(label), environment="eu")
    records = [(r.deployment.number, r.deployment.status) for r in on.state.records("qa", "eu")]
    assert records == [(2, "live"), (1, "superseded")]


def test_a_deployment_is_named_by_its_environment_and_operation():
    on = rules("production")
    on.carry_out(deploy, version("1.0.0"), environment="eu")
    assert next(on.state.records("qa", "eu")).id == "eu-0001"


def test_deploying_the_live_version_changes_nothing():
    on = rules("production")
    on.carry_out(deploy, version("1.0.0"), environment="eu")
    plan, draft = on.judge(deploy, version("1.0.0"), environment="eu")
    assert plan.already is not None
    assert draft.changes == ()


@pytest.mark.parametrize("stage", ["development", "staging"])
def test_deploying_a_version_below_the_rung_is_refused(stage: str):
    with pytest.raises(Refused, match="eu needs") as caught:
        rules(stage).carry_out(deploy, version("1.0.0"), environment="eu")
    assert caught.value.hint is not None
    assert "promote" in caught.value.hint


def test_a_deprecated_version_reaches_the_top_only_by_rollback():
    with pytest.raises(Refused) as caught:
        rules("deprecated").carry_out(deploy, version("1.0.0"), environment="eu")
    assert caught.value.hint is not None
    assert "rollback qa --env eu --to 1.0.0" in caught.value.hint


@pytest.mark.parametrize("place", ["eu", "lab", "development"])
def test_an_archived_version_cannot_be_deployed(place: str):
    with pytest.raises(Refused, match="archived"):
        rules("archived").carry_out(deploy, version("1.0.0"), environment=place)


def test_a_lower_environment_takes_a_version_of_a_higher_stage():
    on = rules("production")
    on.carry_out(deploy, version("1.0.0"), environment="staging")
    assert on.live("staging") == "1.0.0"


# Deploy without a version


def test_deploy_without_a_version_takes_the_highest_number_that_qualifies():
    on = rules("production", "production", "staging")
    on.carry_out(deploy, QA, environment="eu")
    assert on.live("eu") == "2.0.0"


def test_deploy_without_a_version_skips_numbers_that_do_not_qualify():
    on = rules("staging", "development", "archived")
    on.carry_out(deploy, QA, environment="staging")
    assert on.live("staging") == "1.0.0"


def test_deploy_without_a_version_deploys_nothing_below_a_deprecated_highest_number():
    on = rules("staging", "deprecated")
    assert on.carry_out(deploy, QA, environment="staging").already is not None
    assert on.live("staging") is None


def test_repeating_a_deploy_without_a_version_reports_already():
    on = rules("production")
    on.carry_out(deploy, QA, environment="eu")
    plan = on.carry_out(deploy, QA, environment="eu")
    assert plan.already is not None
    assert "1.0.0 is live in eu" in plan.already


def test_deploy_without_a_version_never_goes_below_the_live_version():
    on = rules("production", "deprecated")
    on.state.serve("qa", "eu", 2)
    assert on.carry_out(deploy, QA, environment="eu").already is not None
    assert on.live("eu") == "2.0.0"


def test_deploy_without_a_version_never_deploys_a_version_rolled_back_there():
    on = rules("production", "production")
    for label in ("1.0.0", "2.0.0"):
        on.carry_out(deploy, version(label), environment="lab")
    on.carry_out(rollback, "qa", environment="lab")
    plan = on.carry_out(deploy, QA, environment="lab")
    assert plan.already is not None
    assert on.live("lab") == "1.0.0"


def test_deploying_a_rolled_back_version_by_name_is_allowed():
    on = rules("production", "production")
    for label in ("1.0.0", "2.0.0"):
        on.carry_out(deploy, version(label), environment="lab")
    on.carry_out(rollback, "qa", environment="lab")
    on.carry_out(deploy, version("2.0.0"), environment="lab")
    assert on.live("lab") == "2.0.0"


def test_deploy_without_a_version_is_refused_when_none_qualifies():
    with pytest.raises(Refused, match="no version of qa has reached production"):
        rules("staging").carry_out(deploy, QA, environment="eu")


def test_deploying_an_unknown_program_is_not_found():
    with pytest.raises(NotFound):
        rules().carry_out(deploy, QA, environment="eu")


def test_deploying_to_an_unknown_environment_is_not_found():
    with pytest.raises(NotFound, match="mars"):
        rules("production").carry_out(deploy, QA, environment="mars")
