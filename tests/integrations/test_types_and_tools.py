"""Captured types and tools must match the program that a version is loaded into."""

from __future__ import annotations

import logging
from typing import Any, Literal

import live_programs
import pytest
from live_programs import QA, Extract, Item, dspy, search
from pydantic import BaseModel

import dspyreg
from dspyreg.errors import ContractMismatch

pytestmark = live_programs.OUR_WARNINGS_ONLY


def problems(registry, old: Any, new: Any) -> tuple[str, ...]:
    """Register one program; return why it cannot be loaded into the other."""
    dspyreg.register(old, name="qa", registry=registry)
    with pytest.raises(ContractMismatch) as told:
        dspyreg.load("qa", into=new, registry=registry)
    return told.value.problems


def passes(registry, old: Any, new: Any) -> Any:
    dspyreg.register(old, name="qa", registry=registry)
    return dspyreg.load("qa", into=new, registry=registry)


def field(kind: Any, *, output: bool = True) -> Any:
    """Return a predictor with one field of this type."""
    other, mine = dspy.InputField(), dspy.InputField()
    fields = {"text": (str, other), "it": (kind, dspy.OutputField() if output else mine)}
    if not output:
        fields["answer"] = (str, dspy.OutputField())
    return dspy.Predict(dspy.Signature(fields, "Do it."))


def test_an_output_of_another_type_does_not_fit(registry):
    assert problems(registry, QA("question -> n: int"), QA("question -> n: list[str]")) == (
        "predictor `generate.predict`: output `n` was retyped from int to list[str]",
    )


def test_an_input_of_another_type_does_not_fit(registry):
    found = problems(registry, field(str, output=False), field(int, output=False))
    assert found == ("the bare predictor: input `it` was retyped from str to int",)


@pytest.mark.parametrize(
    ("into", "is_tolerable"),
    [("question -> answer: int", True), ("question, context -> answer", False)],
)
def test_a_mismatch_hints_at_strict_false_only_where_it_would_help(
    registry, into: str, is_tolerable: bool
):
    dspyreg.register(QA(), name="qa", registry=registry)
    with pytest.raises(ContractMismatch) as caught:
        dspyreg.load("qa", into=QA(into), registry=registry)
    assert ("strict=False" in str(caught.value.hint)) is is_tolerable
    if is_tolerable:
        dspyreg.load("qa", into=QA(into), registry=registry, strict=False)
    else:
        with pytest.raises(ContractMismatch):
            dspyreg.load("qa", into=QA(into), registry=registry, strict=False)


class Item2(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("old", "new", "output"),
    [
        (Literal["a"], Literal["a", "b"], True),
        (str, str | None, True),
        (Literal["a", "b"], Literal["a"], False),
        (list[Item], list[Item2], True),
        (dict[str, int], dict[str, str], True),
        (dspy.Image, dspy.History, False),
    ],
)
def test_a_type_change_that_breaks_callers_does_not_fit(registry, old: Any, new: Any, output: bool):
    found = problems(registry, field(old, output=output), field(new, output=output))
    assert all("put `it` " in problem for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "output"),
    [
        (Literal["a", "b"], Literal["a"], True),
        (Literal["a"], Literal["a", "b"], False),
        (str, str | None, False),
        (list[Item], list[Item], True),
        (dspy.Image, dspy.Image, False),
        (dspy.History, dspy.History, False),
    ],
)
def test_a_type_change_that_callers_do_not_notice_fits(registry, old: Any, new: Any, output: bool):
    passes(registry, field(old, output=output), field(new, output=output))


def test_a_program_with_custom_types_fits_itself(registry):
    passes(registry, dspy.Predict(Extract), dspy.Predict(Extract))


def find(query: str) -> str:
    """Find."""
    return query


def agent(*tools: Any) -> Any:
    return dspy.ReAct("question -> answer", tools=list(tools))


def changed(name: str) -> Any:
    def tool(query: list[int]) -> str:
        """Search."""
        return str(query)

    return dspy.Tool(tool, name=name)


def test_an_agent_fits_itself(registry):
    passes(registry, agent(search, find), agent(find, search))


def test_a_different_tool_does_not_fit(registry):
    assert problems(registry, agent(search), agent(find)) == (
        "tool `find` of predictor `react` was not registered",
        "tool `search` of predictor `react` was registered, and the program has none of it",
    )


def test_an_additional_tool_does_not_fit(registry):
    found = problems(registry, agent(search), agent(search, find))
    assert found == ("tool `find` of predictor `react` was not registered",)


def test_a_tool_with_other_arguments_does_not_fit(registry):
    found = problems(registry, agent(search), agent(changed("search")))
    assert found == ("predictor `react`: the arguments of tool `search` changed",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (lambda: QA("question -> n: int"), lambda: QA("question -> n: list[str]")),
        (lambda: agent(search), lambda: agent(find)),
    ],
)
def test_type_and_tool_mismatches_are_tolerated_on_request_with_a_warning(
    registry, caplog, old: Any, new: Any
):
    program = old()
    for predictor in program.predictors():
        predictor.demos = [{"question": "who?"}]
    dspyreg.register(program, name="qa", registry=registry)
    with caplog.at_level(logging.WARNING, "dspyreg"):
        into = dspyreg.load("qa", into=new(), strict=False, registry=registry)
    assert into.predictors()[0].demos == [{"question": "who?"}]
    assert "retyped" in caplog.text or "tool `search`" in caplog.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (lambda: QA("question -> n: int"), lambda: QA("question -> n: list[str]")),
        (lambda: field(Literal["a"]), lambda: field(str)),
        (lambda: agent(search), lambda: agent(changed("search"))),
        (lambda: agent(search, find), lambda: agent(search)),
    ],
)
def test_load_refuses_what_check_calls_breaking(registry, old: Any, new: Any):
    assert problems(registry, old(), new())
    assert dspyreg.check(new(), against="qa", registry=registry).compatibility == "breaking"


def test_a_state_without_types_fits_any_types(registry, tmp_path):
    QA("question -> n: int").save(tmp_path / "program.json")
    registry.register("qa", tmp_path / "program.json")
    into = QA("question -> n: list[str]")
    assert dspyreg.load("qa", into=into, registry=registry) is into
