"""What the families share: where predictors stand in a state, and their plain parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

METADATA = "metadata"
SOURCE = "module_src"
_VERSIONS = "dependency_versions"
PLAIN = frozenset({"demos", "traces", "train", "lm"})
_SHARED = (METADATA, _VERSIONS)  # where a predictor called metadata had to make room


def is_predictor(value: Any) -> bool:
    """Does it look like the state of a predictor, of any family?"""
    return isinstance(value, dict) and "demos" in value and not is_predictor(value["demos"])


def predictors(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every predictor's name and state; a bare ``Predict`` has no name."""
    if is_predictor(state):
        yield ROOT, {key: value for key, value in state.items() if key != METADATA}
        return
    for name, value in state.items():
        if is_predictor(value):
            yield name, {key: each for key, each in value.items() if (name, key) != _SHARED}


def is_module(value: Any) -> bool:
    """Is it the state of a ``Flex``, whose code is what an optimizer changes?"""
    return isinstance(value, dict) and isinstance(value.get(SOURCE), str)


def others(state: dict[str, Any]) -> dict[str, Any]:
    """Return what a state keeps besides predictors and metadata: retrievers, the code of ``Flex``
    modules; that of a bare one has no name.
    """
    if is_predictor(state):
        return {}
    if is_module(state) and not any(map(is_predictor, state.values())):
        return {ROOT: {key: value for key, value in state.items() if key != METADATA}}
    return {
        name: value
        for name, value in state.items()
        if not is_predictor(value) and not (name == METADATA and is_metadata(value))
    }


def is_metadata(value: Any) -> bool:
    """Is it, beside a predictor of that name or not, what ``save`` writes about versions?"""
    return isinstance(value, dict) and (not value or _VERSIONS in value)


def versions(state: dict[str, Any]) -> dict[str, str]:
    """Return the versions of Python, DSPy and cloudpickle that a state tells."""
    told = state.get(METADATA)
    if not is_metadata(told):
        return {}
    found = told.get(_VERSIONS) if told else None
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def demos(where: str, value: Any) -> tuple[dict[str, Any], ...]:
    """Return a predictor's demos. Raises ``NotAState`` unless it is a list of objects."""
    if not isinstance(value, list) or not all(isinstance(demo, dict) for demo in value):
        raise NotAState(f"the demos of {where or 'the program'} are no list of objects")
    return tuple(value)


def text(where: str, value: Any) -> str:
    """Return a text. Raises ``NotAState`` for anything else."""
    if not isinstance(value, str):
        raise NotAState(f"{where} is {type(value).__name__}, not text")
    return value


def rest(state: dict[str, Any], known: set[str] | frozenset[str]) -> dict[str, Any]:
    """Return the members of a predictor's state that a family has no name for."""
    return {key: value for key, value in state.items() if key not in known | PLAIN}


def listed(where: str, state: dict[str, Any], key: str) -> tuple[Any, ...]:
    """Return a list as a tuple; nothing if it is not there. Raises ``NotAState``."""
    value = state.get(key)
    if value is not None and not isinstance(value, list):
        raise NotAState(f"{key} of {where or 'the program'} is no list")
    return tuple(value or ())
