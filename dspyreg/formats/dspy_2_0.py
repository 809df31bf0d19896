"""Family Z, before DSPy 2.3: demos only."""

from __future__ import annotations

from typing import Any

from dspyreg.formats import members
from dspyreg.formats.normal import Predictor

name = "Z"


def recognizes(state: dict[str, Any]) -> bool:
    """Return whether a predictor has neither a signature nor instructions."""
    return not any("signature" in key for key in state)


def read(predictor: str, state: dict[str, Any]) -> Predictor:
    """Return a predictor of this family. Only demos of a chain of thought have a rationale."""
    demos = members.demos(predictor, state["demos"])
    return Predictor(
        name=predictor,
        instructions=None,
        fields=(),
        demos=demos,
        lm=state.get("lm"),
        traces=members.listed(predictor, state, "traces"),
        train=members.listed(predictor, state, "train"),
        extended=any("rationale" in demo for demo in demos),
        more=members.rest(state, frozenset()),
    )
