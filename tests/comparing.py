"""Contracts, states and sides to compare; every builder has defaults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dspyreg.compare.bump import Side
from dspyreg.compare.contract import (
    CAPTURED,
    Contract,
    Field,
    PredictorContract,
    Tool,
)
from dspyreg.compare.inference import inferred
from dspyreg.formats.known import read

if TYPE_CHECKING:
    from dspyreg.compare.bump import Judgement
    from dspyreg.formats.normal import Program

TEXT = {"type": "string"}
DEFAULT = "Given the fields `question`, produce the fields `answer`."


def a_field(name: str, type: str = "str", schema: Any = None, **more: Any) -> Field:  # noqa: A002
    """Return a fully known field, of type text by default."""
    return Field(name, type, TEXT if schema is None else schema, **more)


def a_predictor(
    inputs: tuple[Field | str, ...] = ("question",),
    outputs: tuple[Field | str, ...] = ("answer",),
    tools: tuple[Tool, ...] = (),
) -> PredictorContract:
    """Return the contract of a predictor; a bare name is a text field."""
    groups = [
        tuple(a_field(each) if isinstance(each, str) else each for each in group)
        for group in (inputs, outputs)
    ]
    return PredictorContract(groups[0], groups[1], tools=tools)


def a_contract(forward: str | None = None, **predictors: PredictorContract) -> Contract:
    """Return a captured contract, by default with one predictor ``generate``."""
    return Contract(CAPTURED, predictors or {"generate": a_predictor()}, forward)


def a_predictor_state(
    instructions: str = DEFAULT,
    fields: tuple[str | tuple[str, str], ...] = ("question", "answer"),
    demos: tuple[dict[str, Any], ...] = (),
    lm: Any = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the state of a predictor as current DSPy writes it; a field is its name, or its prefix
    and description.
    """
    texts = [_text(field) if isinstance(field, str) else field for field in fields]
    rows = [{"prefix": prefix, "description": description} for prefix, description in texts]
    signature = {"instructions": instructions, "fields": rows}
    rest = {"traces": [], "train": [], "demos": list(demos), "signature": signature, "lm": lm}
    return {**rest, **more}


def _text(name: str) -> tuple[str, str]:
    return f"{name.replace('_', ' ').title()}:", f"${{{name}}}"


def a_state(dspy: str = "3.1.0", **predictors: dict[str, Any]) -> str:
    """Return the JSON of a saved state, by default with one predictor ``generate``."""
    versions = {"python": "3.11", "dspy": dspy, "cloudpickle": "3.1"}
    members: dict[str, Any] = predictors or {"generate": a_predictor_state()}
    return json.dumps({**members, "metadata": {"dependency_versions": versions}}, indent=1)


def a_program(**predictors: dict[str, Any]) -> Program:
    """Return the program of a saved state."""
    return read(a_state(**predictors).encode())


def a_side(
    state: str | None = None, contract: Contract | None = None, dspy: str | None = None
) -> Side:
    """Return one side of a comparison; without a contract, one inferred from the state."""
    program = read(state.encode()) if state is not None else None
    if contract is None:
        contract = a_contract() if program is None else inferred(program)
    return Side(contract, program, dspy)


def messages(judgement: Judgement) -> list[str]:
    """Return the messages of a judgement."""
    return [reason.message for reason in judgement.reasons]
