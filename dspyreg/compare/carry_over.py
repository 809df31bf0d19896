"""The carried contract: an edited state keeps the contract of the version it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.compare.contract import CARRIED, INFERRED

if TYPE_CHECKING:
    from dspyreg.compare.bump import Side
    from dspyreg.formats.normal import Program


def carried(old: Side, new: Side) -> Side | None:
    """Return the new side with the contract and the settings of the old one; None if not allowed.

    The old contract must be captured, and both states must have the same predictors, with the
    same prefix and description of each field. A state has no types, so that these are unchanged
    is likely, not certain.
    """
    if new.contract.knowledge != INFERRED or not old.contract.is_captured:
        return None
    if old.state is None or new.state is None:
        return None
    shape = _shape(new.state)
    if shape is None or shape != _shape(old.state):
        return None
    return new._replace(contract=old.contract._replace(knowledge=CARRIED), settings=old.settings)


def _shape(state: Program) -> Any:
    """Return the part of a state that its contract determines; None if it lacks the fields."""
    if not all(predictor.texts for predictor in state.predictors):
        return None
    texts = {predictor.name: predictor.texts for predictor in state.predictors}
    return state.family, texts, sorted(state.others)
