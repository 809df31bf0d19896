"""Letting DSPy take a state: on copies first, then for real, and back again if that fails."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.formats import convert
from dspyreg.integrations.dspy import imported
from dspyreg.integrations.matching import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEW: Final = frozenset(  # what newer versions of DSPy know of a language model
    {convert.LM_CLASS, "engine", "async_engine", "prompt_cache", "use_developer_role"}
)


class Objections(NamedTuple):
    """What DSPy has to say against states, and against the language models in them."""

    states: tuple[str, ...]
    models: tuple[str, ...]


def tried(
    parts: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]], *, trusted: bool
) -> Objections:
    """Return what DSPy has to say against these states; it is asked with copies of the parts."""
    states, models = [], []
    for name, state in wanted.items():
        error = _objection(parts[name], state, trusted=trusted)
        if error is None:
            continue
        said = f"{shown(name)}: {type(error).__name__}: {error}"
        bare = {**state, "lm": None}
        if state.get("lm") and _objection(parts[name], bare, trusted=trusted) is None:
            models.append(said)
        else:
            states.append(said)
    return Objections(tuple(states), tuple(models))


def _objection(part: Any, state: dict[str, Any], *, trusted: bool) -> Exception | None:
    try:
        _take(_copied(part), state, trusted=trusted)
    except Exception as error:  # whatever DSPy says to a state that it does not like
        return error
    return None


def set_all(
    parts: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]], *, lm: Any, trusted: bool
) -> None:
    """Let every part take its state, and the language model if there is one; or none of them."""
    with _untouched_on_failure([parts[name] for name in wanted]):
        for name, state in wanted.items():
            _take(parts[name], state, trusted=trusted)
            if lm is not None and hasattr(parts[name], "lm"):
                parts[name].lm = lm


def takes(function: Any, keyword: str) -> bool:
    """Has this function a parameter of that name? What DSPy's take depends on its version."""
    return keyword in inspect.signature(function).parameters


def _copied(part: Any) -> Any:
    if hasattr(part, "deepcopy"):
        return part.deepcopy()
    return deepcopy(part)


def _take(part: Any, state: dict[str, Any], *, trusted: bool) -> None:
    """Let a part load its state. DSPy keeps what it is given, so each gets a copy of its own."""
    own = deepcopy(state)
    signature = own.get("signature")
    if signature is not None and signature["instructions"] is None:
        signature["instructions"] = part.signature.instructions
    if own.get("lm"):
        own["lm"] = _model(own["lm"], imported().LM)
    if trusted and takes(part.load_state, "allow_unsafe_lm_state"):
        part.load_state(own, allow_unsafe_lm_state=True)
    else:
        part.load_state(own)


def _model(state: dict[str, Any], kind: Any) -> dict[str, Any]:
    """The state of a language model as the DSPy that is installed builds it.

    Raises ``ValueError`` for what it does not know: it would send that to the provider.
    """
    told = convert.model(state)
    if hasattr(kind, "load_state"):
        return told
    if told.get(convert.LM_CLASS) == convert.LM:
        del told[convert.LM_CLASS]
    if "max_tokens" not in told and "max_completion_tokens" in told:
        told["max_tokens"] = told.pop("max_completion_tokens")
    for key in _NEW & told.keys():
        if told[key] and not takes(kind, key):
            raise ValueError(f"this DSPy knows no `{key}`, which is {told[key]!r}")
        if not told[key]:
            del told[key]
    return told


@contextmanager
def _untouched_on_failure(parts: list[Any]) -> Iterator[None]:
    before = [dict(vars(part)) for part in parts]
    try:
        yield
    except BaseException:
        for part, kept in zip(parts, before, strict=True):
            vars(part).clear()
            vars(part).update(kept)
        raise
