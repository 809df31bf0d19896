"""Group L: scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


def path(registry: Registry, selector: str) -> list[str | None]:
    steps = registry.show(selector).transitions
    return [steps[0].from_stage, *(step.to_stage for step in steps)]


def test_l01_a_rollback_restores_the_release_before(registry: Registry, programs: Programs):
    for label, score in (("1.0.0", 0.82), ("1.1.0", 0.87), ("2.0.0", 0.93)):
        programs.register("qa", label, metrics={"score": score})
    programs.register("summarization", "1.0.0", metrics={"score": 0.78})
    for label in ("1.0.0", "1.1.0"):
        registry.promote(f"qa@{label}", to="staging")
        registry.promote(f"qa@{label}", to="production")
    registry.rollback("qa", to="1.0.0", reason="High error rate")
    assert registry.resolve("qa@production").label == "1.0.0"
    assert registry.show("qa@1.1.0").stage == "deprecated"
    assert registry.show("qa@2.0.0").stage == "development"
    rise = [None, "development", "staging", "production", "deprecated"]
    assert path(registry, "qa@1.0.0") == [*rise, "production"]
    assert path(registry, "qa@1.1.0") == rise


def test_l02_a_version_goes_from_registration_to_production(registry: Registry, programs: Programs):
    name = "sentiment-classifier"
    programs.register(name, metrics={"accuracy": 0.95, "f1_score": 0.93})
    registry.promote(f"{name}@1.0.0", to="staging")
    registry.promote(f"{name}@1.0.0", to="production")
    found = registry.versions(stage="production").versions
    assert [str(version) for version in found] == [f"{name}@1.0.0"]
    assert path(registry, name) == [None, "development", "staging", "production"]
