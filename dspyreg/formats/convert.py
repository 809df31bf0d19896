"""A state of any family in the shape of today's DSPy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dspyreg.formats.normal import Predictor, Program

TODAY: Final = "D"
_EXTENSIONS: Final = frozenset({"signature_instructions", "signature"})


def state_of(program: Program) -> dict[str, Any]:
    """Return the state that today's DSPy loads: its families before 2.6 it cannot read itself.

    A chain of thought was a predictor of its own until 2.5, and holds one since: what was saved
    as ``generate`` is ``generate.predict`` now. Field texts that a family did not keep stay those
    of the program that the state is loaded into.
    """
    if program.is_flat:
        found = _predictor(program.predictors[0])
    else:
        found = {today(program, each): _predictor(each) for each in program.predictors}
        found.update(program.others)
    found["metadata"] = {"dependency_versions": program.versions}
    return found


def text_of(program: Program) -> str:
    """Return the JSON text of that state."""
    return json.dumps(state_of(program), ensure_ascii=False, indent=2) + "\n"


def today(program: Program, predictor: Predictor) -> str:
    """Return the name that a predictor has in today's DSPy."""
    taken = {each.name for each in program.predictors}
    moved = f"{predictor.name}.predict"
    if program.family == TODAY or not predictor.extended or moved in taken:
        return predictor.name
    return moved


def _predictor(predictor: Predictor) -> dict[str, Any]:
    state: dict[str, Any] = {
        "traces": list(predictor.traces),
        "train": list(predictor.train),
        "demos": list(predictor.demos),
        "signature": {
            "instructions": predictor.instructions,
            "fields": [field._asdict() for field in predictor.texts],
        },
    }
    if predictor.settings:
        state["fields"] = dict(predictor.settings)
    state["lm"] = predictor.lm if isinstance(predictor.lm, dict) else None
    kept = {key: value for key, value in predictor.more.items() if key not in _EXTENSIONS}
    return {**state, **kept}
