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
_PREFIXES = ("signature_prefix", "extended_signature_prefix")
_TEXTS = frozenset({"prefix", "description", "desc"})
_THOUGHTS = ("rationale", "reasoning")


def recognizes(state: dict[str, Any]) -> bool:
    """Are the instructions a member of the predictor itself?"""
    return "signature_instructions" in state


def read(where: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family; what a chain of thought extends is what counts."""
    instructions = state.get("extended_signature_instructions", state["signature_instructions"])
    prefix = state.get("extended_signature_prefix", state.get("signature_prefix"))
    extended = "extended_signature_instructions" in state
    fields = _fields(where, state.get("fields"), prefix, extended=extended)
    return Predictor(
        name=where,
        instructions=shape.text(f"{where}.signature_instructions", instructions),
        fields=fields,
        demos=shape.demos(where, state["demos"]),
        lm=state.get("lm"),
        traces=shape.listed(where, state, "traces"),
        train=shape.listed(where, state, "train"),
        extended=extended,
        more={**shape.rest(state, _KNOWN), **_beside(state, instructions, fields)},
    )


def _beside(
    state: dict[str, Any], instructions: Any, fields: tuple[FieldText, ...]
) -> dict[str, Any]:
    """What is said beside instructions and texts: what a chain of thought was extended from,
    where that says something else, the names of fields and which way they go.
    """
    last = fields[-1].prefix if fields else ""
    found = {key: state[key] for key in _PREFIXES if state.get(key, last) != last}
    if state["signature_instructions"] != instructions:
        found["signature_instructions"] = state["signature_instructions"]
    if any(field.keys() - _TEXTS for field in state.get("fields") or ()):
        found["fields"] = state["fields"]
    return found


def _fields(where: str, told: Any, prefix: Any, *, extended: bool) -> tuple[FieldText, ...]:
    last = "" if prefix is None else shape.text(f"{where}.signature_prefix", prefix)
    if told is None:
        return (FieldText(last, ""),) if last else ()
    if not isinstance(told, list) or not all(isinstance(field, dict) for field in told):
        raise NotAState(f"{where}.fields is no list of objects")
    if extended and not any(field.get("name") in _THOUGHTS for field in told):
        return (FieldText(last, ""),) if last else ()  # they are those that were extended
    return tuple(
        FieldText(
            shape.text(f"{where}: a prefix", field.get("prefix", "")),
            shape.text(f"{where}: a description", field.get("description", field.get("desc", ""))),
        )
        for field in told
    )
