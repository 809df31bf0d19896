"""A ``Flex`` is code: its state is registered, compared, converted and loaded as such."""

from __future__ import annotations

import json
from typing import Any

import live_programs
import pytest
from live_programs import QA, dspy, search

import dspyreg
from dspyreg.errors import ContractMismatch, Refused
from dspyreg.formats import convert, known
from dspyreg.render.known import render

pytestmark = [
    live_programs.OUR_WARNINGS_ONLY,
    pytest.mark.skipif(not hasattr(dspy, "Flex"), reason="this DSPy has no Flex: none was saved"),
]


def flex(*, better: bool = False, **more: Any) -> Any:
    program = dspy.Flex("question -> answer", **more)
    if better:
        program._bind_code(program.module_src.replace("result =", "answer = result ="))
    return program


class Holds(QA):
    def __init__(self, part: Any) -> None:
        super().__init__()
        self.part = part


class Lone(dspy.Module):
    """A module without a predictor."""

    def __init__(self) -> None:
        super().__init__()
        self.part = flex()


@pytest.mark.parametrize("make", [flex, Lone, lambda: Holds(flex())])
def test_every_program_with_code_is_recognized(registry, make: Any):
    outcome = dspyreg.register(make(), name="qa", registry=registry)
    assert outcome.notices == ()
    assert outcome.version.format == "D"
    assert outcome.version.program_digest is not None
    assert registry.diff("qa", "qa").same_program


def test_a_bare_flex_has_a_contract_and_tools(registry):
    version = dspyreg.register(flex(tools=[search]), name="qa", registry=registry).version
    [predictor] = version.contract["predictors"].values()
    assert [field["name"] for field in predictor["inputs"]] == ["question"]
    assert [tool["name"] for tool in predictor["tools"]] == ["search"]


def test_changed_code_is_another_version_with_a_line_by_line_diff(registry):
    dspyreg.register(flex(), name="qa", registry=registry)
    version = dspyreg.register(flex(better=True), name="qa", registry=registry).version
    assert version.label == "1.0.1"
    for shape in ("plain", "md"):
        text = render(registry.diff("qa@1.0.0", "qa"), shape)
        [line] = [line for line in text.splitlines() if "answer = result" in line]
        assert len(line) < 100


def test_unchanged_code_is_loaded_without_trust(registry):
    dspyreg.register(flex(), name="qa", registry=registry)
    dspyreg.load("qa", into=flex(), registry=registry)


def test_code_written_by_an_optimizer_is_loaded_only_if_trusted(registry):
    dspyreg.register(flex(better=True), name="qa", registry=registry)
    into = flex()
    with pytest.raises(Refused, match="code that an optimizer wrote: the bare module is code"):
        dspyreg.load("qa", into=into, registry=registry)
    dspyreg.load("qa", into=into, trusted=True, registry=registry)
    assert "answer = result =" in into.module_src


def find(text: str) -> str:
    """Find."""
    return text


@pytest.mark.parametrize(
    ("into", "said"),
    [
        (lambda: flex(tools=[find]), "tool `find` of the bare module was not registered"),
        (lambda: dspy.Flex("question -> answer: int", tools=[search]), "from str to int"),
        (
            lambda: dspy.Flex("question -> reply", tools=[search]),
            "field `answer` of the bare module was registered, and the program has none of it",
        ),
    ],
)
def test_code_with_different_tools_types_or_fields_does_not_fit(registry, into: Any, said: str):
    dspyreg.register(flex(tools=[search]), name="qa", registry=registry)
    program = into()
    before = program.dump_state()
    with pytest.raises(ContractMismatch, match=said):
        dspyreg.load("qa", into=program, trusted=True, registry=registry)
    assert program.dump_state() == before
    dspyreg.load("qa", into=program, trusted=True, strict=False, registry=registry)


@pytest.mark.parametrize("make", [flex, Lone])
def test_converting_a_current_flex_state_changes_nothing(tmp_path, make: Any):
    make().save(tmp_path / "program.json")
    data = (tmp_path / "program.json").read_bytes()
    assert json.loads(convert.text_of(known.read(data))) == json.loads(data)


def test_a_gepa_candidate_is_recorded_with_its_code(registry):
    program = flex()
    program.candidate_programs = [{"score": 50.0, "seed": 1, "program": flex(better=True)}]
    dspyreg.register(program, name="qa", registry=registry)
    [candidate] = json.loads(registry.read("qa", "optimizer.json"))["results"]["candidate_programs"]
    assert "answer = result =" in candidate["program"]["self"]
