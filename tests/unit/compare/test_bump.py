"""The bump of each change: the table of docs/reference/bump.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from comparing import (
    DEFAULT,
    a_contract,
    a_field,
    a_predictor,
    a_predictor_state,
    a_program,
    a_side,
    a_state,
    messages,
)

from dspyreg.compare.bump import Level, Side, breaking_changes, judge
from dspyreg.compare.calls import fits
from dspyreg.compare.contract import NOT_KNOWN, Contract, Field, PredictorContract, Tool

if TYPE_CHECKING:
    from dspyreg.compare.bump import Judgement

PAGE = Path(__file__).parents[3] / "docs/reference/bump.md"

ITEM = {"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]}
EMPTY = {"type": "object", "properties": {}}
NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}
SHADES = ("red", "green", "blue")


def inputs(*fields: Field | str) -> Side:
    return a_side(contract=a_contract(generate=a_predictor(inputs=fields)))


def outputs(*fields: Field | str) -> Side:
    return a_side(contract=a_contract(generate=a_predictor(outputs=fields)))


def shades(name: str, count: int) -> Field:
    values = SHADES[:count]
    return a_field(name, f"Literal{list(values)}", {"enum": list(values), "type": "string"})


def tools(**arguments: dict[str, object]) -> Side:
    tools = tuple(Tool(name, each) for name, each in arguments.items())
    return a_side(contract=a_contract(react=a_predictor(tools=tools)))


def forward(signature: str) -> Side:
    return a_side(contract=a_contract(signature))


def state(**more: object) -> Side:
    """Return a state with one unusual member, of a program with a captured contract."""
    return a_side(a_state(generate=a_predictor_state(**more)), a_contract())  # type: ignore[arg-type]


def at_least(threshold: float) -> Side:
    """Return a state with the decision settings of DSPy."""
    settings = {"fields": {"answer": {"threshold": threshold}}}
    return a_side(a_state(generate={**a_predictor_state(), **settings}), a_contract())


def beside(**more: object) -> Side:
    """Return a state with something beside its predictor."""
    kept = {"generate": a_predictor_state(), **more}
    return a_side(a_state(**kept), a_contract())  # type: ignore[arg-type]


USUAL = a_side(contract=a_contract())
ONE, TWO = {"query": {"type": "string"}}, {"query": {"type": "string"}, "k": {"type": "integer"}}

CASES: dict[str, tuple[Side, Side]] = {
    "predictor removed": (
        a_side(contract=a_contract(draft=a_predictor(), generate=a_predictor())),
        USUAL,
    ),
    "predictor added": (
        USUAL,
        a_side(contract=a_contract(draft=a_predictor(), generate=a_predictor())),
    ),
    "predictor renamed": (USUAL, a_side(contract=a_contract(answerer=a_predictor()))),
    "input removed": (inputs("question", "hint"), inputs("question")),
    "input renamed": (inputs("question"), inputs("query")),
    "required input added": (inputs("question"), inputs("question", "context")),
    "input became required": (
        inputs("question", a_field("hint", required=False)),
        inputs("question", "hint"),
    ),
    "input narrowed": (inputs(shades("shade", 3)), inputs(shades("shade", 2))),
    "input retyped": (
        inputs("question"),
        inputs(a_field("question", "list[str]", {"type": "array", "items": {"type": "string"}})),
    ),
    "output removed": (outputs("answer", "source"), outputs("answer")),
    "output renamed": (outputs("answer"), outputs("response")),
    "output retyped": (outputs("answer"), outputs(a_field("answer", "int", {"type": "integer"}))),
    "output's enum widened": (outputs(shades("shade", 2)), outputs(shades("shade", 3))),
    "output's union widened": (
        outputs("answer"),
        outputs(a_field("answer", "str | None", NULLABLE)),
    ),
    "output lost a property": (
        outputs(a_field("item", "Item", ITEM)),
        outputs(a_field("item", "Item", EMPTY)),
    ),
    "output's property no longer required": (
        outputs(a_field("item", "Item", ITEM)),
        outputs(a_field("item", "Item", {**ITEM, "required": []})),
    ),
    "tool removed": (tools(search=ONE, add=ONE), tools(search=ONE)),
    "tool renamed": (tools(search=ONE), tools(find=ONE)),
    "tool's arguments changed": (tools(search=ONE), tools(search=TWO)),
    "`forward` incompatible": (forward("(self, question)"), forward("(self, question, k)")),
    "`forward` takes more, or leaves more out": (
        forward("(self, question, k)"),
        forward("(self, question, k=3)"),
    ),
    "output added": (outputs("answer"), outputs("answer", "source")),
    "optional input added": (
        inputs("question"),
        inputs("question", a_field("hint", required=False)),
    ),
    "input became optional": (
        inputs("question", "hint"),
        inputs("question", a_field("hint", required=False)),
    ),
    "input widened": (inputs(shades("shade", 2)), inputs(shades("shade", 3))),
    "output narrowed": (outputs(shades("shade", 3)), outputs(shades("shade", 2))),
    "output gained a property": (
        outputs(a_field("item", "Item", EMPTY)),
        outputs(a_field("item", "Item", ITEM)),
    ),
    "model changed": (state(lm={"model": "openai/a"}), state(lm={"model": "openai/b"})),
    "DSPy's minor version changed": (USUAL._replace(dspy="3.0.4"), USUAL._replace(dspy="3.1.0")),
    "tool added": (tools(search=ONE), tools(search=ONE, add=ONE)),
    "instructions changed": (state(), state(instructions="Answer in one word.")),
    "demos changed": (state(), state(demos=({"question": "2 + 2", "answer": "4"},))),
    "prefixes or descriptions changed": (
        state(),
        state(fields=("question", ("Answer:", "one word"))),
    ),
    "sampling changed": (
        state(lm={"model": "openai/a", "temperature": 0}),
        state(lm={"model": "openai/a", "temperature": 1}),
    ),
    "thresholds changed": (at_least(0.5), at_least(0.7)),
    "something else outside the predictors": (beside(), beside(retriever={"k": 3})),
    "nothing": (state(), state(demos=())),
}


def rows() -> list[list[str]]:
    """Return the level, the change and the reason of each row of the page's table."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if line.startswith("|")]
    stripped = [[cell.strip().replace("\\|", "|") for cell in row] for row in cells]
    return [row for row in stripped if row[0] in {str(level).upper() for level in Level}]


def test_the_bump_page_has_a_row_for_every_case():
    assert sorted(row[1] for row in rows()) == sorted(CASES)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[1])
def test_every_change_has_the_level_on_the_bump_page(row: list[str]):
    level, case, reason = row
    judgement = judge(*CASES[case])
    assert str(judgement.level).upper() == level
    assert reason in messages(judgement) if reason else messages(judgement) == []


# States alone


def from_json(old: dict[str, object], new: dict[str, object]) -> Judgement:
    pair = (a_side(a_state(generate=each)) for each in (old, new))
    return judge(*pair)


def test_comparing_states_alone_never_reports_compatible():
    same = a_predictor_state()
    assert from_json(same, same).compatibility == "unknown"
    assert from_json(same, same).level is Level.NONE
    assert from_json(same, a_predictor_state("Be brief.")).compatibility == "unknown"


def test_comparing_states_alone_reports_a_removed_field():
    judgement = from_json(
        a_predictor_state("Answer."), a_predictor_state("Answer.", ("question", "response"))
    )
    assert judgement.compatibility == "breaking"
    assert "field `answer` was removed or renamed" in messages(judgement)


def test_default_instructions_reveal_an_added_input():
    instructions = "Given the fields `question`, `context`, produce the fields `answer`."
    judgement = from_json(
        a_predictor_state(DEFAULT),
        a_predictor_state(instructions, ("question", "context", "answer")),
    )
    assert judgement.level is Level.MAJOR
    assert "input `context` was added" in messages(judgement)


def test_default_instructions_reveal_an_added_output():
    instructions = "Given the fields `question`, produce the fields `answer`, `source`."
    judgement = from_json(
        a_predictor_state(DEFAULT),
        a_predictor_state(instructions, ("question", "answer", "source")),
    )
    assert judgement.level is Level.MINOR


def test_a_name_known_only_from_a_prefix_is_not_reported_as_renamed():
    marked = a_predictor_state("Go.", (("HTML Page:", "${HTMLPage}"), "answer"))
    described = a_predictor_state("Go.", (("HTML Page:", "the page"), "answer"))
    assert from_json(marked, described).level is Level.PATCH


def test_optimized_instructions_remove_no_field():
    judgement = from_json(a_predictor_state(DEFAULT), a_predictor_state("Think twice."))
    assert judgement.level is Level.PATCH


# Sides of different knowledge


def test_predictors_missing_from_a_state_are_not_reported_as_removed():
    frozen = a_contract(generate=a_predictor(), frozen=a_predictor())
    judgement = judge(a_side(a_state(), frozen), a_side(a_state()))
    assert judgement.level is Level.NONE
    assert judgement.unknown == ("types are known on one side only",)


def test_a_bare_predictor_matches_a_contract_that_calls_it_self():
    flat = a_side(a_state(**a_predictor_state()))
    captured = Contract("captured", {"self": a_predictor()})
    assert judge(flat._replace(contract=captured), flat).level is Level.NONE


def test_unreadable_files_are_a_patch_with_a_notice():
    judgement = judge(a_side(a_state()), Side(NOT_KNOWN))
    assert (judgement.level, judgement.reasons) == (Level.PATCH, ())
    assert judgement.compatibility == "unknown"
    assert judgement.unknown


def test_captured_contracts_are_compared_without_readable_states():
    old = Side(a_contract())
    assert judge(old, Side(a_contract(generate=a_predictor(("query",))))).level is Level.MAJOR


def test_a_captured_name_with_another_case_is_renamed():
    assert judge(inputs("myField"), inputs("my_field")).level is Level.MAJOR


def test_a_patch_release_of_dspy_is_not_a_change():
    old, new = USUAL._replace(dspy="3.1.0"), USUAL._replace(dspy="3.1.9")
    assert messages(judge(old, new)) == []


def test_nan_in_a_demo_is_not_a_change():
    demos = ({"question": "q", "answer": float("nan")},)
    old = a_program(generate=a_predictor_state(demos=demos))
    new = a_program(generate=a_predictor_state(demos=demos, instructions="Be brief."))
    judgement = judge(Side(a_contract(), old), Side(a_contract(), new))
    assert messages(judgement) == ["the instructions changed"]


def test_the_worst_reason_comes_first():
    old = a_side(contract=a_contract(generate=a_predictor()))
    new = a_side(contract=a_contract(generate=a_predictor(("query",), ("answer", "source"))))
    assert [str(reason.level) for reason in judge(old, new).reasons] == ["major", "minor"]


# Any program


# Arguments of ``forward``


@pytest.mark.parametrize(
    ("old", "new", "fit"),
    [
        ("(self, q)", "(self, q: str) -> Prediction", None),
        ("(self, q, k=3)", "(self, q, k=<object at 0x7f>)", None),
        ("(self, q)", "(self, q, k=3)", True),
        ("(self, q)", "(self, q, *, k=3)", True),
        ("(self, q)", "(self, q, **more)", True),
        ("(self, q, k)", "(self, q, k=3)", True),
        ("(self, *, q)", "(self, q)", True),
        ("(self, q)", "(self, q, k)", False),
        ("(self, q)", "(self, k=3, q=None)", False),
        ("(self, q)", "(self, *, q)", False),
        ("(self, q, k=3)", "(self, q, k)", False),
        ("(self, q, k=3)", "(self, q)", False),
        ("(self, **more)", "(self, q)", False),
        ("(self, q)", "(self, query)", False),
        ("no signature", "(self)", False),
        ("no signature", "no signature", None),
    ],
)
def test_a_call_fits_compatible_types_only(old: str, new: str, fit: bool | None):
    assert fits(old, new) is fit


def test_a_dspy_type_is_the_same_under_another_module_path_or_schema():
    old = Field("it", "list[dspy.adapters.image_utils.Image]", {"type": "array"})
    new = Field("it", "list[dspy.adapters.types.image.Image]", {"type": "string"})
    other = Field("it", "list[dspy.adapters.types.audio.Audio]", {"type": "string"})
    contracts = [PredictorContract(outputs=(field,)) for field in (old, new, other)]
    assert breaking_changes(contracts[0], contracts[1]) == []
    assert len(breaking_changes(contracts[0], contracts[2])) == 1
