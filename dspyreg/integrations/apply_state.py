"""Loading states with DSPy: on copies first, then on the program, all parts or none."""

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
    """The errors of DSPy about states, and about the language models in them."""

    states: tuple[str, ...]
    models: tuple[str, ...]


def try_on_copies(
    parts: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]], *, trusted: bool
) -> Objections:
    """Return the errors that DSPy raises for these states when copies of the parts load them."""
    states, models = [], []
    for name, state in wanted.items():
        error = _objection(parts[name], state, trusted=trusted)
        if error is None:
            continue
        problem = f"{shown(name)}: {type(error).__name__}: {error}"
        without_model = {**state, "lm": None}
        if state.get("lm") and _objection(parts[name], without_model, trusted=trusted) is None:
            models.append(problem)
        else:
            states.append(problem)
    return Objections(tuple(states), tuple(models))


def _objection(part: Any, state: dict[str, Any], *, trusted: bool) -> Exception | None:
    """Return the error that DSPy raises when a copy of a part loads a state."""
    try:
        _load_into(_copied(part), state, trusted=trusted)
    except Exception as error:  # DSPy raises anything
        return error
    return None


def set_all(
    parts: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]], *, lm: Any, trusted: bool
) -> None:
    """Load all states, and set the language model if there is one. On an error no part changes."""
    with _restored_on_failure([parts[name] for name in wanted]):
        for name, state in wanted.items():
            _load_into(parts[name], state, trusted=trusted)
            if lm is not None and hasattr(parts[name], "lm"):
                parts[name].lm = lm


def takes(function: Any, keyword: str) -> bool:
    """Return whether a function has a parameter; that depends on the version of DSPy."""
    return keyword in inspect.signature(function).parameters


def _copied(part: Any) -> Any:
    if hasattr(part, "deepcopy"):
        return part.deepcopy()
    return deepcopy(part)


def _load_into(part: Any, state: dict[str, Any], *, trusted: bool) -> None:
    """Let a part load a copy of its state: DSPy keeps the object it is given."""
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
    """Return the state of a language model for the DSPy that is installed.

    Raises ``ValueError`` for members that this DSPy does not know: it would send them to the
    provider.
    """
    model = convert.model(state)
    if hasattr(kind, "load_state"):
        return model
    if model.get(convert.LM_CLASS) == convert.LM:
        del model[convert.LM_CLASS]
    if "max_tokens" not in model and "max_completion_tokens" in model:
        model["max_tokens"] = model.pop("max_completion_tokens")
    for key in _NEW & model.keys():
        if model[key] and not takes(kind, key):
            raise ValueError(f"this DSPy knows no `{key}`, which is {model[key]!r}")
        if not model[key]:
            del model[key]
    return model


@contextmanager
def _restored_on_failure(parts: list[Any]) -> Iterator[None]:
    attributes = [dict(vars(part)) for part in parts]
    try:
        yield
    except BaseException:
        for part, before in zip(parts, attributes, strict=True):
            vars(part).clear()
            vars(part).update(before)
        raise
