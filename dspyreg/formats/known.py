"""The families there are, oldest first; the first that recognizes a predictor reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.formats import document, dspy_2_0, dspy_2_1, dspy_2_5_6, dspy_2_6, shape
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import Predictor, Program

if TYPE_CHECKING:
    from types import ModuleType

FAMILIES: tuple[ModuleType, ...] = (dspy_2_0, dspy_2_1, dspy_2_5_6, dspy_2_6)


def read(data: bytes) -> Program:
    """Return the program of a saved state. Raises ``NotAState``."""
    state = document.loads(data)
    found = list(shape.predictors(state))
    if not found:
        raise NotAState("there is no predictor in it")
    families = [_family(value) for _, value in found]
    versions = shape.versions(state)
    return Program(
        family=_name(families, state, versions),
        predictors=tuple(
            _read(family, name, value)
            for family, (name, value) in zip(families, found, strict=True)
        ),
        others=shape.others(state),
        versions=versions,
    )


def _family(state: dict[str, Any]) -> ModuleType:
    return next(family for family in FAMILIES if family.recognizes(state))


def _read(family: ModuleType, name: str, state: dict[str, Any]) -> Predictor:
    predictor: Predictor = family.read(name, state)
    return predictor


def _name(families: list[ModuleType], state: dict[str, Any], versions: dict[str, str]) -> str:
    """The latest family of all predictors; C is B with metadata, and so is D with old members."""
    newest = max(families, key=FAMILIES.index)
    if newest is dspy_2_5_6 and shape.is_metadata(state.get(shape.METADATA)):
        return "C"
    if newest is dspy_2_6 and not versions:
        return "B"
    return str(newest.name)
