"""Family B, DSPy 2.5.6 to 2.5.42, and C, 2.5.43: a signature with the text of every field."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import shape
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import FieldText, Predictor

name = "B"
_KNOWN = frozenset({"signature", "extended_signature"})


def recognizes(state: dict[str, Any]) -> bool:
    """Does it say what a chain of thought extends? All else of this family is as it is now."""
    return "signature" in state and "extended_signature" in state


def read(where: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family; what a chain of thought extends is what counts."""
    signature = state.get("extended_signature", state["signature"])
    return Predictor(
        name=where,
        instructions=instructions(where, signature),
        fields=fields(where, signature),
        demos=shape.demos(where, state["demos"]),
        lm=state.get("lm"),
        traces=shape.listed(where, state, "traces"),
        train=shape.listed(where, state, "train"),
        extended="extended_signature" in state,
        more={**shape.rest(state, _KNOWN), **_base(state, signature)},
    )


def _base(state: dict[str, Any], signature: Any) -> dict[str, Any]:
    """What a chain of thought was extended from, where that says something else."""
    return {} if state["signature"] == signature else {"signature": state["signature"]}


def instructions(where: str, signature: Any) -> str:
    """Return the instructions of a signature. Raises ``NotAState``."""
    if not isinstance(signature, dict):
        raise NotAState(f"the signature of {where or 'the program'} is no object")
    return shape.text(f"{where}.signature.instructions", signature.get("instructions"))


def fields(where: str, signature: dict[str, Any]) -> tuple[FieldText, ...]:
    """Return the field texts of a signature. Raises ``NotAState``."""
    told = signature.get("fields")
    if not isinstance(told, list) or not all(isinstance(field, dict) for field in told):
        raise NotAState(f"the fields of {where or 'the program'} are no list of objects")
    return tuple(
        FieldText(
            shape.text(f"{where}: a prefix", field.get("prefix")),
            shape.text(f"{where}: a description", field.get("description")),
        )
        for field in told
    )
