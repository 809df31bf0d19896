"""The winner of a comparison, and differences of metadata."""

from __future__ import annotations

from typing import Any

import pytest
from comparing import a_predictor_state, a_state

from dspyreg.compare.metrics import changes
from dspyreg.compare.winner import Winner, differences, in_words, members, winner
from dspyreg.formats.known import read
from dspyreg.model.metrics import Metrics


def won(
    a: dict[str, float], b: dict[str, float], primary: str | None = None, tie: float = 0.01
) -> Winner:
    rows = changes(a, b, Metrics())
    return winner([row for row in rows if row.a is not None and row.b is not None], primary, tie)


def test_the_primary_metric_decides_the_winner():
    result = won({"em": 0.8, "f1": 0.9, "f2": 0.9}, {"em": 0.9, "f1": 0.1, "f2": 0.1}, "em")
    assert result == Winner("b", "em", definitely=False)


@pytest.mark.parametrize(("b", "best"), [(0.809, "tie"), (0.81, "b"), (0.791, "tie"), (0.79, "a")])
def test_a_difference_below_the_tie_is_a_tie(b: float, best: str):
    assert won({"em": 0.80}, {"em": b}, "em").winner == best


def test_the_smallest_difference_decides_when_the_tie_is_zero():
    assert won({"em": 0.8}, {"em": 0.8 + 1e-6}, "em", tie=0).winner == "b"
    assert won({"em": 0.8}, {"em": 0.8 + 1e-12}, "em", tie=0).winner == "tie"


def test_the_lower_value_wins_when_lower_is_better():
    assert won({"latency": 200}, {"latency": 100}, "latency") == Winner("b", "latency", True)


def test_without_a_primary_metric_a_mixed_result_has_no_winner():
    a, b = {"x": 0.1, "y": 0.1, "z": 0.9}, {"x": 0.2, "y": 0.2, "z": 0.1}
    assert won(a, b) == Winner("none", None, definitely=False)


def test_without_a_primary_metric_the_version_that_is_never_worse_wins():
    assert won({"x": 0.1, "y": 0.9}, {"x": 0.2, "y": 0.9}) == Winner("b", None, True)
    assert won({"x": 0.1, "y": 0.9}, {"x": 0.1, "y": 0.9}) == Winner("tie", None, False)


def test_percentages_and_fractions_are_not_compared():
    a, b = {"em": 91.5, "f1": 0.5}, {"em": 0.97, "f1": 0.6}
    assert won(a, b, "em") == Winner("none", "em", False)
    assert won(a, b, "f1") == Winner("b", "f1", True)
    assert won(a, b) == Winner("none", None, False)


def test_a_primary_metric_that_one_version_lacks_does_not_decide():
    assert won({"em": 0.9, "x": 1}, {"x": 2}, "em") == Winner("b", None, definitely=True)


def test_versions_without_a_common_metric_have_no_winner():
    assert won({"em": 0.9}, {"f1": 0.9}) == Winner("none", None, False)
    assert won({}, {}) == Winner("none", None, False)


def test_a_winner_that_is_worse_in_nothing_wins_definitely():
    a, b = {"em": 0.8, "f1": 0.5}, {"em": 0.9, "f1": 0.5}
    assert won(a, b, "em").definitely
    assert won(b, a, "em").definitely
    assert not won(a, {**b, "f1": 0.4}, "em").definitely


def lines(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    return in_words(differences(old, new))


def test_nested_mappings_are_compared_key_by_key():
    old = {"optimizer": {"name": "MIPROv2", "trials": 10}, "seed": 1}
    new = {"optimizer": {"name": "MIPROv2", "trials": 25, "auto": "light"}, "seed": 1}
    assert lines(old, new) == (
        "changed optimizer.trials: 10 → 25 (+15)",
        "added optimizer.auto: light",
    )


def test_null_equals_a_missing_value():
    assert lines({"seed": None}, {}) == ()
    assert lines({"seed": None}, {"seed": 1}) == ("added seed: 1",)


def test_booleans_and_numbers_differ():
    assert lines({"cot": 1}, {"cot": True}) == ("changed cot: 1 → true",)


def test_a_long_text_is_shortened_in_the_middle():
    [line] = lines({}, {"instruction": "begin " + "x" * 500 + " end"})
    assert line.startswith("added instruction: begin x")
    assert line.endswith("x end")
    assert len(line) < 120


def test_numbers_of_any_size_can_be_shown():
    assert lines({"seed": 10**400}, {"seed": 1})[0].endswith(" → 1")


def test_a_predictor_is_described_by_its_instructions_demos_and_model():
    demos = ({"question": "q", "answer": "a"},)
    lm = {"model": "openai/gpt-4o-mini", "api_key": "sk-secret"}
    state = a_state(generate=a_predictor_state("Answer.", demos=demos, lm=lm))
    assert members(read(state.encode())) == {
        "generate.instructions": "Answer.",
        "generate.demos": 1,
        "generate.model": "openai/gpt-4o-mini",
    }
