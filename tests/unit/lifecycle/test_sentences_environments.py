"""DESIGN 1: deploy, and the environment that a command uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from queries import EU_BY_HAND, configure, live_in, records, register_promoted, stage_of

from dspyreg.errors import NotFound, Refused, UsageError

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry

NEITHER_NAMED_SO = "environments: {us: {rung: production}, eu: {rung: production}}"


def test_deploying_moves_the_pointer_and_records_a_deployment(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    done = registry.deploy("qa@1.0.0", environment="development", reason="try")
    assert live_in(registry, "development") == "1.0.0"
    assert records(registry, "development") == [("1.0.0", "live")]
    assert done.deployments[0].reason == "try"
    assert done.deployments[0].deployment_id.startswith("development-")


def test_deploying_supersedes_the_previous_deployment(
    registry: Registry, programs: Programs
) -> None:
    for label in ("1.0.0", "2.0.0"):
        register_promoted(programs, label, 0)
        registry.deploy(f"qa@{label}", environment="development")
    assert records(registry, "development") == [("1.0.0", "superseded"), ("2.0.0", "live")]


def test_deploying_the_live_version_again_is_not_logged(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    before = len(registry.log())
    assert registry.deploy("qa@1.0.0", environment="production").entry is None
    assert len(registry.log()) == before


def test_deploying_below_the_rung_is_refused_and_names_it(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(Refused, match=r"production.*staging"):
        registry.deploy("qa@1.0.0", environment="production")


def test_a_deprecated_version_reaches_the_top_only_by_rollback(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    with pytest.raises(Refused) as refusal:
        registry.deploy("qa@1.0.0", environment="production")
    assert "rollback qa" in str(refusal.value.hint)
    assert "--to 1.0.0" in str(refusal.value.hint)


def test_a_deprecated_version_can_be_deployed_below_the_top(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.deploy("qa@1.0.0", environment="staging")
    assert live_in(registry, "staging") == "1.0.0"
    assert stage_of(registry, "1.0.0") == "deprecated"


def test_deprecated_counts_as_the_first_rung_in_a_ladder_of_two(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "stages: {development: {}, production: {}}")
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "2.0.0", 1)
    registry.deploy("qa@1.0.0", environment="development")
    assert stage_of(registry, "1.0.0") == "deprecated"


def test_an_environment_without_a_rung_takes_any_version_but_an_archived_one(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {}}")
    register_promoted(programs, "1.0.0", 0)
    registry.deploy("qa@1.0.0", environment="edge")
    register_promoted(programs, "2.0.0", 0)
    registry.archive("qa@2.0.0")
    with pytest.raises(Refused, match="archived"):
        registry.deploy("qa@2.0.0", environment="edge")


def test_an_unknown_environment_is_not_found_and_the_known_are_listed(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    for verb in (registry.deploy, registry.rollback):
        with pytest.raises(NotFound) as error:
            verb("qa", environment="mars")
        assert "production" in str(error.value.hint)


def test_deploy_requires_an_environment_unless_one_is_configured(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(UsageError):
        registry.deploy("qa@1.0.0")
    configure(registry, "default_environment: development")
    registry.deploy("qa@1.0.0")
    assert live_in(registry, "development") == "1.0.0"


def test_rollback_uses_the_default_environment(registry: Registry, programs: Programs) -> None:
    configure(registry, "default_environment: staging")
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.rollback("qa")
    assert (live_in(registry, "staging"), live_in(registry)) == ("1.0.0", "2.0.0")


def test_rollback_uses_the_environment_named_like_the_top_rung(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, EU_BY_HAND)
    register_promoted(programs, "1.0.0")
    register_promoted(programs, "2.0.0")
    registry.rollback("qa")
    assert live_in(registry) == "1.0.0"


def test_rollback_with_an_ambiguous_environment_is_a_usage_error(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, NEITHER_NAMED_SO)
    register_promoted(programs, "1.0.0")
    with pytest.raises(UsageError) as error:
        registry.rollback("qa")
    assert "us, eu" in str(error.value.hint)


def test_a_refused_deployment_is_logged_and_a_missing_version_is_not(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 0)
    with pytest.raises(Refused):
        registry.deploy("qa@1.0.0", environment="production")
    assert registry.log()[0].outcome == "refused"
    before = len(registry.log())
    with pytest.raises(NotFound):
        registry.deploy("qa@9.0.0", environment="production")
    assert len(registry.log()) == before
