"""A state of any family in the shape of today's DSPy."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from dspyreg.formats.normal import ROOT
from dspyreg.formats.shape import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dspyreg.formats.normal import Predictor, Program

TODAY: Final = "D"
THOUGHT, REASONING = "rationale", "reasoning"  # what a chain of thought gave first, and gives now
_BARE: Final = frozenset({ROOT, "self"})  # what a program was called that is a predictor itself
LM_CLASS, LM = "_dspy_lm_class", "dspy.clients.lm.LM"
_LIMIT, _REASONING_LIMIT = "max_tokens", "max_completion_tokens"
_CACHED: Final = "cache_in_memory"
BESIDE: Final = frozenset(  # members that older families had beside what counts
    {
        *("signature", "signature_instructions", "signature_prefix"),
        *("extended_signature_prefix", "fields"),
    }
)


def state_of(program: Program) -> dict[str, Any]:
    """Return the state that today's DSPy loads: its families before 2.6 it cannot read itself.

    A chain of thought was a predictor of its own until 2.5, and holds one since: what was saved
    as ``generate`` is ``generate.predict`` now, and the thought of its demos ``reasoning``. Field
    texts that a family did not keep stay those of the program that the state is loaded into.
    """
    found: dict[str, Any] = {}
    for each in program.predictors:
        name = today(program, each)
        if name == ROOT:
            found.update(_predictor(each))
        else:
            found[name] = _predictor(each)
    # DSPy looks for versions here, and for a predictor of that name as well: it finds both.
    shared = found.pop(METADATA, {})
    for name, value in program.others.items():
        if name == ROOT:
            found.update(_other(value))
        elif name != METADATA:
            found[name] = _other(value)
    found[METADATA] = {**shared, "dependency_versions": program.versions}
    return found


def text_of(program: Program) -> str:
    """Return the JSON text of that state; NaN, which today's DSPy cannot read, becomes null."""
    return json.dumps(_finite(state_of(program)), ensure_ascii=False, indent=2) + "\n"


def losses(program: Program) -> Iterator[str]:
    """Yield in words what that state does not say, because its family did not, or cannot."""
    for each in program.predictors:
        name = f"`{today(program, each)}`" if today(program, each) != ROOT else "the program"
        if each.instructions is None:
            yield f"{name} had no instructions in it and gets empty ones"
        if each.last_prefix is not None:
            yield f"of the fields of {name} only the last prefix was kept: {each.last_prefix!r}"
        if each.lm is not None and not isinstance(each.lm, dict):
            yield f"the language model of {name} is no longer what DSPy reads; it is left out"
    if not _is_finite(state_of(program)):
        yield "NaN and infinities became null"


def today(program: Program, predictor: Predictor) -> str:
    """Return the name that a predictor has in today's DSPy."""
    taken = {*(each.name for each in program.predictors), *program.others}
    moved = "predict" if predictor.name in _BARE else f"{predictor.name}.predict"
    if not predictor.extended or moved in taken:
        return predictor.name
    return moved


def _predictor(predictor: Predictor) -> dict[str, Any]:
    state: dict[str, Any] = {
        "traces": list(predictor.traces),
        "train": list(predictor.train),
        "demos": [reasoned(demo) if _thinks(predictor) else demo for demo in predictor.demos],
        "signature": {
            "instructions": predictor.instructions or "",
            "fields": [field._asdict() for field in predictor.texts],
        },
    }
    if predictor.settings:
        state["fields"] = dict(predictor.settings)
    state["lm"] = model(predictor.lm) if isinstance(predictor.lm, dict) else None
    kept = {key: value for key, value in predictor.more.items() if key not in BESIDE}
    return {**state, **kept}


def _other(state: Any) -> Any:
    """The state of a part that is no predictor; a Flex has a language model."""
    if isinstance(state, dict) and isinstance(state.get("lm"), dict):
        return {**state, "lm": model(state["lm"])}
    return state


def model(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a language model as today's DSPy builds it.

    Until 3.0 DSPy wrote the limit of a reasoning model under the name that the provider has for
    it, which its own constructor refuses. Marked as a state of ``dspy.LM``, today's DSPy puts it
    where it belongs. ``cache_in_memory``, of 2.6, is no setting of a model any more: today's DSPy
    would send it to the provider.
    """
    told = {key: value for key, value in state.items() if key != _CACHED}
    if _REASONING_LIMIT in told and _LIMIT not in told:
        told.setdefault(LM_CLASS, LM)
    return told


def _thinks(predictor: Predictor) -> bool:
    """Was it a chain of thought that called its thought by the old name? Nothing else did, unless
    a program had a field of that name itself.
    """
    marks = {field.description for field in predictor.fields}
    names = {name for demo in predictor.demos for name in demo}
    own = {f"${{{name}}}" for name in (THOUGHT, REASONING)}
    return predictor.extended and REASONING not in names and not own & marks


def reasoned(demo: dict[str, Any]) -> dict[str, Any]:
    """Return a demo of an old chain of thought with the name that its thought has today: under
    the old one DSPy would tell the model that the thought is missing.
    """
    return {REASONING if key == THOUGHT else key: value for key, value in demo.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list) else value


def _is_finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
