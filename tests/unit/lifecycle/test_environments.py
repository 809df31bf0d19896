"""Where versions are live: who qualifies, which environment is meant, and ``deploy``."""

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
def test_what_has_reached_the_first_rung(stage: str):
    assert reached(DEFAULT, stage, "development") is (stage != "archived")


@pytest.mark.parametrize("rung", ["staging", "production"])
@pytest.mark.parametrize("nth", range(5))
def test_what_has_reached_a_rung(rung: str, nth: int):
    assert reached(DEFAULT, STAGES[nth], rung) is REACHED[rung][nth]


def test_deprecated_counts_as_the_rung_below_the_top():
    config = a_config(rungs=("a", "b", "c", "d"))
    assert [reached(config, "deprecated", rung) for rung in "abcd"] == [True, True, True, False]


@pytest.mark.parametrize("stage", STAGES)
def test_it_qualifies_for_an_environment_of_a_rung_that_it_has_reached(stage: str):
    place = an_environment("eu", "production")
    assert qualifies(DEFAULT, stage, place) is (stage == "production")


@pytest.mark.parametrize("stage", STAGES)
def test_for_an_environment_without_a_rung_it_must_not_be_archived(stage: str):
    assert qualifies(DEFAULT, stage, an_environment("lab", None)) is (stage != "archived")


# Which environment


def test_the_top_rungs_only_environment_is_meant():
    assert resolve_environment(a_config(an_environment("eu")), None).name == "eu"


def test_of_several_the_one_that_bears_the_rungs_name_is_meant():
    config = a_config(an_environment("eu"), an_environment("production"))
    assert resolve_environment(config, None).name == "production"


def test_where_none_stands_out_it_is_a_usage_error_that_lists_them():
    with pytest.raises(UsageError) as caught:
        resolve_environment(a_config(an_environment("eu"), an_environment("us")), None)
    assert caught.value.hint is not None
    assert "eu, us" in caught.value.hint


def test_a_configured_default_goes_before_that():
    assert resolve_environment(a_config(default_environment="staging"), None).name == "staging"
    assert deploy_environment(a_config(default_environment="staging"), None).name == "staging"


def test_a_named_one_goes_before_all():
    assert (
        resolve_environment(a_config(default_environment="staging"), "development").name
        == "development"
    )


def test_deploy_asks_for_one_unless_it_is_configured():
    with pytest.raises(UsageError, match="which environment"):
        deploy_environment(a_config(), None)


def test_an_unknown_one_is_not_found_with_a_list_of_those_there_are():
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


def test_the_record_of_the_one_before_is_superseded():
    on = rules("production", "production")
    for label in ("1.0.0", "2.0.0"):
        on.carry_out(deploy, version(label), environment="eu")
    records = [(r.deployment.number, r.deployment.status) for r in on.state.records("qa", "eu")]
    assert records == [(2, "live"), (1, "superseded")]


def test_a_deployment_is_named_by_its_environment_and_operation():
    on = rules("production")
    on.carry_out(deploy, version("1.0.0"), environment="eu")
    assert next(on.state.records("qa", "eu")).id == "eu-0001"


def test_deploying_what_is_live_makes_no_history():
    on = rules("production")
    on.carry_out(deploy, version("1.0.0"), environment="eu")
    plan, draft = on.judge(deploy, version("1.0.0"), environment="eu")
    assert plan.already is not None
    assert draft.changes == ()


@pytest.mark.parametrize("stage", ["development", "staging"])
def test_a_version_that_has_not_reached_the_rung_is_refused(stage: str):
    with pytest.raises(Refused, match="eu needs") as caught:
        rules(stage).carry_out(deploy, version("1.0.0"), environment="eu")
    assert caught.value.hint is not None
    assert "promote" in caught.value.hint


def test_a_deprecated_version_goes_to_the_top_by_rollback_alone():
    with pytest.raises(Refused) as caught:
        rules("deprecated").carry_out(deploy, version("1.0.0"), environment="eu")
    assert caught.value.hint is not None
    assert "rollback qa --env eu --to 1.0.0" in caught.value.hint


@pytest.mark.parametrize("place", ["eu", "lab", "development"])
def test_an_archived_version_goes_nowhere(place: str):
    with pytest.raises(Refused, match="archived"):
        rules("archived").carry_out(deploy, version("1.0.0"), environment=place)


def test_a_lower_environment_takes_a_version_from_above():
    on = rules("production")
    on.carry_out(deploy, version("1.0.0"), environment="staging")
    assert on.live("staging") == "1.0.0"


# Deploy without a version


def test_the_highest_number_that_qualifies_is_deployed():
    on = rules("production", "production", "staging")
    on.carry_out(deploy, QA, environment="eu")
    assert on.live("eu") == "2.0.0"


def test_a_number_that_does_not_qualify_is_not_looked_at():
    on = rules("staging", "development", "archived")
    on.carry_out(deploy, QA, environment="staging")
    assert on.live("staging") == "1.0.0"


def test_a_deprecated_highest_number_holds_everything_back():
    on = rules("staging", "deprecated")
    assert on.carry_out(deploy, QA, environment="staging").already is not None
    assert on.live("staging") is None


def test_repeating_it_is_already():
    on = rules("production")
    on.carry_out(deploy, QA, environment="eu")
    plan = on.carry_out(deploy, QA, environment="eu")
    assert plan.already is not None
    assert "1.0.0 is live in eu" in plan.already


def test_it_never_goes_below_what_is_live():
    on = rules("production", "deprecated")
    on.state.serve("qa", "eu", 2)
    assert on.carry_out(deploy, QA, environment="eu").already is not None
    assert on.live("eu") == "2.0.0"


def test_it_never_brings_back_what_was_rolled_back_there():
    on = rules("production", "production")
    for label in ("1.0.0", "2.0.0"):
        on.carry_out(deploy, version(label), environment="lab")
    on.carry_out(rollback, "qa", environment="lab")
    plan = on.carry_out(deploy, QA, environment="lab")
    assert plan.already is not None
    assert on.live("lab") == "1.0.0"


def test_named_it_may_be_brought_back():
    on = rules("production", "production")
    for label in ("1.0.0", "2.0.0"):
        on.carry_out(deploy, version(label), environment="lab")
    on.carry_out(rollback, "qa", environment="lab")
    on.carry_out(deploy, version("2.0.0"), environment="lab")
    assert on.live("lab") == "2.0.0"


def test_where_nothing_qualifies_it_is_refused():
    with pytest.raises(Refused, match="no version of qa has reached production"):
        rules("staging").carry_out(deploy, QA, environment="eu")


def test_a_program_that_there_is_not_is_not_found():
    with pytest.raises(NotFound):
        rules().carry_out(deploy, QA, environment="eu")


def test_an_unknown_environment_is_not_found():
    with pytest.raises(NotFound, match="mars"):
        rules("production").carry_out(deploy, QA, environment="mars")
