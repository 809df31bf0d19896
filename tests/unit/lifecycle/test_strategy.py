"""Which version a strategy makes live."""

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
def test_a_gain_is_a_part_of_what_is(now: float, then: float, falls: bool, enough: bool):
    assert gains(now, then, 0.1, falls=falls) is enough


def test_a_threshold_of_nothing_still_asks_for_something_better():
    assert not gains(0.8, 0.8, 0.0, falls=False)
    assert gains(0.8, 0.81, 0.0, falls=False)


def test_what_is_live_stays_if_nothing_is_better():
    assert choose("conservative", a_field({1: 0.9, 2: 0.8})) == 1
    assert choose("best_score", a_field({1: 0.9, 2: 0.9})) == 1


def test_of_the_best_the_newest_is_taken_if_none_is_live():
    assert choose("aggressive", a_field({1: 0.9, 2: 0.9}, live=None)) == 2


def test_conservative_takes_the_best_where_nothing_is_live():
    assert choose("conservative", a_field({1: 0.5, 2: 0.9}, live=None)) == 2


@pytest.mark.parametrize("strategy", ["conservative", "aggressive"])
def test_what_is_live_without_a_score_stands_in_nobodys_way(strategy: str):
    assert choose(strategy, a_field({2: 0.9})) == 2


def test_the_best_of_a_metric_that_falls_is_the_lowest():
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


def test_only_what_qualifies_is_chosen_from():
    rules_ = rules()
    for stage, score in (("staging", 0.5), ("development", 0.9), ("archived", 0.8)):
        measure(rules_, rules_.state.add("qa", stage, stage), em=score)
    assert picked(rules_).selector.text == "1"
    assert picked(rules_, environment="edge").selector.text == "2"


def test_what_is_deprecated_is_left_out():
    rules_ = rules()
    for stage, score in (("deprecated", 0.9), ("staging", 0.5)):
        measure(rules_, rules_.state.add("qa", stage, stage), em=score)
    assert picked(rules_).selector.text == "2"


def test_what_was_rolled_back_there_is_left_out_and_named():
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


def test_scores_of_different_metrics_are_not_compared():
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


def test_the_primary_metric_is_the_score():
    rules_ = rules(metrics=Metrics(primary="latency"))
    for label, em, latency in (("1.0.0", 0.9, 200), ("2.0.0", 0.5, 100)):
        measure(rules_, rules_.state.add("qa", label, "staging"), em=em, latency=latency)
    assert picked(rules_).selector.text == "2"


def test_a_version_that_is_named_is_what_is_deployed():
    rules_ = rules(integration=Integration(deployment_strategy="manual"))
    assert picked(rules_, "qa@1.0.0", by=None) == Pick(Selector.parse("qa@1.0.0"), "eu")


def test_without_a_strategy_nothing_is_chosen():
    assert picked(rules(), by=None) == Pick(Selector("qa"), "eu")


def test_the_configured_strategy_is_the_default():
    rules_ = rules(integration=Integration(deployment_strategy="manual"))
    rules_.state.add("qa", "1.0.0", "staging")
    with pytest.raises(Refused, match="manual"):
        picked(rules_, by=None)


def test_a_version_and_a_strategy_contradict_each_other():
    with pytest.raises(UsageError, match="contradict"):
        picked(rules(), "qa@1.0.0")


def test_of_no_program_nothing_is_chosen():
    with pytest.raises(NotFound, match="qa"):
        picked(rules())


def test_the_choice_expects_that_no_measurement_arrives_meanwhile():
    rules_ = rules()
    measure(rules_, rules_.state.add("qa", "1.0.0", "staging"), em=0.5)
    _, draft = rules_.judge(pick, Selector("qa"), environment="eu", by="best_score")
    assert dict(draft.expects)["metrics/qa/"] == rules_.state.seq
