"""Deploying: a version goes live in an environment whose rung it has reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Refused
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.environments import deploy_environment
from dspyreg.lifecycle.pointers import make_live
from dspyreg.lifecycle.qualify import held_back, newest_that_reached, require_qualified
from dspyreg.lifecycle.select import require_program, select

if TYPE_CHECKING:
    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.lifecycle.gates import Gate
    from dspyreg.model.selector import Selector


def deploy(
    draft: Draft,
    config: Config,
    selector: Selector,
    *,
    environment: str | None = None,
    reason: str | None = None,
    gate: Gate | None = None,
) -> Plan:
    """Make a version live in an environment whose rung it has reached.

    A selector without a version means the highest number that has reached it. Without a ``gate``
    no policy is judged.
    """
    place = deploy_environment(config, environment)
    case = Case(draft, config, selector.program)
    if selector.is_explicit:
        number, notices = select(draft, config, selector)
    else:
        number, notices = _highest(case, place), ()
        reason_against = held_back(case, number, (place,))
        if reason_against is not None:
            return case.already(number, reason_against)
    if case.live(place.name) == number:
        return case.already(number, f"{case.name(number)} is live in {place.name}")
    require_qualified(case, number, place)
    if gate is not None:
        gate.judge(case, number, None, (place,))
    make_live(case, number, place, reason=reason)
    return case.going_live("deploy", number, notices)


def _highest(case: Case, environment: Environment) -> int:
    rung = environment.rung or case.config.first
    number = newest_that_reached(case, rung)
    if not number:
        require_program(case.draft, case.program)
        raise Refused(
            "none-reached",
            program=case.program,
            goal=environment.rung or environment.name,
            rung=rung,
        )
    return number
