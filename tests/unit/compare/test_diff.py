"""Differences between two programs, part by part."""

from __future__ import annotations

from typing import Any

import pytest
from comparing import a_predictor_state, a_program

from dspyreg.compare.diff import (
    ADDED,
    CHANGED,
    EDITED,
    MOVED,
    REMOVED,
    SAME,
    PredictorDiff,
    ValueChange,
    predictors,
    words,
)

ONE, TWO, THREE = ({"question": f"{n} + {n}", "answer": str(2 * n)} for n in (1, 2, 3))


def between(old: dict[str, Any], new: dict[str, Any]) -> PredictorDiff:
    """Return the difference of the only predictor of two states."""
    before, after = (a_program(generate=a_predictor_state(**each)) for each in (old, new))
    [diff] = predictors(before, after)
    return diff


def demos(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the changes of demos with their questions."""
    changes = between({"demos": old}, {"demos": new}).demos
    return [(each.kind, (each.new or each.old or {})["question"]) for each in changes]


# Texts


def test_a_replaced_word_is_removed_and_added():
    assert words("Answer in one word.", "Answer in two words.") == [
        (SAME, "Answer in"),
        (SAME, " "),
        (REMOVED, "one word."),
        (ADDED, "two words."),
    ]


def test_an_inserted_word_is_added():
    assert words("Be brief.", "Be very brief.") == [
        (SAME, "Be"),
        (ADDED, " very"),
        (SAME, " brief."),
    ]


def test_texts_of_many_thousand_words_are_compared():
    old = " ".join(str(n % 7) for n in range(50_000))
    new = " ".join(str(n % 11) for n in range(50_000))
    parts = words(old, new)
    assert "".join(text for kind, text in parts if kind != ADDED) == old


def test_one_changed_word_in_a_long_text_is_found():
    old = " ".join(str(n) for n in range(50_000))
    parts = words(old, old.replace(" 25000 ", " here "))
    assert [text.strip() for kind, text in parts if kind != SAME] == ["25000", "here"]


# Demos


def test_demos_are_added_and_removed():
    assert demos([ONE, TWO], [TWO, THREE]) == [(ADDED, "3 + 3"), (REMOVED, "1 + 1")]


def test_a_demo_with_the_same_first_field_is_edited():
    assert demos([ONE], [{**ONE, "answer": "two"}]) == [(EDITED, "1 + 1")]


def test_the_fewest_possible_demos_are_reported_as_moved():
    assert demos([ONE, TWO, THREE], [TWO, THREE, ONE]) == [(MOVED, "1 + 1")]


def test_ids_and_split_marks_of_demos_are_ignored():
    marked = {**ONE, "dspy_uuid": "1f", "dspy_split": "train"}
    assert between({"demos": [ONE]}, {"demos": [marked]}).change == SAME


def test_the_order_of_keys_inside_a_demo_is_ignored():
    a, b = {"question": {"x": 1, "y": 2}}, {"question": {"y": 2, "x": 1}}
    assert between({"demos": [a]}, {"demos": [b]}).change == SAME


def test_a_duplicated_demo_is_added_once():
    assert demos([ONE], [ONE, ONE]) == [(ADDED, "1 + 1")]


def test_a_demo_made_by_an_optimizer_is_marked():
    [change] = between({}, {"demos": [{**ONE, "augmented": True}]}).demos
    assert change.augmented


def test_unchanged_demos_are_counted():
    assert between({"demos": [ONE, TWO]}, {"demos": [ONE, TWO, THREE]}).demos_kept == 2


def test_ten_thousand_reversed_demos_are_compared():
    many = [{"question": str(n), "answer": "x"} for n in range(10_000)]
    diff = between({"demos": many}, {"demos": many[::-1]})
    assert len(diff.demos) == 9_999


# Parts


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("instructions", {}, {"instructions": "Be brief."}),
        ("fields", {}, {"fields": ("question", ("A:", "${answer}"))}),
        ("demos", {}, {"demos": [ONE]}),
        ("lm", {"lm": {"model": "a"}}, {"lm": {"model": "b"}}),
        ("more", {}, {"rules": ["x"]}),
        ("more", {}, {"rules": None}),
    ],
)
def test_only_the_changed_part_is_reported(part: str, old: dict[str, Any], new: dict[str, Any]):
    diff = between(old, new)
    parts = {"instructions", "fields", "demos", "lm", "settings", "more"}
    assert diff.change == CHANGED
    assert {name for name in parts if getattr(diff, name)} == {part}


def test_the_api_key_of_a_language_model_is_ignored():
    old, new = ({"lm": {"model": "a", "api_key": key}} for key in ("one", "two"))
    assert between(old, new).change == SAME


def test_a_changed_setting_of_the_language_model_is_reported():
    old, new = ({"lm": {"model": "a", "temperature": each}} for each in (0, 1))
    assert between(old, new).lm == (ValueChange("temperature", 0, 1),)


def test_predictors_are_added_and_removed():
    old = a_program(draft=a_predictor_state(), generate=a_predictor_state())
    new = a_program(generate=a_predictor_state(), check=a_predictor_state())
    changes = [(each.name, each.change) for each in predictors(old, new)]
    assert changes == [("generate", SAME), ("check", ADDED), ("draft", REMOVED)]
