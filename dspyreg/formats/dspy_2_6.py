"""Family D, DSPy 2.6 and later: B without extensions; decision settings from 3.4."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import dspy_2_5_6, members
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import Predictor

name = "D"
FIRST = "traces"
_KNOWN = frozenset({"signature", "fields"})


def recognizes(state: dict[str, Any]) -> bool:
    """Return whether a predictor has a signature."""
    return "signature" in state


def read(predictor: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family."""
    settings = {} if state.get("fields") is None else state["fields"]
    if not isinstance(settings, dict):
        raise NotAState(f"the settings of {predictor or 'the program'} are not an object")
    return Predictor(
        name=predictor,
        instructions=dspy_2_5_6.instructions(predictor, state["signature"]),
        fields=dspy_2_5_6.fields(predictor, state["signature"]),
        demos=members.demos(predictor, state["demos"]),
        lm=state.get("lm"),
        settings=settings,
        traces=members.listed(predictor, state, "traces"),
        train=members.listed(predictor, state, "train"),
        more=members.rest(state, _KNOWN),
    )
