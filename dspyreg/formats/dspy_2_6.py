"""Family D, DSPy 2.6 and later: B without extensions; decision settings from 3.4."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import dspy_2_5_6, shape
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import Predictor

name = "D"
FIRST = "traces"
_KNOWN = frozenset({"signature", "fields"})


def recognizes(state: dict[str, Any]) -> bool:
    """Has it a signature?"""
    return "signature" in state


def read(where: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family."""
    settings = {} if state.get("fields") is None else state["fields"]
    if not isinstance(settings, dict):
        raise NotAState(f"the settings of {where or 'the program'} are no object")
    return Predictor(
        name=where,
        instructions=dspy_2_5_6.instructions(where, state["signature"]),
        fields=dspy_2_5_6.fields(where, state["signature"]),
        demos=shape.demos(where, state["demos"]),
        lm=state.get("lm"),
        settings=settings,
        traces=shape.listed(where, state, "traces"),
        train=shape.listed(where, state, "train"),
        more=shape.rest(state, _KNOWN),
    )
