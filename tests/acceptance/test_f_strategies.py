"""Group F: selection strategies, automatic registration and deployment. The default environment
here is development.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from builders import a_program
from commandline import dspyreg

from dspyreg.errors import Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

CONFIGURATION = "default_environment: development\nversioning: {strategy: timestamp}\n"


@pytest.fixture
def scored(registry: Registry, programs: Programs) -> Programs:
    """A registry whose default environment is development."""
    registry.apply(CONFIGURATION)
    return programs


def live(registry: Registry) -> str:
    return registry.resolve("qa@development").label


def two(programs: Programs, first: float, second: float) -> None:
    """Register A and make it live; register B."""
    programs.register(label="A", metrics={"score": first})
    programs.registry.deploy("qa@A")
    programs.register(label="B", metrics={"score": second})


def test_f01_conservative_deploys_a_much_better_version(registry: Registry, scored: Programs):
    two(scored, 0.7, 0.9)
    registry.deploy("qa", select="conservative")
    assert live(registry) == "B"


def test_f02_conservative_deploys_a_gain_above_ten_percent(registry: Registry, scored: Programs):
    two(scored, 0.8, 0.8801)
    registry.deploy("qa", select="conservative")
    assert live(registry) == "B"


def test_f02_conservative_refuses_a_gain_below_ten_percent(registry: Registry, scored: Programs):
    two(scored, 0.8, 0.879)
    with pytest.raises(Refused, match="less than 10% better"):
        registry.deploy("qa", select="conservative")
    assert live(registry) == "A"


def test_f03_conservative_deploys_a_gain_of_exactly_ten_percent(
    registry: Registry, scored: Programs
):
    two(scored, 0.80, 0.88)
    registry.deploy("qa", select="conservative")
    assert live(registry) == "B"


def test_f05_conservative_replaces_a_live_version_without_a_score_with_a_notice(
    registry: Registry, scored: Programs
):
    scored.register(label="A")
    registry.deploy("qa@A", environment="development")
    scored.register(label="B", metrics={"score": 0.5})
    done = registry.deploy("qa", select="conservative")
    assert live(registry) == "B"
    assert done.notices == ("qa@A is live and has no score to compare with",)


@pytest.mark.parametrize("strategy", ["conservative", "aggressive"])
def test_f06_nothing_is_deployed_without_scores(
    registry: Registry, scored: Programs, strategy: str
):
    scored.register(label="A")
    with pytest.raises(Refused, match="has a score"):
        registry.deploy("qa", select=strategy)
    assert registry.status("qa").deployed_version is None


def test_f07_conservative_uses_the_configured_threshold(registry: Registry, scored: Programs):
    registry.apply(CONFIGURATION + "integration: {auto_deploy_threshold: 0.15}")
    two(scored, 0.8, 0.9)
    with pytest.raises(Refused, match="less than 15% better"):
        registry.deploy("qa", select="conservative")
    assert live(registry) == "A"


@pytest.mark.parametrize("strategy", ["aggressive", "best_score"])
def test_f08_best_deploys_the_version_with_the_highest_score(
    registry: Registry, scored: Programs, strategy: str
):
    two(scored, 0.7, 0.9)
    registry.deploy("qa", select=strategy)
    assert live(registry) == "B"


def test_f10_the_manual_strategy_refuses_to_choose_a_version(registry: Registry, scored: Programs):
    two(scored, 0.7, 0.9)
    with pytest.raises(Refused, match="manual"):
        registry.deploy("qa", select="manual")
    assert live(registry) == "A"


def test_f10_an_unknown_strategy_is_a_usage_error(registry: Registry, scored: Programs):
    two(scored, 0.7, 0.9)
    with pytest.raises(UsageError, match="xyz"):
        registry.deploy("qa", select="xyz")


RESULT: dict[str, Any] = {
    "best_score_value": 0.85,
    "program_id": "p-17",
    "optimizer": "MIPROv2",
    "total_trials": 10,
    "metadata": {"team": "search"},
}


@pytest.mark.usefixtures("here")
def test_f12_an_optimizer_result_is_registered_as_a_version(here: Path):
    (here / "program.json").write_text(a_program())
    (here / "result.json").write_text(json.dumps(RESULT))
    dspyreg("init")
    dspyreg("register", "qa", "program.json", "--from-result", "result.json", "--meta", "by=ada")
    version = dspyreg("show", "qa", "--json").document
    assert version["score"] == 0.85
    told = version["metadata"]
    assert (told["program_id"], told["optimizer"], told["total_trials"]) == ("p-17", "MIPROv2", 10)
    assert (told["team"], told["by"], told["auto_registered"]) == ("search", "ada", True)


def from_result(programs: Programs, **result: Any) -> Outcome:
    return programs.registry.register_result(result, None, programs.file())


def test_f13_the_first_metric_of_a_result_becomes_the_score(registry: Registry, programs: Programs):
    from_result(programs, program_name="qa", scores={"accuracy": 0.7, "f1": 0.6})
    version = registry.show("qa")
    assert version.score == 0.7
    assert version.metrics == {"accuracy": 0.7, "f1": 0.6, "score": 0.7}


def test_f15_a_result_without_a_program_name_is_a_usage_error(
    registry: Registry, programs: Programs
):
    with pytest.raises(UsageError, match="names no program"):
        from_result(programs, best_score_value=0.85)
    assert registry.programs() == []


BEST = "default_environment: development\nintegration: {auto_deploy_best_versions: true}"


def heard_of(registry: Registry) -> list[str]:
    """Return a list that receives the names of events from now on."""
    names: list[str] = []
    registry.listener = lambda event: names.append(event["event"])
    return names


def test_f16_the_first_result_is_deployed_automatically(registry: Registry, programs: Programs):
    registry.apply(BEST)
    heard = heard_of(registry)
    from_result(programs, program_name="qa", best_score_value=0.85)
    assert live(registry) == "1.0.0"
    assert "dspy.registry.auto_deployment" in heard


def test_f17_a_marginal_gain_is_not_deployed_automatically(registry: Registry, programs: Programs):
    registry.apply(BEST)
    programs.register(metrics={"score": 0.95})
    heard = heard_of(registry)
    made = from_result(programs, program_name="qa", best_score_value=0.96)
    assert live(registry) == "1.0.0"
    assert registry.show("qa@1.0.1").score == 0.96
    assert "was not deployed by itself" in made.notices[-1]
    assert "dspy.registry.auto_deployment" not in heard
