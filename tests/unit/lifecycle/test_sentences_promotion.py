"""DESIGN 1: promote and deploy without a version, and repeated commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from queries import EU_BY_HAND, TWO_ON_TOP, configure, live_in, register_promoted, stage_of

from dspyreg.errors import NotFound, Refused, UsageError

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome


def is_already(outcome: Outcome) -> bool:
    """Return whether nothing was to do and a notice says so."""
    return outcome.entry is None and outcome.notices[0].startswith("already")


def test_promote_without_a_version_takes_the_highest_number_on_the_rung_below(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "2.0.0", 0)
    register_promoted(programs, "1.0.0", 0)
    registry.promote("qa", to="staging")
    assert stage_of(registry, "1.0.0") == "staging"
    assert stage_of(registry, "2.0.0") == "development"


def test_promote_requires_a_version_or_a_rung(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(UsageError):
        registry.promote("qa")


def test_promote_without_a_version_requires_the_newest_below_to_be_live_there(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    registry.deploy("qa@1.0.0", environment="staging")
    with pytest.raises(Refused) as refusal:
        registry.promote("qa", to="production")
    assert "1.0.0" in str(refusal.value)
    assert "1.1.0" in str(refusal.value)


def test_being_live_in_one_environment_of_the_rung_below_is_enough(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {staging: {}, load: {rung: staging}}")
    register_promoted(programs, "1.0.0", 1)
    registry.deploy("qa@1.0.0", environment="load")
    register_promoted(programs, "1.1.0", 1)
    registry.promote("qa", to="production")
    assert live_in(registry) == "1.1.0"


def test_repeating_promote_without_a_version_changes_nothing(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    register_promoted(programs, "1.1.0", 0)
    registry.promote("qa", to="staging")
    again = registry.promote("qa", to="staging")
    assert is_already(again)
    assert "1.1.0 is live in staging" in again.notices[0]
    assert live_in(registry, "staging") == "1.1.0"


def test_promote_without_a_version_skips_a_rolled_back_version(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "1.1.0")
    registry.rollback("qa")
    again = registry.promote("qa", to="production")
    assert is_already(again)
    assert "deprecated" in again.notices[0]
    assert live_in(registry) == "1.0.0"


def test_promote_without_a_version_considers_only_the_highest_number(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "1.1.0", 1)
    register_promoted(programs, "1.2.0")
    registry.rollback("qa")
    assert is_already(registry.promote("qa", to="production"))
    assert live_in(registry) == "1.0.0"


def test_a_rolled_back_version_reports_already_before_any_refusal(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0")
    registry.rollback("qa", environment="staging")
    assert is_already(registry.promote("qa", to="production"))


def test_a_version_rolled_back_in_the_target_is_not_promoted_automatically(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    registry.rollback("qa", environment="staging")
    registry.demote("qa@1.1.0")
    again = registry.promote("qa", to="staging")
    assert is_already(again)
    assert "rolled back" in again.notices[0]


def test_a_rolled_back_version_is_promoted_again_by_name(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    registry.rollback("qa", environment="staging")
    registry.demote("qa@1.1.0")
    registry.promote("qa@1.1.0")
    assert live_in(registry, "staging") == "1.1.0"


def test_promote_with_nothing_on_the_rung_below_reports_already_when_one_is_live(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    assert is_already(registry.promote("qa", to="staging"))


def test_promote_with_nothing_on_the_rung_below_is_refused_when_nothing_is_live(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused):
        registry.promote("qa", to="production")


def test_promoting_to_the_current_stage_reports_already_with_a_hint_to_deploy(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    again = registry.promote("qa@1.0.0", to="production")
    assert is_already(again)
    assert "deploy" in again.notices[0]


def test_promoting_again_deploys_to_an_environment_added_later(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    configure(registry, TWO_ON_TOP)
    registry.promote("qa@1.0.0", to="production")
    assert live_in(registry, "eu") == "1.0.0"


def test_promoting_again_does_not_return_to_an_environment_the_version_left(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, EU_BY_HAND + "\n")
    register_promoted(programs, "1.0.0")
    registry.deploy("qa@1.0.0", environment="eu")
    register_promoted(programs, "1.1.0")
    registry.deploy("qa@1.1.0", environment="eu")
    registry.rollback("qa", environment="eu")
    configure(registry, TWO_ON_TOP)
    assert is_already(registry.promote("qa@1.1.0", to="production"))
    assert live_in(registry, "eu") == "1.0.0"


def test_a_deployment_that_was_undone_does_not_count_as_having_been_live(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, EU_BY_HAND)
    register_promoted(programs, "1.0.0")
    registry.deploy("qa@1.0.0", environment="eu")
    registry.undo()
    configure(registry, TWO_ON_TOP)
    registry.promote("qa@1.0.0", to="production")
    assert live_in(registry, "eu") == "1.0.0"


def test_the_first_rung_deploys_automatically_only_when_configured(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    assert live_in(registry, "development") is None
    configure(registry, "environments: {development: {auto_deploy: true}}")
    register_promoted(programs, "1.1.0", 0)
    assert live_in(registry, "development") == "1.1.0"


def test_an_environment_with_another_name_deploys_automatically_only_when_configured(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, EU_BY_HAND)
    register_promoted(programs, "1.0.0")
    assert live_in(registry) == "1.0.0"
    assert live_in(registry, "eu") is None


def test_deploy_without_a_version_takes_the_highest_number_that_qualifies(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    register_promoted(programs, "1.2.0", 0)
    registry.deploy("qa@1.0.0", environment="staging")
    registry.deploy("qa", environment="staging")
    assert live_in(registry, "staging") == "1.1.0"


def test_repeating_deploy_without_a_version_does_not_revert_a_rollback(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    registry.rollback("qa", environment="staging")
    assert is_already(registry.deploy("qa", environment="staging"))
    assert live_in(registry, "staging") == "1.0.0"


def test_deploy_without_a_version_never_goes_below_the_live_version(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {}}")
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "1.1.0", 1)
    registry.deploy("qa@1.1.0", environment="edge")
    registry.demote("qa@1.1.0")
    assert is_already(registry.deploy("qa", environment="edge"))


def test_deploy_without_a_version_is_refused_when_none_qualifies(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused):
        registry.deploy("qa", environment="production")


@pytest.mark.parametrize("verb", ["promote", "deploy", "rollback"])
def test_promoting_or_deploying_an_unknown_program_is_not_found(
    registry: Registry, verb: str
) -> None:
    where = {"to": "staging"} if verb == "promote" else {"environment": "staging"}
    with pytest.raises(NotFound) as missing:
        getattr(registry, verb)("qa", **where)
    assert missing.value.command_hint == "`dspyreg list` shows the programs there are"
