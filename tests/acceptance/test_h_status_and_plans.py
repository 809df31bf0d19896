"""Group H: status and plans, in the environment development."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from builders import Clock, Programs, a_program, a_registry
from commandline import dspyreg
from comparing import a_predictor_state, a_state

from dspyreg.errors import NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.analyse.plan import DeploymentPlan
    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def live(registry: Registry, programs: Programs) -> Programs:
    """v1.0 with score 0.8, live in development."""
    registry.apply("default_environment: development\nversioning: {strategy: timestamp}")
    programs.register(label="v1.0", metrics={"score": 0.8})
    registry.deploy("qa@v1.0")
    return programs


@pytest.mark.usefixtures("live")
def test_h01_status_describes_the_live_version(registry: Registry):
    status = registry.status("qa")
    assert (status.deployed_version, status.total_versions) == ("v1.0", 1)
    assert status.history["latest_score"] == 0.8
    assert status.recommendations == ()


def test_h02_the_status_of_an_unknown_program_is_not_found(registry: Registry):
    with pytest.raises(NotFound, match="qa"):
        registry.status("qa")


def test_h03_status_recommends_evaluating_an_unmeasured_version(programs: Programs):
    programs.register()
    [advice] = programs.registry.status("qa").recommendations
    assert advice.startswith("Run an evaluation first")


def test_h07_a_plan_for_a_better_version_is_safe(registry: Registry, live: Programs):
    live.register(label="v2.0", metrics={"score": 0.9})
    plan = registry.plan("qa@v2.0")
    assert plan.deployment_safe
    assert plan.performance_change == 0.1
    assert plan.current is not None
    assert (plan.current.label, plan.target.label) == ("v1.0", "v2.0")
    assert "improvement" in plan.checks[0]


def test_h08_a_plan_for_a_worse_version_is_not_safe(registry: Registry, live: Programs):
    live.register(label="v3.0", metrics={"score": 0.6})
    plan = registry.plan("qa@v3.0")
    assert not plan.deployment_safe
    assert "regression" in plan.checks[0]


def test_h08_an_unsafe_plan_exits_with_1(here: Path):
    dspyreg("init")
    for score in (0.8, 0.6):
        (here / "program.json").write_text(a_program(score))
        dspyreg("register", "qa", "program.json", "--metric", f"score={score}")
    dspyreg("deploy", "qa@1.0.0", "--env", "development")
    ran = dspyreg("plan", "qa@1.0.1", "--env", "development", "--json")
    assert ran.status == 1
    assert ran.document["deployment_safe"] is False


def planned(registry: Registry, programs: Programs, characters: int, demos: int) -> DeploymentPlan:
    shots = tuple({"question": str(nth), "answer": "yes"} for nth in range(demos))
    state = a_state(generate=a_predictor_state("a" * characters, demos=shots))
    programs.register(content=state)
    return registry.plan("qa", environment="development")


def test_h09_planning_an_unknown_label_fails(registry: Registry, live: Programs):
    with pytest.raises(NotFound, match="Target version not found"):
        registry.plan("qa@v9.0")


def test_h10_a_plan_for_a_version_without_a_score_reports_no_performance_data(
    registry: Registry, live: Programs
):
    live.register(label="v2.0")
    plan = registry.plan("qa@v2.0")
    assert plan.checks[0].startswith("No performance data")
    assert plan.recommendations[0].startswith("Run an evaluation")


def test_h11_a_program_above_the_complexity_limit_is_reported(
    registry: Registry, programs: Programs
):
    plan = planned(registry, programs, 401, 4)
    assert any("complexity" in check for check in plan.checks)
    assert plan.deployment_safe


def test_h11_a_program_at_the_complexity_limit_is_not_reported(
    registry: Registry, programs: Programs
):
    plan = planned(registry, programs, 400, 4)
    assert not any("complexity" in check for check in plan.checks)


def test_h12_a_version_is_reported_as_old_after_eight_days(tmp_path: Path):
    clock = Clock()
    with a_registry(clock=clock) as registry:
        Programs(registry, tmp_path).register()
        clock.advance(timedelta(days=8))
        plan = registry.plan("qa", environment="development")
    assert "qa@1.0.0 is older than 7 days (8 days)" in plan.checks
