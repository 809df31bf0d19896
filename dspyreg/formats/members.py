"""Members of a state that all families share: predictors, modules, metadata, demos, texts."""

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
_SHARED = (METADATA, _VERSIONS)  # the member that a predictor called metadata shares with DSPy


def is_predictor(value: Any) -> bool:
    """Return whether a value looks like the state of a predictor, of any family."""
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
    """Return whether a value is the state of a ``Flex``, whose code an optimizer changes."""
    return isinstance(value, dict) and isinstance(value.get(SOURCE), str)


def others(state: dict[str, Any]) -> dict[str, Any]:
    """Return the members besides predictors and metadata: retrievers, the code of ``Flex``
    modules. The code of a bare ``Flex`` has no name.
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
    """Return whether a value has the versions that ``save`` writes, or is an empty object.

    A predictor called metadata may be in the same object.
    """
    return isinstance(value, dict) and (not value or _VERSIONS in value)


def versions(state: dict[str, Any]) -> dict[str, str]:
    """Return the versions of Python, DSPy and cloudpickle in the metadata of a state."""
    metadata = state.get(METADATA)
    if not is_metadata(metadata):
        return {}
    saved_with = metadata.get(_VERSIONS) if metadata else None
    if not isinstance(saved_with, dict):
        return {}
    return {key: value for key, value in saved_with.items() if isinstance(value, str)}


def demos(predictor: str, value: Any) -> tuple[dict[str, Any], ...]:
    """Return a predictor's demos. Raises ``NotAState`` unless they are a list of objects."""
    if not isinstance(value, list) or not all(isinstance(demo, dict) for demo in value):
        raise NotAState(f"the demos of {predictor or 'the program'} are not a list of objects")
    return tuple(value)


def text(name: str, value: Any) -> str:
    """Return a text member. Raises ``NotAState`` for any other value."""
    if not isinstance(value, str):
        raise NotAState(f"{name} is {type(value).__name__}, not text")
    return value


def rest(state: dict[str, Any], known: set[str] | frozenset[str]) -> dict[str, Any]:
    """Return the members of a predictor's state that a family does not know."""
    return {key: value for key, value in state.items() if key not in known | PLAIN}


def listed(predictor: str, state: dict[str, Any], key: str) -> tuple[Any, ...]:
    """Return a list member as a tuple; empty if it is missing. Raises ``NotAState``."""
    value = state.get(key)
    if value is not None and not isinstance(value, list):
        raise NotAState(f"{key} of {predictor or 'the program'} is not a list")
    return tuple(value or ())
