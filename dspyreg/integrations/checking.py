"""A live program against the contract of a version: for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.compare.bump import Judgement, Level, Side, judge
from dspyreg.compare.inference import inferred
from dspyreg.formats.convert import today
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
    """Return what the change from a version's contract to a live program's means for callers.

    Contracts are compared, not prompts: the level is NONE where what goes in and out is the
    same. ``unknown`` says what could not be compared. Raises what ``Registry.show`` raises,
    ``Conflict`` or ``Refused`` for a version that tells no contract.
    """
    new = capture(program)
    with states.opened(registry) as found:
        old = _contract(found, found.show(against))
    judgement = judge(Side(old), Side(new))
    level = max((reason.level for reason in judgement.reasons), default=Level.NONE)
    return judgement._replace(level=level)


def _contract(registry: Registry, version: Version) -> Contract:
    known = states.captured(version)
    return known if known is not None else _inferred(states.read(registry, version))


def _inferred(state: Program) -> Contract:
    """What the state tells, with the names that its predictors have in today's DSPy."""
    told = inferred(state)
    names = {each.name: today(state, each) for each in state.predictors}
    return told._replace(predictors={names[name]: it for name, it in told.predictors.items()})
