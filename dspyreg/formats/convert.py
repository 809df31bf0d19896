"""A state of any family in the shape of today's DSPy."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from dspyreg.formats.members import METADATA
from dspyreg.formats.normal import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dspyreg.formats.normal import Predictor, Program

CURRENT_FAMILY: Final = "D"
THOUGHT, REASONING = "rationale", "reasoning"  # first output of a chain of thought, old and new
_BARE: Final = frozenset({ROOT, "self"})  # names of a program that is itself a predictor
LM_CLASS, LM = "_dspy_lm_class", "dspy.clients.lm.LM"
_LIMIT, _REASONING_LIMIT = "max_tokens", "max_completion_tokens"
_CACHED: Final = "cache_in_memory"
OBSOLETE: Final = frozenset(  # members of older families that carry no state of their own
    {
        *("signature", "signature_instructions", "signature_prefix"),
        *("extended_signature_prefix", "fields"),
    }
)


def state_of(program: Program) -> dict[str, Any]:
    """Return the state that today's DSPy loads. It cannot read its own families before 2.6.

    Until 2.5 a chain of thought was a predictor of its own; since then it holds one. So
    ``generate`` becomes ``generate.predict``, and the thought in its demos ``reasoning``. Field
    texts that a family did not keep are left to the program that loads the state.
    """
    state: dict[str, Any] = {}
    for predictor in program.predictors:
        name = current_name(program, predictor)
        if name == ROOT:
            state.update(_predictor(predictor))
        else:
            state[name] = _predictor(predictor)
    # A predictor may be called "metadata" too. DSPy reads both from this one member.
    shared = state.pop(METADATA, {})
    for name, value in program.others.items():
        if name == ROOT:
            state.update(_other(value))
        elif name != METADATA:
            state[name] = _other(value)
    state[METADATA] = {**shared, "dependency_versions": program.versions}
    return state


def text_of(program: Program) -> str:
    """Return the JSON text of that state. NaN becomes null: today's DSPy cannot read it."""
    return json.dumps(_finite(state_of(program)), ensure_ascii=False, indent=2) + "\n"


def losses(program: Program) -> Iterator[str]:
    """Yield one sentence for each thing that the converted state lacks."""
    for predictor in program.predictors:
        name = current_name(program, predictor)
        name = f"`{name}`" if name != ROOT else "the program"
        if predictor.instructions is None:
            yield f"{name} has no saved instructions; they are empty now"
        if predictor.last_prefix is not None:
            prefix = predictor.last_prefix
            yield f"only the last field prefix of {name} was saved: {prefix!r}"
        if predictor.lm is not None and not isinstance(predictor.lm, dict):
            yield f"DSPy no longer reads the language model of {name}; it is left out"
    if not _is_finite(state_of(program)):
        yield "NaN and infinities became null"


def current_name(program: Program, predictor: Predictor) -> str:
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
    kept = {key: value for key, value in predictor.more.items() if key not in OBSOLETE}
    return {**state, **kept}


def _other(state: Any) -> Any:
    """Return the state of a part other than a predictor. A Flex has a language model."""
    if isinstance(state, dict) and isinstance(state.get("lm"), dict):
        return {**state, "lm": model(state["lm"])}
    return state


def model(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a language model as today's DSPy builds it.

    Until 3.0 DSPy wrote the limit of a reasoning model under the provider's name for it, which
    its own constructor refuses. If the state is marked as one of ``dspy.LM``, today's DSPy
    translates the limit. ``cache_in_memory`` of 2.6 is removed: today's DSPy would send it to the
    provider.
    """
    kept = {key: value for key, value in state.items() if key != _CACHED}
    if _REASONING_LIMIT in kept and _LIMIT not in kept:
        kept.setdefault(LM_CLASS, LM)
    return kept


def _thinks(predictor: Predictor) -> bool:
    """Return whether the predictor is a chain of thought with the old name for its thought.

    A program may also have had a field of that name itself; that one is kept.
    """
    marks = {field.description for field in predictor.fields}
    names = {name for demo in predictor.demos for name in demo}
    own = {f"${{{name}}}" for name in (THOUGHT, REASONING)}
    return predictor.extended and REASONING not in names and not own & marks


def reasoned(demo: dict[str, Any]) -> dict[str, Any]:
    """Return a demo with its thought renamed. DSPy would report the old name as missing."""
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
