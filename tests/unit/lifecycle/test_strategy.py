"""Strategies: which version each deploys."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Rules, a_config, an_environment

from dspyreg.config.value import Integration, Metrics
from dspyreg.errors import NotFound, Refused, UsageError
from dspyreg.lifecycle.strategy import Candidates, Pick, choose, gains, pick
from dspyreg.model import names
from dspyreg.model.selector import Selector


def a_field(scores: dict[int, float], live: int | None = 1, **more: Any) -> Candidates:
    told = {"falls": False, "threshold": 0.1, "label": str, **more}
    return Candidates("qa", scores, live, **told)


@pytest.mark.parametrize(
    ("now", "then", "falls", "enough"),
    [
        (0.8, 0.88, False, True),  # exactly a tenth
        (0.8, 0.8799, False, False),
        (200, 180, True, True),
        (200, 220, True, False),
        (0.0, 0.01, False, True),
        (0.0, 0.0, False, False),
        (-1.0, -0.9, False, True),
    ],
)
def test_a_gain_is_measured_relative_to_the_live_score(
    now: float, then: float, falls: bool, enough: bool
):
    assert gains(now, then, 0.1, falls=falls) is enough


def test_a_threshold_of_zero_still_requires_an_improvement():
    assert not gains(0.8, 0.8, 0.0, falls=False)
    assert gains(0.8, 0.81, 0.0, falls=False)


def test_the_live_version_stays_when_nothing_is_better():
    assert choose("conservative", a_field({1: 0.9, 2: 0.8})) == 1
    assert choose("best_score", a_field({1: 0.9, 2: 0.9})) == 1


def test_aggressive_takes_the_newest_of_equal_scores_when_none_is_live():
    assert choose("aggressive", a_field({1: 0.9, 2: 0.9}, live=None)) == 2


def test_conservative_takes_the_best_version_when_nothing_is_live():
    assert choose("conservative", a_field({1: 0.5, 2: 0.9}, live=None)) == 2


@pytest.mark.parametrize("strategy", ["conservative", "aggressive"])
def test_a_live_version_without_a_score_is_replaced(strategy: str):
    assert choose(strategy, a_field({2: 0.9})) == 2


def test_the_lowest_value_is_best_when_lower_is_better():
    assert choose("best_score", a_field({1: 200, 2: 100}, falls=True)) == 2


def rules(**more: Any) -> Rules:
    config = a_config(an_environment("eu", "staging"), an_environment("edge", None), **more)
    return Rules(config)


def measure(rules: Rules, number: int, **metrics: float) -> None:
    for metric, value in metrics.items():
        rules.state.put(names.metric("qa", number, metric, f"m{number}"), value)


def picked(rules: Rules, text: str = "qa", **more: Any) -> Pick:
    told = {"environment": "eu", "by": "best_score", **more}
    found, _ = rules.judge(pick, Selector.parse(text), **told)  # type: ignore[arg-type]
    assert isinstance(found, Pick)
    return found


def test_a_strategy_chooses_only_from_versions_that_qualify():
    rules_ = rules()
    for stage, score in (("staging", 0.5), ("development", 0.9), ("archived", 0.8)):
        measure(rules_, rules_.state.add("qa", stage, stage), em=score)
    assert picked(rules_).selector.text == "1"
    assert picked(rules_, environment="edge").selector.text == "2"


def test_a_strategy_never_chooses_a_deprecated_version():
    rules_ = rules()
    for stage, score in (("deprecated", 0.9), ("staging", 0.5)):
        measure(rules_, rules_.state.add("qa", stage, stage), em=score)
    assert picked(rules_).selector.text == "2"


def test_a_strategy_never_chooses_a_version_rolled_back_there_and_names_it():
    rules_ = rules()
    for label, score in (("1.0.0", 0.5), ("2.0.0", 0.9)):
        measure(rules_, rules_.state.add("qa", label, "staging"), em=score)
    rules_.state.serve("qa", "eu", 2)
    [record] = rules_.state.records("qa", "eu")
    rules_.state.serve("qa", "eu", 1)
    gone = record.deployment._replace(status="rolled_back").to_json()
    rules_.state.put(names.deployment("qa", "eu", record.id.removeprefix("eu-")), gone)
    found = picked(rules_)
    assert found.selector.text == "1"
    assert found.notices == ("qa@2.0.0 was rolled back in eu and is left out",)


def test_a_strategy_does_not_compare_scores_of_different_metrics():
    rules_ = rules()
    measure(rules_, rules_.state.add("qa", "1.0.0", "staging"), em=0.5)
    measure(rules_, rules_.state.add("qa", "2.0.0", "staging"), latency=0.9)
    rules_.state.serve("qa", "eu", 1)
    assert picked(rules_).evidence == {
        "strategy": "best_score",
        "metric": "em",
        "score": 0.5,
        "live_score": 0.5,
    }


def test_a_strategy_compares_the_primary_metric():
    rules_ = rules(metrics=Metrics(primary="latency"))
    for label, em, latency in (("1.0.0", 0.9, 200), ("2.0.0", 0.5, 100)):
        measure(rules_, rules_.state.add("qa", label, "staging"), em=em, latency=latency)
    assert picked(rules_).selector.text == "2"


def test_a_named_version_is_chosen_without_a_strategy():
    rules_ = rules(integration=Integration(deployment_strategy="manual"))
    assert picked(rules_, "qa@1.0.0", by=None) == Pick(Selector.parse("qa@1.0.0"), "eu")


def test_no_version_is_chosen_without_a_strategy():
    assert picked(rules(), by=None) == Pick(Selector("qa"), "eu")


def test_the_configured_strategy_is_the_default():
    rules_ = rules(integration=Integration(deployment_strategy="manual"))
    rules_.state.add("qa", "1.0.0", "staging")
    with pytest.raises(Refused, match="manual"):
        picked(rules_, by=None)


def test_a_version_together_with_a_strategy_is_a_usage_error():
    with pytest.raises(UsageError, match="contradict"):
        picked(rules(), "qa@1.0.0")


def test_choosing_for_an_unknown_program_is_not_found():
    with pytest.raises(NotFound, match="qa"):
        picked(rules())


def test_a_choice_expects_that_no_measurement_is_added():
    rules_ = rules()
    measure(rules_, rules_.state.add("qa", "1.0.0", "staging"), em=0.5)
    _, draft = rules_.judge(pick, Selector("qa"), environment="eu", by="best_score")
    assert dict(draft.expects)["metrics/qa/"] == rules_.state.seq
