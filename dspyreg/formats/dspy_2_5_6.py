"""Family B, DSPy 2.5.6 to 2.5.42, and C, 2.5.43: a signature with the text of every field."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import members
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import FieldText, Predictor

name = "B"
_KNOWN = frozenset({"signature", "extended_signature"})


def recognizes(state: dict[str, Any]) -> bool:
    """Return whether a predictor has an extended signature. All else is as in family D."""
    return "signature" in state and "extended_signature" in state


def read(predictor: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family; the extended signature wins over the base one."""
    signature = state.get("extended_signature", state["signature"])
    return Predictor(
        name=predictor,
        instructions=instructions(predictor, signature),
        fields=fields(predictor, signature),
        demos=members.demos(predictor, state["demos"]),
        lm=state.get("lm"),
        traces=members.listed(predictor, state, "traces"),
        train=members.listed(predictor, state, "train"),
        extended="extended_signature" in state,
        more={**members.rest(state, _KNOWN), **_base(state, signature)},
    )


def _base(state: dict[str, Any], signature: Any) -> dict[str, Any]:
    """Return the base signature of a chain of thought where it differs from the extended one."""
    return {} if state["signature"] == signature else {"signature": state["signature"]}


def instructions(predictor: str, signature: Any) -> str:
    """Return the instructions of a signature. Raises ``NotAState``."""
    if not isinstance(signature, dict):
        raise NotAState(f"the signature of {predictor or 'the program'} is not an object")
    return members.text(f"{predictor}.signature.instructions", signature.get("instructions"))


def fields(predictor: str, signature: dict[str, Any]) -> tuple[FieldText, ...]:
    """Return the field texts of a signature. Raises ``NotAState``."""
    rows = signature.get("fields")
    if not isinstance(rows, list) or not all(isinstance(field, dict) for field in rows):
        raise NotAState(f"the fields of {predictor or 'the program'} are not a list of objects")
    return tuple(
        FieldText(
            members.text(f"{predictor}: a prefix", field.get("prefix")),
            members.text(f"{predictor}: a description", field.get("description")),
        )
        for field in rows
    )
