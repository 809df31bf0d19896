"""Group E: environments, deploy, rollback. E01 to E11 use the environment development."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from builders import a_program, act_as
from commandline import dspyreg

from dspyreg.errors import NotFound, Refused
from dspyreg.registry.change import presets

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


def live(registry: Registry, environment: str = "development") -> str:
    return registry.resolve(f"qa@{environment}").label


def deploy(registry: Registry, *labels: str) -> None:
    for label in labels:
        registry.deploy(f"qa@{label}", environment="development")


@pytest.fixture
def three(any_label: None, programs: Programs) -> Programs:
    """The program qa as A, B and C."""
    for label in ("A", "B", "C"):
        programs.register(label=label)
    return programs


@pytest.mark.usefixtures("three")
def test_e01_deploying_a_version_makes_it_live(registry: Registry):
    deploy(registry, "A")
    assert registry.show("qa@A").is_deployed


@pytest.mark.usefixtures("three")
def test_e02_exactly_one_version_is_live(registry: Registry):
    deploy(registry, "A", "B")
    deployed = [v.label for v in registry.versions("qa").versions if v.is_deployed]
    assert deployed == ["B"]


@pytest.mark.usefixtures("three")
def test_e03_deploying_a_missing_version_changes_nothing(
    registry: Registry, caplog: pytest.LogCaptureFixture
):
    """A missing version is not logged, but emits an event."""
    deploy(registry, "A")
    before = registry.log()
    with pytest.raises(NotFound, match=re.escape("v99.0")):
        deploy(registry, "v99.0")
    assert live(registry) == "A"
    assert registry.log() == before
    assert caplog.messages == ["dspy.registry.deploy_error"]


@pytest.mark.usefixtures("three")
def test_e05_rollback_makes_the_previous_version_live(registry: Registry):
    deploy(registry, "B", "C")
    registry.rollback("qa", environment="development")
    assert live(registry) == "B"


@pytest.mark.usefixtures("three")
def test_e06_the_first_deployment_has_no_previous_version(registry: Registry):
    deploy(registry, "A")
    with pytest.raises(Refused, match="No previous version to rollback to"):
        registry.rollback("qa", environment="development")
    assert live(registry) == "A"


@pytest.mark.usefixtures("three")
def test_e07_previous_is_the_last_live_version_not_the_lower_number(registry: Registry):
    deploy(registry, "B", "A", "C")
    registry.rollback("qa", environment="development")
    assert live(registry) == "A"


@pytest.fixture
def staged(programs: Programs) -> Programs:
    """qa 2.0.0 in production, then 1.0.0 in staging."""
    programs.register(label="1.0.0", content="one")
    programs.register(label="2.0.0", content="two")
    registry = programs.registry
    registry.promote("qa@2.0.0")
    registry.promote("qa@2.0.0", to="production")
    registry.promote("qa@1.0.0")
    return programs


@pytest.mark.usefixtures("staged")
def test_e12_each_environment_has_its_own_live_version(registry: Registry):
    assert registry.read("qa@staging") == b"one"
    assert registry.read("qa@production") == b"two"


@pytest.mark.usefixtures("staged")
def test_e13_a_program_is_read_as_latest_by_label_or_by_environment(
    registry: Registry, programs: Programs
):
    programs.register(label="3.0.0", content="three")
    assert registry.read("qa") == b"three"
    assert registry.read("qa@1.0.0") == b"one"
    assert registry.read("qa@production") == b"two"


def test_e14_reading_an_empty_environment_is_not_found(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    with pytest.raises(NotFound, match="production"):
        registry.read("qa@production")


def test_e17_the_status_of_an_environment_without_deployments_is_printed_with_exit_code_3(
    here: Path,
):
    (here / "program.json").write_text(a_program())
    for words in (["init"], ["register", "qa", "program.json"]):
        assert dspyreg(*words).status == 0
    ran = dspyreg("status", "qa", "--env", "staging", "--json")
    assert ran.status == 3
    told = json.loads(ran.out)
    assert told["environments"] == {"staging": {"live": None, "canary": None, "deployment": None}}
    assert told["deployed_version"] is None
    assert dspyreg("status", "qa").status == 0
    for words in (["promote", "qa@1.0.0"], ["demote", "qa@1.0.0"]):
        assert dspyreg(*words).status == 0
    assert dspyreg("status", "qa", "--env", "staging").status == 0


def test_e18_status_describes_a_deployment(registry: Registry, programs: Programs):
    programs.register(label="1.0.0", metrics={"accuracy": 0.9})
    made = registry.deploy("qa@1.0.0", environment="development").deployments[0]
    status = registry.status("qa", environment="development")
    deployment = status.environments["development"].deployment
    assert deployment is not None
    assert deployment.deployment_id == made.deployment_id
    assert (deployment.label, deployment.status) == ("1.0.0", "live")
    assert deployment.deployed_at == made.deployed_at
    assert (status.health, status.performance) == (None, {"accuracy": 0.9})


def test_e21_deploy_names_the_stage_a_version_needs(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    with pytest.raises(Refused, match="production needs stage production"):
        registry.deploy("qa@1.0.0", environment="production")


def test_e22_deploy_uses_the_default_environment(registry: Registry, programs: Programs):
    registry.apply("default_environment: development")
    programs.register(label="1.0.0")
    registry.deploy("qa")
    assert live(registry, "development") == "1.0.0"


def test_e23_rollback_to_a_named_version_makes_it_live(registry: Registry, programs: Programs):
    programs.in_production(label="1.0.0")
    programs.in_production(label="1.1.0")
    registry.rollback("qa", to="1.0.0", reason="high error rate")
    back, gone = registry.show("qa@1.0.0"), registry.show("qa@1.1.0")
    assert (back.stage, gone.stage) == ("production", "deprecated")
    assert back.transitions[-1].reason == "Rollback: high error rate"
    assert gone.transitions[-1].reason == "Rolled back to 1.0.0"


def test_e24_rollback_to_a_development_version_that_was_never_live_is_refused(
    registry: Registry, programs: Programs
):
    programs.in_production(label="1.0.0")
    programs.register(label="1.1.0")
    with pytest.raises(Refused, match="Cannot rollback to development version"):
        registry.rollback("qa", to="1.1.0")
    assert registry.resolve("qa@production").label == "1.0.0"


def test_e25_rollback_to_a_missing_version_changes_nothing(registry: Registry, programs: Programs):
    programs.in_production(label="1.0.0")
    with pytest.raises(NotFound, match=re.escape("7.0.0")):
        registry.rollback("qa", to="7.0.0")
    assert live(registry, "production") == "1.0.0"


def test_e27_rollback_to_an_archived_version_that_was_live_restores_it(
    registry: Registry, programs: Programs
):
    programs.in_production(label="1.0.0")
    programs.in_production(label="1.1.0")
    registry.archive("qa@1.0.0")
    registry.rollback("qa", to="1.0.0")
    assert live(registry, "production") == "1.0.0"
    assert registry.show("qa@1.0.0").stage == "production"


def test_e27_rollback_without_a_target_skips_archived_versions(
    registry: Registry, programs: Programs
):
    for label in ("1.0.0", "1.1.0", "1.2.0"):
        programs.in_production(label=label)
    registry.archive("qa@1.1.0")
    registry.rollback("qa")
    assert live(registry, "production") == "1.0.0"


def test_e28_rollback_can_register_the_old_files_as_a_new_version(
    registry: Registry, programs: Programs
):
    programs.in_production(label="1.0.0", content="one")
    programs.in_production(label="1.1.0", content="two")
    before = registry.log()
    registry.rollback("qa", to="1.0.0", as_new_version=True)
    copy, original = registry.show("qa@production"), registry.show("qa@1.0.0")
    assert copy.label == "1.1.1"
    assert copy.files == original.files
    assert copy.files_digest == original.files_digest
    assert copy.metadata["rollback_from"] == "1.1.0"
    assert copy.metadata["rollback_to"] == "1.0.0"
    assert copy.metadata["rollback_timestamp"].startswith("2026-11-01T12:")
    assert registry.log()[1:] == before


def test_e20_a_governed_production_requires_approval(registry: Registry, programs: Programs):
    registry.apply(presets.read("governed"))
    programs.register(label="1.0.0", metrics={"accuracy": 0.9}, changelog="first")
    for name in ("basic_functionality", "integration_tests"):
        registry.add_evidence("qa@1.0.0", name)
    registry.promote("qa@1.0.0")
    for name in ("load_testing", "security_scan", "monitoring_setup"):
        registry.add_evidence("qa@1.0.0", name)
    registry.promote("qa@1.0.0", to="production")
    with pytest.raises(Refused) as refused:
        registry.deploy("qa@1.0.0", environment="production")
    assert refused.value.failures == ("Approvals 0 < required 1",)
    registry.approve("qa@1.0.0", to="production")
    with pytest.raises(Refused, match="production") as refused:
        registry.deploy("qa@1.0.0", environment="production")
    assert refused.value.failures == ("Approvals 0 < required 1; the author's own does not count",)
    act_as(registry, "bob")
    registry.approve("qa@1.0.0", to="production")
    registry.deploy("qa@1.0.0", environment="production")
    assert registry.resolve("qa@production").label == "1.0.0"
