"""States of older families, converted for current DSPy."""

from __future__ import annotations

import json
from typing import Any

import golden_states as golden
import pytest

from dspyreg.formats import convert
from dspyreg.formats.known import read


def as_today(demo: dict[str, Any]) -> dict[str, Any]:
    """Return a demo with its rationale renamed as a current chain of thought names it."""
    return {"reasoning" if key == "rationale" else key: demo[key] for key in demo}


def converted(name: str) -> Any:
    """Return the JSON of a converted state."""
    return json.loads(convert.text_of(golden.program(name)))


@pytest.mark.parametrize("name", [n for n in golden.NAMES if n[0] == "d" and n != "d-nan"])
def test_converting_a_current_state_changes_nothing(name: str):
    text = json.dumps(golden.state(name)).replace('"cache_in_memory": true, ', "")  # of 2.6
    assert converted(name) == json.loads(text)


def a_model(state: dict[str, Any]) -> Any:
    """Return the converted state of a language model."""
    flat = golden.state("d-flat")
    return convert.state_of(golden.program_of({**flat, "lm": state}))["lm"]


def test_the_memory_cache_setting_of_dspy_2_6_is_dropped():
    assert a_model({"model": "openai/x", "cache_in_memory": True}) == {"model": "openai/x"}


def test_the_token_limit_of_a_reasoning_model_is_left_to_current_dspy():
    old = {"model": "openai/o3-mini", "max_completion_tokens": 16_000}
    assert a_model(old) == {**old, "_dspy_lm_class": "dspy.clients.lm.LM"}


def test_a_custom_token_limit_beside_the_usual_one_is_kept():
    state = {"model": "azure/mine", "max_tokens": None, "max_completion_tokens": 9}
    assert a_model(state) == state


def test_the_language_model_of_a_flex_is_converted_too():
    state = {**golden.state("d-keyed"), "flex": {"lm": {"model": "m", "cache_in_memory": True}}}
    assert convert.state_of(golden.program_of(state))["flex"] == {"lm": {"model": "m"}}


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_converted_state_is_of_the_current_family(name: str):
    assert read(convert.text_of(golden.program(name)).encode()).family == "D"


@pytest.mark.parametrize("name", golden.NAMES)
def test_converting_a_converted_state_changes_nothing(name: str):
    text = convert.text_of(golden.program(name))
    assert convert.text_of(read(text.encode())) == text


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_converted_predictor_keeps_its_instructions_demos_and_texts(name: str):
    before = golden.program(name)
    after = read(convert.text_of(before).encode())
    if name == "d-nan":
        return
    there = {each.name: each for each in after.predictors}
    assert len(there) == len(before.predictors)
    for old in before.predictors:
        new = there[convert.current_name(before, old)]
        assert new.instructions == (old.instructions or "")
        assert list(new.demos) == [as_today(demo) if old.extended else demo for demo in old.demos]
        assert new.fields == old.texts


@pytest.mark.parametrize(
    ("name", "today"),
    [
        ("z-keyed", ["generate_answer.predict"]),
        ("a-flat", [""]),
        ("a-keyed", ["generate.predict"]),
        (
            "a-list",
            ["generate_query[0].predict", "generate_query[1].predict", "generate_answer.predict"],
        ),
        ("a-predictor-called-metadata", ["metadata", "other"]),
        ("b-flat", [""]),
        ("b-bare-chain-of-thought", ["predict"]),
        ("b-split-keys", ["x", "x.predict"]),
        ("c-keyed", ["generate.predict"]),
        ("d-nested", ["sub.generate.predict", "final"]),
    ],
)
def test_a_converted_predictor_has_its_current_name(name: str, today: list[str]):
    program = golden.program(name)
    assert [convert.current_name(program, each) for each in program.predictors] == today


def test_the_rationale_of_a_demo_is_renamed_to_reasoning():
    [demo, labelled] = converted("b-keyed")["generate.predict"]["demos"]
    assert list(demo) == ["question", "reasoning", "answer"]
    assert list(labelled) == ["question", "answer", "augmented"]


def test_a_field_named_rationale_is_kept_where_reasoning_exists():
    state = golden.state("a-keyed")
    state["generate"]["demos"] = [
        {"question": "?", "reasoning": "So.", "rationale": "mine", "answer": "!"},
        {"question": "?", "rationale": "mine", "answer": "!"},
    ]
    [_, labelled] = convert.state_of(golden.program_of(state))["generate.predict"]["demos"]
    assert labelled["rationale"] == "mine"


def test_a_bare_chain_of_thought_of_the_first_versions_becomes_a_predict():
    flat = golden.state("a-keyed")["generate"]
    program = golden.program_of(flat)
    assert list(convert.state_of(program)) == ["predict", "metadata"]


def test_conversion_gives_no_name_twice():
    state = golden.state("c-keyed")
    state["generate.predict"] = golden.state("b-flat")
    program = golden.program_of(state)
    names = [convert.current_name(program, each) for each in program.predictors]
    assert names == ["generate", "generate.predict"]


def test_a_predictor_called_metadata_is_merged_with_the_version_metadata():
    state = converted("a-predictor-called-metadata")
    assert state["metadata"]["dependency_versions"] == {}
    assert (
        state["metadata"]["demos"]
        == golden.state("a-predictor-called-metadata")["metadata"]["demos"]
    )


def test_conversion_keeps_the_dspy_version_that_wrote_the_state():
    assert converted("c-flat")["metadata"] == golden.state("c-flat")["metadata"]


def test_conversion_keeps_retrievers():
    assert converted("a-retriever")["retrieve"] == {"k": 3}


def test_values_that_json_cannot_hold_are_converted_to_null():
    [demo] = converted("d-nan")["demos"]
    assert (demo["distance"], demo["limits"]) == (None, [None, None])


@pytest.mark.parametrize(
    ("name", "losses"),
    [
        ("z-keyed", ["`generate_answer.predict` has no saved instructions; they are empty now"]),
        ("a-flat", ["only the last field prefix of the program was saved: 'Answer:'"]),
        (
            "a-keyed",
            ["only the last field prefix of `generate.predict` was saved: 'Answer:'"],
        ),
        ("a-names-of-fields", []),
        ("b-keyed", []),
        ("c-list", []),
        ("d-tools", []),
        ("d-nan", ["NaN and infinities became null"]),
    ],
)
def test_conversion_reports_what_a_state_lacks(name: str, losses: list[str]):
    assert list(convert.losses(golden.program(name))) == losses


def test_an_invalid_language_model_state_is_dropped_and_reported():
    program = golden.program_of({**golden.state("b-flat"), "lm": "gpt-3.5-turbo"})
    assert convert.state_of(program)["lm"] is None
    assert list(convert.losses(program)) == [
        "DSPy no longer reads the language model of the program; it is left out"
    ]
