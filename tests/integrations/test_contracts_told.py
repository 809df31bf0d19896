"""An explicit contract distinguishes programs with the same saved state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dspyreg.compare.contract import CAPTURED, Contract, Field, PredictorContract
from dspyreg.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path


def a_contract(answer: str = "string") -> dict[str, Any]:
    predictor = PredictorContract(
        inputs=(Field("question", "str", {"type": "string"}),),
        outputs=(Field("answer", answer, {"type": answer}),),
    )
    return Contract(CAPTURED, {"": predictor}).to_json()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    texts = [{"prefix": "Question:", "description": "${question}"}]
    texts.append({"prefix": "Answer:", "description": "${answer}"})
    state = {"demos": [], "signature": {"instructions": "Answer.", "fields": texts}, "lm": None}
    path = tmp_path / "program.json"
    path.write_text(json.dumps(state))
    return path


def test_a_retyped_output_makes_another_program_with_the_same_state(registry, program):
    registry.register("qa", program, contract=a_contract())
    outcome = registry.register("qa", program, contract=a_contract("integer"))
    assert outcome.version.label == "2.0.0"


def test_the_same_state_with_the_same_contract_is_the_same_program(registry, program):
    registry.register("qa", program, contract=a_contract())
    with pytest.raises(Refused, match="the same program"):
        registry.register("qa", program, contract=a_contract())
