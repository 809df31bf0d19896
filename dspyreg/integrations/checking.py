"""The check of a live program against the contract of a version, for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.compare.bump import Judgement, Level, Side, judge
from dspyreg.compare.inference import inferred
from dspyreg.formats.convert import current_name
from dspyreg.integrations import states
from dspyreg.integrations.capture import capture

if TYPE_CHECKING:
    import os

    from dspyreg.compare.contract import Contract
    from dspyreg.formats.normal import Program
    from dspyreg.model.version import Version
    from dspyreg.registry.facade.registry import Registry


def check(
    program: Any, *, against: str, registry: Registry | str | os.PathLike[str] | None = None
) -> Judgement:
    """Return the effect on callers of the change from a version's contract to a live program's.

    Contracts are compared, not prompts: the level is NONE if the same goes in and out.
    ``unknown`` names what could not be compared. Raises what ``Registry.show`` raises, and
    ``Conflict`` or ``Refused`` for a version without a contract.
    """
    new = capture(program)
    with states.opened(registry) as source:
        old = _contract(source, source.show(against))
    judgement = judge(Side(old), Side(new))
    level = max((reason.level for reason in judgement.reasons), default=Level.NONE)
    return judgement._replace(level=level)


def _contract(registry: Registry, version: Version) -> Contract:
    known = states.captured(version)
    return known if known is not None else _inferred(states.read(registry, version))


def _inferred(state: Program) -> Contract:
    """Return the contract inferred from a state, with the predictor names of today's DSPy."""
    contract = inferred(state)
    names = {each.name: current_name(state, each) for each in state.predictors}
    predictors = {names[name]: it for name, it in contract.predictors.items()}
    return contract._replace(predictors=predictors)
