"""Contracts: stored and read back, and inferred from a saved state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from comparing import DEFAULT, a_contract, a_field, a_predictor, a_predictor_state, a_program

from dspyreg.compare.bump import tool_names
from dspyreg.compare.contract import INFERRED, Contract, PredictorContract, Tool
from dspyreg.compare.inference import inferred, key
from dspyreg.formats.known import read

AGENT = """\
Given the fields `question`, produce the fields `answer`.

You are an Agent. In each episode, you will be given the fields `question` as input. And you can \
see your past trajectory so far.

When selecting the next_tool_name and its next_tool_args, the tool must be one of:

{tools}
When providing `next_tool_args`, the value inside the field must be in JSON format"""
FINISH = (
    "finish, whose description is <desc>Marks the task as complete.</desc>. It takes arguments {}."
)
SEARCH = (
    "search, whose description is <desc>Search the web. It takes all kinds.</desc>. "
    "It takes arguments {'query': {'type': 'string'}}."
)
REACT = ("question", "trajectory", "next_thought", "next_tool_name", "next_tool_args")


def of(name: str = "generate", **state: Any) -> PredictorContract:
    """Return the contract inferred from the state of one predictor."""
    return inferred(a_program(**{name: a_predictor_state(**state)})).predictors[name]


def names(contract: PredictorContract) -> tuple[str, str, str]:
    """Return the names of inputs, of outputs, and of fields of unknown direction."""
    groups = (contract.inputs, contract.outputs, contract.fields)
    inputs, outputs, fields = (" ".join(field.name for field in group) for group in groups)
    return inputs, outputs, fields


def listed(*tools: str) -> str:
    return AGENT.format(tools="\n".join(f"({n}) {each}" for n, each in enumerate(tools, 1)))


# In a document


def test_a_contract_round_trips_through_json():
    schema = {"enum": ["a"], "type": "string"}
    contract = a_contract(
        "(self, question)",
        generate=a_predictor(
            ("question", a_field("hint", required=False)), (a_field("shade", "X", schema),)
        ),
        react=a_predictor(tools=(Tool("search", {"query": {"type": "string"}}), Tool("x", None))),
    )
    assert Contract.from_json(json.loads(json.dumps(contract.to_json()))) == contract


def test_an_inferred_contract_round_trips_through_json():
    contract = inferred(a_program())
    assert Contract.from_json(json.loads(json.dumps(contract.to_json()))) == contract


def test_members_of_a_newer_contract_are_ignored():
    document = a_contract().to_json()
    document["predictors"]["generate"]["inputs"][0]["unit"] = "words"
    assert Contract.from_json({**document, "colour": "red"}) == a_contract()


# From a saved state


def test_field_marks_reveal_names():
    assert names(of(instructions="Answer.")) == ("", "", "question answer")


def test_an_inferred_contract_has_no_types_and_no_required_flags():
    contract = of(instructions=DEFAULT)
    for field in (*contract.inputs, *contract.outputs):
        assert (field.type, field.schema, field.required) == (None, None, None)


def test_default_instructions_reveal_directions():
    assert names(of(instructions=DEFAULT)) == ("question", "answer", "")


def test_the_reasoning_of_a_chain_of_thought_is_an_output():
    fields = ("question", "reasoning", "answer")
    assert names(of("generate.predict", fields=fields)) == ("question", "reasoning answer", "")


def test_reasoning_outside_a_chain_of_thought_may_be_an_input():
    fields = ("question", "reasoning", "answer")
    assert names(of("generate", fields=fields)) == ("question", "answer", "reasoning")


def test_a_field_between_inputs_and_outputs_may_be_either():
    fields = ("question", "trajectory", "reasoning", "answer")
    groups = names(of("extract.predict", fields=fields))
    assert groups == ("question", "reasoning answer", "trajectory")


@pytest.mark.parametrize(
    "instructions",
    [
        "Answer.",
        DEFAULT + " Be brief.",
        "Given the fields `answer`, produce the fields `question`.",
        "Given the fields `a`, produce the fields `b`.",
        "Given the fields question, produce the fields answer.",
    ],
)
def test_instructions_not_generated_for_these_fields_reveal_no_directions(instructions: str):
    assert names(of(instructions=instructions)) == ("", "", "question answer")


def test_a_prefix_reveals_a_name_when_the_description_is_custom():
    fields = (("Long Question:", "what is asked"), "answer")
    assert names(of(instructions="Answer.", fields=fields))[2] == "long_question answer"


def test_a_demo_reveals_the_spelling_of_a_name():
    fields = (("Long Question:", "what is asked"), "answer")
    contract = of(instructions="Answer.", fields=fields, demos=({"longQuestion": "?"},))
    assert names(contract)[2] == "longQuestion answer"


def test_no_names_are_inferred_when_one_is_unknown():
    fields = (("…:", "what is asked"), "answer")
    assert names(of(instructions="Answer.", fields=fields)) == ("", "", "")


def test_the_rationale_of_dspy_2_5_is_recognized_by_its_description():
    prefix = "Reasoning: Let's think step by step in order to"
    fields = ("question", (prefix, "${produce the answer}. We ..."), "answer")
    assert names(of("generate.predict", fields=fields))[1] == "rationale answer"


def test_the_only_prefix_of_dspy_2_4_reveals_no_name():
    state = {
        "demos": [],
        "signature_instructions": "Answer.",
        "signature_prefix": "Answer:",
    }
    program = read(json.dumps({"generate": state}).encode())
    assert names(inferred(program).predictors["generate"]) == ("", "", "")


def test_default_instructions_of_dspy_2_4_reveal_names_and_directions():
    state = {"demos": [], "signature_instructions": DEFAULT, "signature_prefix": "Answer:"}
    program = read(json.dumps({"generate": state}).encode())
    assert names(inferred(program).predictors["generate"]) == ("question", "answer", "")


def test_a_chain_of_thought_of_dspy_2_4_reveals_its_rationale():
    members = {"signature_instructions": DEFAULT, "extended_signature_instructions": DEFAULT}
    program = read(json.dumps({"generate": {"demos": [], **members}}).encode())
    assert names(inferred(program).predictors["generate"])[1] == "rationale answer"


def test_a_state_before_dspy_2_3_reveals_only_its_predictors():
    contract = inferred(read(b'{"generate": {"demos": [{"question": "?"}]}}'))
    assert contract == Contract(INFERRED, {"generate": PredictorContract()})


# Tools


def react(instructions: str) -> PredictorContract:
    return of("react", instructions=instructions, fields=REACT)


def test_the_instructions_of_react_reveal_its_tools():
    contract = react(listed(SEARCH, "add. It takes arguments {'x': {'type': 'integer'}}.", FINISH))
    assert contract.tools == (
        Tool("search", {"query": {"type": "string"}}),
        Tool("add", {"x": {"type": "integer"}}),
    )


def test_the_fields_of_react_have_known_directions():
    groups = names(react(listed(SEARCH, FINISH)))
    assert groups == ("question trajectory", "next_thought next_tool_name next_tool_args", "")


@pytest.mark.parametrize(
    "instructions",
    [
        "Use the tools wisely.",
        listed(SEARCH),
        listed(SEARCH, "find the rest yourself", FINISH),
        listed(SEARCH, FINISH).replace("(2)", "(3)"),
        AGENT.format(tools=""),
    ],
)
def test_an_incomplete_list_of_tools_reveals_none(instructions: str):
    assert tool_names(react(instructions)) is None


@pytest.mark.parametrize(
    "arguments",
    ["{'x': <object at 0x7f>}", "{'x': " + "[" * 500 + "}", "{" * 15_000 + "}", "{1: 2}", "{'x'}"],
)
def test_tool_arguments_that_are_not_literals_are_unknown(arguments: str):
    assert react(listed(f"add. It takes arguments {arguments}.", FINISH)).tools == (
        Tool("add", None),
    )


def test_inferring_the_arguments_of_a_tool_runs_no_code(tmp_path: Any):
    mark = tmp_path / "run"
    react(listed(f"add. It takes arguments {{'x': open({str(mark)!r}, 'w')}}.", FINISH))
    assert not mark.exists()


# Prefixes


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("question", "Question"),
        ("snake_case_text", "Snake Case Text"),
        ("camelCaseText", "Camel Case Text"),
        ("text2number", "Text 2 Number"),
        ("HTMLParser", "HTML Parser"),
        ("_private", " Private"),
    ],
)
def test_a_name_and_its_prefix_have_one_key(name: str, prefix: str):
    assert key(name) == prefix.strip().replace(" ", "_").lower()
