"""Every family of states reads into one normal form."""

from __future__ import annotations

from typing import Any

import golden_states as golden
import pytest

from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import FieldText, Predictor


def default(fields: str, produced: str) -> str:
    """Return the instructions that DSPy generates for a signature without any."""
    names = ", ".join(f"`{name}`" for name in fields.split())
    return f"Given the fields {names}, produce the fields `{produced}`."


QA = default("question", "answer")
RAG = default("context question", "answer")
QUERY = default("context question", "search_query")
FACTOID = "Answer the question with a short factoid."
FACT = "Answer with a short fact."

# by file: its family, and by predictor: first line of the instructions, how many fields and demos
TABLE: dict[str, tuple[str, dict[str, tuple[str | None, int, int]]]] = {
    "z-keyed": ("Z", {"generate_answer": (None, 0, 2)}),
    "a-flat": ("A", {"": (FACTOID, 1, 2)}),
    "a-keyed": ("A", {"generate": (QA, 1, 1)}),
    "a-list": (
        "A",
        {
            "generate_query[0]": (QUERY, 1, 0),
            "generate_query[1]": (QUERY, 1, 0),
            "generate_answer": (RAG, 1, 0),
        },
    ),
    "a-names-of-fields": ("A", {"generate": (FACT, 3, 2)}),
    "a-predictor-called-metadata": (
        "A",
        {
            "metadata": (default("q", "a"), 1, 1),
            "other": (default("q", "a"), 1, 0),
        },
    ),
    "a-retriever": ("A", {"generate_answer": (RAG, 1, 0)}),
    "b-bare-chain-of-thought": ("B", {"self": (FACT, 3, 2)}),
    "b-flat": ("B", {"": (FACT, 2, 2)}),
    "b-keyed": ("B", {"generate": (FACT, 3, 2)}),
    "b-split-keys": (
        "B",
        {
            "x": (default("question", "plan"), 2, 2),
            "x.predict": (default("question plan", "answer"), 3, 0),
        },
    ),
    "c-flat": ("C", {"": (FACTOID, 2, 2)}),
    "c-keyed": ("C", {"generate": (QA, 3, 1)}),
    "c-list": (
        "C",
        {
            "generate_query[0]": (QUERY, 4, 0),
            "generate_query[1]": (QUERY, 4, 0),
            "generate_answer": (RAG, 4, 0),
        },
    ),
    # Without the predictor called metadata, which the versions that save writes replaced.
    "c-predictor-called-metadata": ("C", {"other": (default("q", "a"), 2, 0)}),
    "d-2.6-flat": ("D", {"": (FACTOID, 2, 2)}),
    "d-2.6-model": ("D", {"generate.predict": (QA, 3, 0)}),
    "d-2.6-retriever": ("D", {"generate_answer.predict": (RAG, 4, 0)}),
    "d-decisions": ("D", {"": ("Triage a ticket.", 3, 0)}),
    "d-flat": ("D", {"": (FACTOID, 2, 2)}),
    "d-flex": ("D", {"classify": (default("text", "label"), 2, 0)}),
    "d-keyed": ("D", {"generate.predict": (QA, 3, 1)}),
    "d-model": ("D", {"generate.predict": (QA, 3, 0)}),
    "d-nan": ("D", {"": (default("question", "distance"), 2, 1)}),
    "d-nested": (
        "D",
        {
            "sub.generate.predict": (QA, 3, 0),
            "final": (default("draft", "answer"), 2, 0),
        },
    ),
    "d-special-types": ("D", {"": ("Describe.", 4, 1)}),
    "d-tools": ("D", {"react": (QA, 5, 0), "extract.predict": (QA, 4, 1)}),
}


def summary(each: Predictor) -> tuple[str | None, int, int]:
    """Return a predictor as a row of the table."""
    first = each.instructions and each.instructions.partition("\n")[0]
    return first, len(each.fields), len(each.demos)


@pytest.mark.parametrize("name", golden.NAMES)
def test_every_golden_state_is_read_with_its_family_and_predictors(name: str):
    program = golden.program(name)
    predictors = {each.name: summary(each) for each in program.predictors}
    assert (program.family, predictors) == TABLE[name]


@pytest.mark.parametrize("newer", ["c-flat", "d-2.6-flat"])
def test_a_program_has_the_same_digest_in_every_family_that_keeps_all_of_it(newer: str):
    assert golden.program(newer).digest() == golden.program("d-flat").digest()


@pytest.mark.parametrize("part", ["name", "instructions", "demos", "lm", "settings", "more"])
def test_family_a_keeps_everything_but_the_fields(part: str):
    old, new = golden.only("a-flat"), golden.only("d-flat")
    assert getattr(old, part) == getattr(new, part)


def test_family_a_keeps_the_last_prefix():
    assert golden.only("a-flat").last_prefix == golden.only("d-flat").fields[-1].prefix
    assert golden.only("a-flat").texts == ()


def test_family_a_with_field_names_equals_family_b():
    old, new = golden.only("a-names-of-fields"), golden.only("b-keyed")
    assert old.fields == new.fields
    assert old.demos == new.demos


def test_fields_without_their_reasoning_field_are_not_used():
    state = golden.state("a-names-of-fields")
    del state["generate"]["fields"][1]
    [predictor] = golden.program_of(state).predictors
    assert predictor.fields == (FieldText("Short answer:", ""),)


def test_the_extended_signature_of_a_chain_of_thought_is_used():
    [first, *_] = golden.program("c-list").predictors
    base = golden.state("c-list")[first.name]["signature"]
    assert first.instructions != base["instructions"]
    assert first.more == {"signature": base}


def test_decision_settings_belong_to_their_predictor():
    settings = golden.only("d-decisions").settings
    assert settings["urgent"] == {"threshold": 0.62}


def test_retrievers_and_generated_code_are_kept_beside_the_predictors():
    assert golden.program("d-2.6-retriever").others == {"retrieve": {"k": 3}}
    assert golden.program("a-retriever").others == {"retrieve": {"k": 3}}
    assert list(golden.program("d-flex").others) == ["module_src"]


def test_a_predictor_can_be_named_demos():
    state = {"demos": golden.state("b-flat")}
    assert [each.name for each in golden.program_of(state).predictors] == ["demos"]


def test_sorting_the_keys_of_a_state_does_not_change_its_family():
    for name in golden.NAMES:
        state = {key: _sorted(value) for key, value in golden.state(name).items()}
        assert golden.program_of(_sorted(state)).family == TABLE[name][0], name


def _sorted(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def test_unknown_members_of_a_predictor_are_kept():
    state = golden.state("d-keyed")
    state["generate.predict"]["budget"] = 3
    [predictor] = golden.program_of(state).predictors
    assert predictor.more == {"budget": 3}


def test_an_empty_description_is_kept_as_a_text():
    state = golden.state("d-flat")
    state["signature"]["fields"][1]["description"] = ""
    [predictor] = golden.program_of(state).predictors
    assert [text.description for text in predictor.texts] == ["${question}", ""]


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"instructions": "Answer."},
        {"generate": {}},
        {"generate": {"traces": [], "train": []}},
        {"metadata": {"dependency_versions": {"dspy": "3.4.1"}}},
        {"generate": {"demos": None}},
        {"generate": {"demos": ["What is 2 + 2?"]}},
        {"demos": [], "signature_prefix": "Answer:"},
        {"demos": [], "signature": "question -> answer"},
        {"demos": [], "signature": {"instructions": "Answer."}},
        {"demos": [], "signature_instructions": None},
        {"demos": [], "traces": {}},
    ],
)
def test_json_without_a_complete_predictor_is_not_a_state(state: Any):
    with pytest.raises(NotAState):
        golden.program_of(state)
