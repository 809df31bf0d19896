"""Family Z, before DSPy 2.3: demos only."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import shape
from dspyreg.formats.normal import Predictor

name = "Z"


def recognizes(state: dict[str, Any]) -> bool:
    """Has this predictor neither a signature nor its instructions?"""
    return not any("signature" in key for key in state)


def read(where: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family; only demos of a chain of thought have a rationale."""
    demos = shape.demos(where, state["demos"])
    return Predictor(
        name=where,
        instructions=None,
        fields=(),
        demos=demos,
        lm=state.get("lm"),
        traces=shape.listed(where, state, "traces"),
        train=shape.listed(where, state, "train"),
        extended=any("rationale" in demo for demo in demos),
        more=shape.rest(state, frozenset()),
    )
