"""The history of an environment: previous, origin, and rollback."""

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
    """Return the rules after 1.0.0, 2.0.0 … were released to production in turn."""
    on = Rules(a_config(*environments))
    for nth in range(1, count + 1):
        release(on, f"{nth}.0.0")
    return on


def release(on: Rules, label: str) -> None:
    """Promote a new version to production."""
    on.state.add("qa", label, "staging")
    on.carry_out(promote, version(label), to="production")


def back(on: Rules, to: str | None = None, **more: object) -> str | None:
    """Roll back; return the label that is then live."""
    on.carry_out(rollback, "qa", to=to, **more)
    return on.live()


def before(on: Rules, environment: str = "production") -> str | None:
    """Return the label that one rollback would make live."""
    record = previous(on.state, "qa", environment)
    return record and on.state.label("qa", record.deployment.number)


def statuses(on: Rules) -> list[tuple[int, str]]:
    records = list(on.state.records("qa", "production"))
    return [(r.deployment.number, r.deployment.status) for r in reversed(records)]


def test_four_rollbacks_of_three_releases_stop_at_the_first():
    on = released(3)
    assert [back(on), back(on)] == ["2.0.0", "1.0.0"]
    for _ in range(2):
        with pytest.raises(Refused, match=NOTHING):
            back(on)
    assert on.live() == "1.0.0"


def test_a_rollback_updates_the_stages_of_both_versions():
    on = released(2)
    back(on)
    assert (on.stage("1.0.0"), on.stage("2.0.0")) == ("production", "deprecated")


def test_a_rollback_records_why_the_left_version_lost_its_stage():
    on = released(2)
    back(on)
    assert on.state.get("stages/qa/2")["reason"] == "Rolled back to 1.0.0"


@pytest.mark.parametrize(
    ("reason", "told"), [("high error rate", "Rollback: high error rate"), (None, "Rollback")]
)
def test_a_rollback_records_why_the_restored_version_has_its_stage(reason: str | None, told: str):
    on = released(2)
    back(on, reason=reason)
    assert on.state.get("stages/qa/1") == {"stage": "production", "reason": told}


def test_a_rollback_deployment_names_the_deployment_it_restores():
    on = released(2)
    second, first = on.state.records("qa", "production")
    back(on, reason="slow")
    made = next(on.state.records("qa", "production")).deployment
    assert (made.restores, made.rollback_from, made.reason) == (first.id, second.id, "slow")


def test_a_rollback_marks_the_left_deployment_as_rolled_back():
    on = released(2)
    back(on)
    assert statuses(on) == [(1, "superseded"), (2, "rolled_back"), (1, "live")]


def test_a_rollback_of_a_release_after_a_rollback_returns_to_its_target():
    on = released(3)
    back(on)
    release(on, "4.0.0")
    assert [back(on), back(on)] == ["2.0.0", "1.0.0"]


def test_the_origin_of_a_rollback_is_the_first_deployment_it_restores():
    on = released(3)
    back(on, "1.0.0")
    back(on, "3.0.0")
    back(on, "1.0.0")
    first = list(on.state.records("qa", "production"))[-1]
    now = current(on.state, "qa", "production")
    assert now is not None
    assert origin(on.state, "qa", "production", now) == first


def test_there_is_no_previous_version_without_history():
    on = Rules()
    on.state.add("qa", "1.0.0")
    assert current(on.state, "qa", "production") is None
    assert before(on) is None


def test_a_version_left_by_a_forward_rollback_is_previous():
    on = released(2)
    back(on)
    release(on, "3.0.0")
    assert [back(on, "2.0.0"), back(on, "3.0.0"), back(on)] == ["2.0.0", "3.0.0", "2.0.0"]
    assert back(on) == "1.0.0"


def test_a_withdrawn_version_is_not_restored_by_a_later_rollback():
    on = released(2)
    back(on)
    on.carry_out(demote, version("1.0.0"), force=True)
    assert back(on, "2.0.0") == "2.0.0"
    with pytest.raises(Refused, match=NOTHING):
        back(on)
    assert (on.live(), on.stage("1.0.0")) == ("2.0.0", "staging")


def test_repeating_deploy_after_labelled_rollbacks_restores_nothing():
    on = Rules()
    for label in ("1.0.0", "1.1.0"):
        on.state.add("qa", label, "staging")
        on.carry_out(deploy, version(label), environment="staging")
    for to in (None, "1.1.0", "1.0.0"):
        on.carry_out(rollback, "qa", to=to, environment="staging")
    plan = on.carry_out(deploy, Selector.parse("qa"), environment="staging")
    assert plan.already is not None
    assert on.live("staging") == "1.0.0"


def test_a_forward_rollback_keeps_the_left_version_for_the_next_rollback():
    on = released(3)
    back(on, "1.0.0")
    assert back(on, "3.0.0") == "3.0.0"
    assert statuses(on)[-2:] == [(1, "superseded"), (3, "live")]


def test_a_backward_rollback_marks_the_left_version_as_rolled_back():
    on = released(3)
    back(on, "1.0.0")
    assert statuses(on)[-2:] == [(3, "rolled_back"), (1, "live")]


def test_rollback_skips_archived_versions():
    on = released(3)
    on.carry_out(archive, version("2.0.0"))
    assert (before(on), back(on)) == ("1.0.0", "1.0.0")


def test_rollback_skips_versions_rolled_back_since():
    on = released(2)
    back(on)
    release(on, "3.0.0")
    assert before(on) == "1.0.0"


def test_the_last_withdrawn_version_counts_as_current_when_nothing_is_live():
    on = released(2)
    on.carry_out(archive, version("2.0.0"), force=True)
    assert on.live() is None
    assert (before(on), back(on)) == ("1.0.0", "1.0.0")


def test_a_version_deployed_twice_in_a_row_is_not_its_own_previous():
    on = released(2)
    back(on, "1.0.0")
    assert before(on) is None


def test_each_environment_has_its_own_history():
    on = released(2, an_environment("lab", None))
    on.carry_out(deploy, version("1.0.0"), environment="lab")
    assert before(on, "lab") is None
    with pytest.raises(Refused, match=NOTHING):
        back(on, environment="lab")
    assert on.live() == "2.0.0"


# Rollback to a named version


def test_rollback_to_accepts_any_version_that_was_live_there():
    assert back(released(5), "2.0.0") == "2.0.0"


@pytest.mark.parametrize("text", ["1.0.0", "qa@1.0.0", "#1", "production~1"])
def test_rollback_to_accepts_every_form_of_selector(text: str):
    assert back(released(2), text) == "1.0.0"


def test_rollback_to_the_live_version_reports_already():
    on = released(2)
    plan = on.carry_out(rollback, "qa", to="2.0.0")
    assert plan.already is not None
    assert "2.0.0 is live in production" in plan.already


def test_rollback_to_a_version_that_was_never_live_there_is_refused():
    on = released(1)
    on.state.add("qa", "2.0.0", "staging")
    with pytest.raises(Refused, match="never live in production"):
        back(on, "2.0.0")


def test_forced_rollback_accepts_a_version_that_was_never_live_there():
    on = released(1)
    on.state.add("qa", "2.0.0", "development")
    plan = on.carry_out(rollback, "qa", to="2.0.0", force=True)
    assert plan.forced
    assert (on.live(), on.stage("2.0.0")) == ("2.0.0", "production")
    assert next(on.state.records("qa", "production")).deployment.restores is None


def test_forced_rollback_refuses_an_archived_version_that_was_never_live_there():
    on = released(1)
    on.state.add("qa", "2.0.0", "archived")
    with pytest.raises(Refused):
        back(on, "2.0.0", force=True)


def test_rollback_to_an_archived_version_that_was_live_there_restores_it():
    on = released(2)
    on.carry_out(archive, version("1.0.0"))
    assert back(on, "1.0.0") == "1.0.0"
    assert on.stage("1.0.0") == "production"


def test_rollback_without_a_rung_gives_an_archived_version_the_first_rung():
    on = Rules(a_config(an_environment("lab", None)))
    for label in ("1.0.0", "2.0.0"):
        on.state.add("qa", label, "staging")
        on.carry_out(deploy, version(label), environment="lab")
    on.carry_out(archive, version("1.0.0"))
    on.carry_out(rollback, "qa", environment="lab", to="1.0.0")
    assert (on.live("lab"), on.stage("1.0.0")) == ("1.0.0", "development")


def test_rollback_below_the_top_keeps_a_deprecated_version_deprecated():
    on = Rules()
    for label in ("1.0.0", "2.0.0"):
        on.state.add("qa", label, "staging")
        on.carry_out(deploy, version(label), environment="staging")
    on.state.stand("qa", 1, "deprecated")
    on.carry_out(rollback, "qa", environment="staging")
    assert (on.live("staging"), on.stage("1.0.0")) == ("1.0.0", "deprecated")


def test_rollback_gives_at_least_the_rung_and_never_lowers_a_stage():
    on = Rules()
    for label, stage in (("1.0.0", "production"), ("2.0.0", "staging")):
        on.state.add("qa", label, stage)
        on.carry_out(deploy, version(label), environment="staging")
    on.carry_out(rollback, "qa", environment="staging")
    assert on.stage("1.0.0") == "production"


def test_rollback_is_refused_where_it_is_disabled():
    on = Rules(a_config(an_environment("production", rollback_enabled=False)))
    on.state.add("qa", "1.0.0", "staging")
    with pytest.raises(Refused, match="disabled"):
        back(on)


def test_rollback_of_an_unknown_program_is_not_found():
    with pytest.raises(NotFound, match="qa"):
        back(Rules())


def test_rollback_to_an_unknown_label_is_not_found():
    with pytest.raises(NotFound, match=r"9\.9\.9"):
        back(released(2), "9.9.9")
