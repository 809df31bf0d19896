"""The contract captured from a live program describes its inputs and outputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import live_programs
import pytest
from corpus import programs
from live_programs import QA, Extract, MultiHop, Outer, a_predictor, dspy, react

import dspyreg
from dspyreg.compare.bump import Level, Side, judge
from dspyreg.compare.contract import Contract
from dspyreg.errors import UsageError
from dspyreg.integrations import capture_class

pytestmark = live_programs.OUR_WARNINGS_ONLY


IN_THE_CORPUS: dict[str, Any] = {
    "qa_cot": QA,
    "multihop": MultiHop,
    "typed_extract": lambda: dspy.Predict(Extract),
    "react_tools": react,
}


@pytest.mark.skipif(programs.FOLDER is None, reason=f"{programs.VARIABLE} names no corpus")
@pytest.mark.parametrize("name", IN_THE_CORPUS)
def test_a_rebuilt_program_has_the_recorded_contract(name: str):
    assert programs.FOLDER is not None
    text = (programs.FOLDER / "made" / name / "1.0.0" / "capture.json").read_text()
    told = json.loads(text.replace("__main__.Item", "live_programs.Item"))
    found = dspyreg.capture(IN_THE_CORPUS[name]())
    assert found.forward == told["forward"]
    assert {
        predictor or "self": {
            "inputs": [field._asdict() for field in it.inputs],
            "outputs": [field._asdict() for field in it.outputs],
        }
        for predictor, it in found.predictors.items()
    } == {
        predictor: {"inputs": it["inputs"], "outputs": it["outputs"]}
        for predictor, it in told["predictors"].items()
    }


def test_a_contract_round_trips_through_json():
    found = dspyreg.capture(react())
    assert Contract.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_tools_are_captured_with_their_arguments_except_finish():
    [tool] = dspyreg.capture(react()).predictors["react"].tools
    assert tool == ("search", {"query": {"type": "string"}})


def test_an_agent_inside_a_program_keeps_its_tools():
    class Desk(dspy.Module):
        def __init__(self):
            super().__init__()
            self.agents = [react()]

    predictors = dspyreg.capture(Desk()).predictors
    assert [tool.name for tool in predictors["agents[0].react"].tools] == ["search"]


def test_a_default_makes_an_input_optional():
    class Signature(dspy.Signature):
        """Answer."""

        question: str = dspy.InputField()
        tone: str = dspy.InputField(default="dry")
        answer: str = dspy.OutputField()

    inputs = dspyreg.capture(a_predictor(Signature)).predictors[""].inputs
    assert [(field.name, field.required) for field in inputs] == [
        ("question", True),
        ("tone", False),
    ]


def test_a_type_without_a_schema_is_captured_by_its_name():
    program = a_predictor("question -> answer")
    program.signature = program.signature.with_updated_fields("question", type_=Callable)
    [field] = dspyreg.capture(program).predictors[""].inputs
    assert field == ("question", "collections.abc.Callable", None, True)


def test_annotations_of_forward_are_not_part_of_the_contract():
    assert dspyreg.capture(QA()).forward == "(self, question)"


def test_a_frozen_part_is_not_part_of_the_contract():
    assert list(dspyreg.capture(Outer()).predictors) == ["final"]


def test_a_retyped_output_is_a_breaking_change():
    old, new = (
        Side(dspyreg.capture(a_predictor(f"q -> a: {kind}"))) for kind in ("str", "list[str]")
    )
    assert judge(old, new).level is Level.MAJOR


@pytest.mark.parametrize("what", [dict, {}, None, QA])
def test_capturing_anything_but_a_program_is_a_usage_error(what: Any):
    with pytest.raises(UsageError):
        dspyreg.capture(what)


def test_a_class_is_captured_by_its_import_path():
    assert capture_class("live_programs:QA") == dspyreg.capture(QA())


def test_a_program_is_captured_by_its_import_path(tmp_path, monkeypatch):
    (tmp_path / "made_here.py").write_text("import dspy\nprogram = dspy.Predict('q -> a')\n")
    monkeypatch.chdir(tmp_path)
    assert capture_class("made_here:program").predictors[""].names == {"q", "a"}


def test_output_printed_by_a_module_does_not_reach_standard_output(tmp_path, monkeypatch, capsys):
    (tmp_path / "talks.py").write_text("import dspy\nprint('hi')\nQA = dspy.Predict('q -> a')\n")
    monkeypatch.chdir(tmp_path)
    capture_class("talks:QA")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nonsense", "not a class"),
        ("a b:QA", "not a class"),
        ("no_such_module_here:QA", "cannot import"),
        ("live_programs:Nothing", "there is no Nothing"),
        ("live_programs:Item", "without arguments"),
        ("live_programs:MODEL", "not a DSPy program"),
    ],
)
def test_every_import_path_that_cannot_be_captured_gets_a_clear_error(place: str, said: str):
    with pytest.raises(UsageError, match=said):
        capture_class(place)


def test_a_module_that_exits_does_not_end_the_process(tmp_path, monkeypatch):
    (tmp_path / "leaves.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="SystemExit"):
        capture_class("leaves:QA")
