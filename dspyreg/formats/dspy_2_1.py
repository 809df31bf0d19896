"""Family A, DSPy 2.1 to 2.5.5: instructions and the last prefix; sometimes fields with names."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import members
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
    """Return whether the instructions are a member of the predictor itself."""
    return "signature_instructions" in state


def read(predictor: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family; the extended signature wins over the base one."""
    instructions = state.get("extended_signature_instructions", state["signature_instructions"])
    prefix = state.get("extended_signature_prefix", state.get("signature_prefix"))
    extended = "extended_signature_instructions" in state
    fields = _fields(predictor, state.get("fields"), prefix, extended=extended)
    return Predictor(
        name=predictor,
        instructions=members.text(f"{predictor}.signature_instructions", instructions),
        fields=fields,
        demos=members.demos(predictor, state["demos"]),
        lm=state.get("lm"),
        traces=members.listed(predictor, state, "traces"),
        train=members.listed(predictor, state, "train"),
        extended=extended,
        more={**members.rest(state, _KNOWN), **_unmerged(state, instructions, fields)},
    )


def _unmerged(
    state: dict[str, Any], instructions: Any, fields: tuple[FieldText, ...]
) -> dict[str, Any]:
    """Return the members that instructions and texts do not cover.

    These are the base signature of a chain of thought where it differs, and the names and
    directions of fields.
    """
    last = fields[-1].prefix if fields else ""
    rest = {key: state[key] for key in _PREFIXES if state.get(key, last) != last}
    if state["signature_instructions"] != instructions:
        rest["signature_instructions"] = state["signature_instructions"]
    if any(field.keys() - _TEXTS for field in state.get("fields") or ()):
        rest["fields"] = state["fields"]
    return rest


def _fields(predictor: str, rows: Any, prefix: Any, *, extended: bool) -> tuple[FieldText, ...]:
    last = "" if prefix is None else members.text(f"{predictor}.signature_prefix", prefix)
    if rows is None:
        return (FieldText(last, ""),) if last else ()
    if not isinstance(rows, list) or not all(isinstance(field, dict) for field in rows):
        raise NotAState(f"{predictor}.fields is not a list of objects")
    if extended and not any(field.get("name") in _THOUGHTS for field in rows):
        return (FieldText(last, ""),) if last else ()  # the rows are of the base signature
    return tuple(
        FieldText(
            members.text(f"{predictor}: a prefix", field.get("prefix", "")),
            members.text(
                f"{predictor}: a description", field.get("description", field.get("desc", ""))
            ),
        )
        for field in rows
    )
