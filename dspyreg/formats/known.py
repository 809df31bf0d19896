"""The families of saved states, oldest first: the first that recognizes a predictor reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.formats import document, dspy_2_0, dspy_2_1, dspy_2_5_6, dspy_2_6, members
from dspyreg.formats.document import NotAState
from dspyreg.formats.normal import Predictor, Program

if TYPE_CHECKING:
    from types import ModuleType

STATES: Final = (".json",)
PICKLES: Final = (".pkl", ".pickle")
FAMILIES: tuple[ModuleType, ...] = (dspy_2_0, dspy_2_1, dspy_2_5_6, dspy_2_6)


def read(data: bytes) -> Program:
    """Return the program of a saved state. Raises ``NotAState``."""
    return of(document.loads(data))


def is_read(name: str, *, allow_pickle: bool = False) -> bool:
    """Return whether a file of this name is read as a state; a pickle only if allowed."""
    return name.endswith((*STATES, *PICKLES) if allow_pickle else STATES)


def as_json(name: str, data: bytes) -> bytes:
    """Return the JSON of a state file.

    Raises ``NotAState`` for a pickle that holds anything but examples, dates and containers.
    """
    if not name.endswith(PICKLES):
        return data
    from dspyreg.formats import unpickling

    return unpickling.as_json(data)


def of(state: dict[str, Any]) -> Program:
    """Return the program of a parsed state. Raises ``NotAState``."""
    predictors, others = list(members.predictors(state)), members.others(state)
    if not predictors and not any(map(members.is_module, others.values())):
        raise NotAState("it has no predictor")
    families = [_family(value) for _, value in predictors]
    versions = members.versions(state)
    return Program(
        family=_name(families, state, versions),
        predictors=tuple(
            _read(family, name, value)
            for family, (name, value) in zip(families, predictors, strict=True)
        ),
        others=others,
        versions=versions,
    )


def _family(state: dict[str, Any]) -> ModuleType:
    for family in FAMILIES:
        if family.recognizes(state):
            return family
    raise NotAState("it has a predictor of an unknown family")


def _read(family: ModuleType, name: str, state: dict[str, Any]) -> Predictor:
    predictor: Predictor = family.read(name, state)
    return predictor


def _name(families: list[ModuleType], state: dict[str, Any], versions: dict[str, str]) -> str:
    """Return the name of the latest family of all predictors.

    B, C and D differ only in the other members, and in an order of members that a formatter may
    have changed.
    """
    newest = max(families, key=FAMILIES.index, default=dspy_2_6)
    if newest not in {dspy_2_5_6, dspy_2_6}:  # of these two a program may have both
        return str(newest.name)
    if not members.is_metadata(state.get(members.METADATA)):
        return "B"
    if dspy_2_5_6 in families:
        return "C"
    ordered = all(next(iter(each)) == dspy_2_6.FIRST for _, each in members.predictors(state))
    return "C" if not ordered and versions.get("dspy", "").startswith("2.5.") else "D"
