"""What the families share: where predictors stand in a state, and their plain parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

METADATA = "metadata"
PLAIN = frozenset({"demos", "traces", "train", "lm"})


def is_predictor(value: Any) -> bool:
    """Does it look like the state of a predictor, of any family?"""
    return isinstance(value, dict) and isinstance(value.get("demos"), list)


def predictors(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every predictor's name and state; a bare ``Predict`` has no name."""
    if is_predictor(state):
        yield ROOT, {key: value for key, value in state.items() if key != METADATA}
        return
    for name, value in state.items():
        if is_predictor(value):
            yield name, value


def others(state: dict[str, Any]) -> dict[str, Any]:
    """Return what a state keeps besides predictors and metadata: retrievers, Flex sources."""
    if is_predictor(state):
        return {}
    return {
        name: value
        for name, value in state.items()
        if not is_predictor(value) and not (name == METADATA and is_metadata(value))
    }


def is_metadata(value: Any) -> bool:
    """Is it what ``save`` writes about versions, and not a predictor of that name?"""
    return isinstance(value, dict) and set(value) <= {"dependency_versions"}


def versions(state: dict[str, Any]) -> dict[str, str]:
    """Return the versions of Python, DSPy and cloudpickle that a state tells."""
    told = state.get(METADATA)
    if not is_metadata(told):
        return {}
    found = told.get("dependency_versions") if told else None
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def demos(where: str, value: Any) -> tuple[dict[str, Any], ...]:
    """Return a predictor's demos. Raises ``NotAState`` unless each is an object."""
    if not all(isinstance(demo, dict) for demo in value):
        raise NotAState(f"a demo of {where or 'the program'} is no object")
    return tuple(value)


def text(where: str, value: Any) -> str:
    """Return a text. Raises ``NotAState`` for anything else."""
    if not isinstance(value, str):
        raise NotAState(f"{where} is {type(value).__name__}, not text")
    return value


def rest(state: dict[str, Any], known: set[str] | frozenset[str]) -> dict[str, Any]:
    """Return the members of a predictor's state that a family has no name for."""
    return {key: value for key, value in state.items() if key not in known | PLAIN}


def listed(value: Any) -> tuple[Any, ...]:
    """Return a list as a tuple; nothing for anything else."""
    return tuple(value) if isinstance(value, list) else ()
