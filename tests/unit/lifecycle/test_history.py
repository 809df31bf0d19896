"""What was live before: previous, origin, and the rollbacks that follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import Rules, a_config, an_environment

from dspyreg.errors import NotFound, Refused
from dspyreg.lifecycle.deploy import deploy
from dspyreg.lifecycle.history import current, origin, previous
from dspyreg.lifecycle.rollback import rollback
from dspyreg.lifecycle.stages import archive, demote, promote
from dspyreg.model.selector import Selector

if TYPE_CHECKING:
    from dspyreg.config.value import Environment

NOTHING = "No previous version to rollback to"


def version(label: str) -> Selector:
    return Selector.parse(f"qa@{label}")


def released(count: int, *environments: Environment) -> Rules:
    """Return the rules after 1.0.0, 2.0.0 … went to production one after the other."""
    on = Rules(a_config(*environments))
    for nth in range(1, count + 1):
        release(on, f"{nth}.0.0")
    return on


def release(on: Rules, label: str) -> None:
    """Promote a new version to production."""
    on.state.add("qa", label, "staging")
    on.carry_out(promote, version(label), to="production")


def back(on: Rules, to: str | None = None, **more: object) -> str | None:
    """Roll back; return what is live then."""
    on.carry_out(rollback, "qa", to=to, **more)
    return on.live()


def before(on: Rules, environment: str = "production") -> str | None:
    """The label that one rollback would make live."""
    record = previous(on.state, "qa", environment)
    return record and on.state.label("qa", record.deployment.number)


def statuses(on: Rules) -> list[tuple[int, str]]:
    records = list(on.state.records("qa", "production"))
    return [(r.deployment.number, r.deployment.status) for r in reversed(records)]


def test_three_releases_and_four_rollbacks():
    on = released(3)
    assert [back(on), back(on)] == ["2.0.0", "1.0.0"]
    for _ in range(2):
        with pytest.raises(Refused, match=NOTHING):
            back(on)
    assert on.live() == "1.0.0"


def test_after_a_rollback_the_stages_say_what_is_live():
    on = released(2)
    back(on)
    assert (on.stage("1.0.0"), on.stage("2.0.0")) == ("production", "deprecated")


def test_the_stage_that_a_rollback_takes_says_so():
    on = released(2)
    back(on)
    assert on.state.get("stages/qa/2")["reason"] == "Rolled back to 1.0.0"


@pytest.mark.parametrize(
    ("reason", "told"), [("high error rate", "Rollback: high error rate"), (None, "Rollback")]
)
def test_the_stage_that_a_rollback_gives_says_why(reason: str | None, told: str):
    on = released(2)
    back(on, reason=reason)
    assert on.state.get("stages/qa/1") == {"stage": "production", "reason": told}


def test_a_rollback_makes_a_deployment_that_names_the_one_it_restores():
    on = released(2)
    second, first = on.state.records("qa", "production")
    back(on, reason="slow")
    made = next(on.state.records("qa", "production")).deployment
    assert (made.restores, made.rollback_from, made.reason) == (first.id, second.id, "slow")


def test_what_a_rollback_leaves_is_rolled_back():
    on = released(2)
    back(on)
    assert statuses(on) == [(1, "superseded"), (2, "rolled_back"), (1, "live")]


def test_a_new_release_after_a_rollback_goes_back_to_where_that_led():
    on = released(3)
    back(on)
    release(on, "4.0.0")
    assert [back(on), back(on)] == ["2.0.0", "1.0.0"]


def test_the_origin_of_a_rollback_is_the_first_of_those_it_restores():
    on = released(3)
    back(on, "1.0.0")
    back(on, "3.0.0")
    back(on, "1.0.0")
    first = list(on.state.records("qa", "production"))[-1]
    now = current(on.state, "qa", "production")
    assert now is not None
    assert origin(on.state, "qa", "production", now) == first


def test_without_history_there_is_nothing_before():
    on = Rules()
    on.state.add("qa", "1.0.0")
    assert current(on.state, "qa", "production") is None
    assert before(on) is None


def test_what_was_left_on_the_way_forward_is_previous_however_new_its_record():
    on = released(2)
    back(on)
    release(on, "3.0.0")
    assert [back(on, "2.0.0"), back(on, "3.0.0"), back(on)] == ["2.0.0", "3.0.0", "2.0.0"]
    assert back(on) == "1.0.0"


def test_a_version_that_was_withdrawn_since_is_not_lifted_by_a_rollback():
    on = released(2)
    back(on)
    on.carry_out(demote, version("1.0.0"), force=True)
    assert back(on, "2.0.0") == "2.0.0"
    with pytest.raises(Refused, match=NOTHING):
        back(on)
    assert (on.live(), on.stage("1.0.0")) == ("2.0.0", "staging")


def test_back_and_forth_with_labels_repeating_a_deployment_brings_nothing_back():
    on = Rules()
    for label in ("1.0.0", "1.1.0"):
        on.state.add("qa", label, "staging")
        on.carry_out(deploy, version(label), environment="staging")
    for to in (None, "1.1.0", "1.0.0"):
        on.carry_out(rollback, "qa", to=to, environment="staging")
    plan = on.carry_out(deploy, Selector.parse("qa"), environment="staging")
    assert plan.already is not None
    assert on.live("staging") == "1.0.0"


def test_going_forward_with_a_label_leaves_the_old_one_for_the_next_rollback():
    on = released(3)
    back(on, "1.0.0")
    assert back(on, "3.0.0") == "3.0.0"
    assert statuses(on)[-2:] == [(1, "superseded"), (3, "live")]


def test_going_back_with_a_label_leaves_the_old_one_rolled_back():
    on = released(3)
    back(on, "1.0.0")
    assert statuses(on)[-2:] == [(3, "rolled_back"), (1, "live")]


def test_archived_versions_are_passed_over():
    on = released(3)
    on.carry_out(archive, version("2.0.0"))
    assert (before(on), back(on)) == ("1.0.0", "1.0.0")


def test_a_version_that_was_rolled_back_since_is_passed_over():
    on = released(2)
    back(on)
    release(on, "3.0.0")
    assert before(on) == "1.0.0"


def test_with_nothing_live_the_version_last_withdrawn_counts_as_the_current_one():
    on = released(2)
    on.carry_out(archive, version("2.0.0"), force=True)
    assert on.live() is None
    assert (before(on), back(on)) == ("1.0.0", "1.0.0")


def test_the_same_version_twice_in_a_row_is_no_step_back():
    on = released(2)
    back(on, "1.0.0")
    assert before(on) is None


def test_each_environment_has_a_history_of_its_own():
    on = released(2, an_environment("lab", None))
    on.carry_out(deploy, version("1.0.0"), environment="lab")
    assert before(on, "lab") is None
    with pytest.raises(Refused, match=NOTHING):
        back(on, environment="lab")
    assert on.live() == "2.0.0"


# Rollback to a version that is named


def test_to_takes_any_version_that_was_live_there():
    assert back(released(5), "2.0.0") == "2.0.0"


@pytest.mark.parametrize("text", ["1.0.0", "qa@1.0.0", "#1", "production~1"])
def test_to_takes_a_selector_of_any_form(text: str):
    assert back(released(2), text) == "1.0.0"


def test_to_what_is_live_is_already():
    on = released(2)
    plan = on.carry_out(rollback, "qa", to="2.0.0")
    assert plan.already is not None
    assert "2.0.0 is live in production" in plan.already


def test_to_what_was_never_live_there_is_refused():
    on = released(1)
    on.state.add("qa", "2.0.0", "staging")
    with pytest.raises(Refused, match="never live in production"):
        back(on, "2.0.0")


def test_force_takes_what_was_never_live_there():
    on = released(1)
    on.state.add("qa", "2.0.0", "development")
    plan = on.carry_out(rollback, "qa", to="2.0.0", force=True)
    assert plan.forced
    assert (on.live(), on.stage("2.0.0")) == ("2.0.0", "production")
    assert next(on.state.records("qa", "production")).deployment.restores is None


def test_force_does_not_take_what_is_archived_and_was_never_live_there():
    on = released(1)
    on.state.add("qa", "2.0.0", "archived")
    with pytest.raises(Refused):
        back(on, "2.0.0", force=True)


def test_an_archived_version_that_was_live_there_comes_back():
    on = released(2)
    on.carry_out(archive, version("1.0.0"))
    assert back(on, "1.0.0") == "1.0.0"
    assert on.stage("1.0.0") == "production"


def test_in_an_environment_without_a_rung_an_archived_one_gets_the_first_rung():
    on = Rules(a_config(an_environment("lab", None)))
    for label in ("1.0.0", "2.0.0"):
        on.state.add("qa", label, "staging")
        on.carry_out(deploy, version(label), environment="lab")
    on.carry_out(archive, version("1.0.0"))
    on.carry_out(rollback, "qa", environment="lab", to="1.0.0")
    assert (on.live("lab"), on.stage("1.0.0")) == ("1.0.0", "development")


def test_below_the_top_a_deprecated_version_stays_deprecated():
    on = Rules()
    for label in ("1.0.0", "2.0.0"):
        on.state.add("qa", label, "staging")
        on.carry_out(deploy, version(label), environment="staging")
    on.state.stand("qa", 1, "deprecated")
    on.carry_out(rollback, "qa", environment="staging")
    assert (on.live("staging"), on.stage("1.0.0")) == ("1.0.0", "deprecated")


def test_a_rollback_gives_at_least_the_rung_and_takes_none_away():
    on = Rules()
    for label, stage in (("1.0.0", "production"), ("2.0.0", "staging")):
        on.state.add("qa", label, stage)
        on.carry_out(deploy, version(label), environment="staging")
    on.carry_out(rollback, "qa", environment="staging")
    assert on.stage("1.0.0") == "production"


def test_where_rollback_is_switched_off_it_is_refused():
    on = Rules(a_config(an_environment("production", rollback_enabled=False)))
    on.state.add("qa", "1.0.0", "staging")
    with pytest.raises(Refused, match="disabled"):
        back(on)


def test_a_program_that_there_is_not_is_not_found():
    with pytest.raises(NotFound, match="qa"):
        back(Rules())


def test_a_label_that_there_is_not_is_not_found():
    with pytest.raises(NotFound, match=r"9\.9\.9"):
        back(released(2), "9.9.9")
