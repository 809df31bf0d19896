"""Family A, DSPy 2.1 to 2.5.5: instructions and the last prefix; sometimes fields with names."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import shape
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import FieldText, Predictor

name = "A"
_KNOWN = frozenset(
    {
        "signature_instructions",
        "signature_prefix",
        "extended_signature_instructions",
        "extended_signature_prefix",
        "fields",
    }
)


def recognizes(state: dict[str, Any]) -> bool:
    """Are the instructions a member of the predictor itself?"""
    return "signature_instructions" in state


def read(where: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family; what a chain of thought extends is what counts."""
    instructions = state.get("extended_signature_instructions", state["signature_instructions"])
    prefix = state.get("extended_signature_prefix", state.get("signature_prefix"))
    return Predictor(
        name=where,
        instructions=shape.text(f"{where}.signature_instructions", instructions),
        fields=_fields(where, state.get("fields"), prefix),
        demos=shape.demos(where, state["demos"]),
        lm=state.get("lm"),
        traces=shape.listed(state.get("traces")),
        train=shape.listed(state.get("train")),
        extended="extended_signature_instructions" in state,
        more={**shape.rest(state, _KNOWN), **_base(state, instructions)},
    )


def _base(state: dict[str, Any], instructions: Any) -> dict[str, Any]:
    """What a chain of thought was extended from, where that says something else."""
    base = state["signature_instructions"]
    return {} if base == instructions else {"signature_instructions": base}


def _fields(where: str, told: Any, prefix: Any) -> tuple[FieldText, ...]:
    if told is None:
        return (FieldText(shape.text(f"{where}.signature_prefix", prefix), ""),) if prefix else ()
    if not isinstance(told, list) or not all(isinstance(field, dict) for field in told):
        raise NotAState(f"{where}.fields is no list of objects")
    return tuple(
        FieldText(
            str(field.get("prefix", "")), str(field.get("description", field.get("desc", "")))
        )
        for field in told
    )
