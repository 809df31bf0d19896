"""The presets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import a_local_registry

import dspyreg
from dspyreg.config.document import read
from dspyreg.config.value import DEFAULT, Environment, Versioning
from dspyreg.errors import Conflict, UsageError
from dspyreg.policy.metrics import Threshold
from dspyreg.policy.policy import Policy
from dspyreg.registry.change import presets

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSPYREG_ACTOR", "ada")


def governed(name: str) -> Environment:
    """An environment of the governed preset."""
    environment = read(presets.read("governed")).environment(name)
    assert environment is not None
    return environment


def test_the_simple_preset_is_the_default_configuration():
    assert read(presets.read("simple")) == DEFAULT


def test_governed_development_deploys_registered_versions_without_checks():
    assert governed("development") == Environment(
        "development", "development", auto_deploy=True, protected=False, rollback_enabled=True
    )


def test_governed_staging_requires_validation():
    assert governed("staging") == Environment(
        "staging",
        "staging",
        auto_deploy=False,
        protected=False,
        rollback_enabled=True,
        validation_required=True,
    )


def test_governed_production_requires_validation_approval_and_monitoring():
    assert governed("production") == Environment(
        "production",
        "production",
        auto_deploy=False,
        protected=False,
        rollback_enabled=True,
        approval_required=True,
        validation_required=True,
        monitoring_required=True,
    )


def test_governed_versions_are_semantic_and_require_a_changelog():
    assert read(presets.read("governed")).versioning == Versioning(require_changelog=True)


def test_governed_stages_require_evidence_and_production_requires_accuracy():
    assert read(presets.read("governed")).policies == (
        (
            "production",
            Policy(
                metrics=(Threshold("accuracy", ">=", 0.85),),
                required_evidence=("load_testing", "security_scan", "monitoring_setup"),
            ),
        ),
        ("staging", Policy(required_evidence=("basic_functionality", "integration_tests"))),
    )


def test_an_unknown_preset_is_refused_with_a_suggestion():
    with pytest.raises(UsageError) as error:
        presets.read("goverend")
    assert error.value.hint == "did you mean governed?"


def test_init_with_an_unknown_preset_creates_nothing(tmp_path: Path):
    with pytest.raises(UsageError):
        dspyreg.init(tmp_path / "store", preset="strict")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("name", presets.PRESETS)
def test_a_preset_is_applied_as_an_entry(tmp_path: Path, name: str):
    dspyreg.init(tmp_path / "store", preset=name)
    with dspyreg.open(tmp_path / "store") as registry:
        assert [entry.operation for entry in registry.log()] == ["config"]
        assert registry.configuration() == read(presets.read(name))


def test_a_preset_can_be_undone(tmp_path: Path):
    dspyreg.init(tmp_path / "store", preset="governed")
    with dspyreg.open(tmp_path / "store") as registry:
        registry.undo()
        assert registry.configuration() == DEFAULT


def test_applying_the_same_preset_again_reports_already(registry: Registry):
    presets.put_in_force(registry.context, "governed")
    assert presets.put_in_force(registry.context, "governed").entry is None


def test_a_preset_is_applied_after_an_interrupted_init(tmp_path: Path):
    dspyreg.init(tmp_path / "store")
    dspyreg.init(tmp_path / "store", preset="governed")
    with a_local_registry(tmp_path / "store") as registry:
        assert registry.configuration().policies


def test_a_preset_does_not_replace_a_configuration(registry: Registry):
    registry.apply("metrics: {primary: em}")
    with pytest.raises(Conflict):
        presets.put_in_force(registry.context, "governed")
    assert registry.configuration().metrics.primary == "em"


def test_a_preset_is_refused_in_a_registry_in_use(registry: Registry, programs: Programs):
    programs.register()
    with pytest.raises(Conflict):
        presets.put_in_force(registry.context, "simple")
    assert len(registry.log()) == 1
