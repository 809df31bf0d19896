"""Letting DSPy take a state: on copies first, then for real, and back again if that fails."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from dspyreg.integrations.matching import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def tried(
    parts: Mapping[str, Any], wanted: Mapping[str, dict[str, Any]], *, trusted: bool
) -> tuple[str, ...]:
    """Return what DSPy has to say against these states; it is asked with copies of the parts."""
    refused = []
    for name, state in wanted.items():
        trial = _copied(parts[name])
        try:
            _take(trial, state, trusted=trusted)
        except Exception as error:  # whatever DSPy says to a state that it does not like
            refused.append(f"{shown(name)}: {type(error).__name__}: {error}")
    return tuple(refused)


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
    if trusted and takes(part.load_state, "allow_unsafe_lm_state"):
        part.load_state(own, allow_unsafe_lm_state=True)
    else:
        part.load_state(own)


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
