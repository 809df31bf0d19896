"""What people put on record about a version: measurements, approvals, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.environments import already, next_rung, reached, way_up
from dspyreg.lifecycle.gates import counting_rung, counts_from, given_at
from dspyreg.lifecycle.select import select, select_named
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.config.value import Config
    from dspyreg.model.selector import Selector


def score(draft: Draft, config: Config, selector: Selector, metrics: Mapping[str, float]) -> Plan:
    """Append measurements to a version."""
    number, notices = select(draft, config, selector)
    program = selector.program
    for metric, value in metrics.items():
        draft.change(names.metric(program, number, metric, draft.operation_id), value)
    return Plan("score", program, number, draft.label(program, number), notices=notices)


def approve(
    draft: Draft,
    config: Config,
    selector: Selector,
    actor: str,
    *,
    to: str | None,
    reason: str | None,
) -> Plan:
    """Say in somebody's name that a version may go to a rung, the next one up if none is named."""
    number, notices = select_named(
        draft, config, selector, example=f"approve {selector.program}@VERSION"
    )
    program, label = selector.program, draft.label(selector.program, number)
    rung = _rung(draft, config, program, number, to)
    _require_near(draft, config, program, number, rung)
    since = counts_from(draft, config, program, number, rung)
    name = names.approval(program, number, rung, actor)
    own = [found for found in draft.under(name.rpartition("/")[0] + "/") if found.name == name]
    if own and since is not None and given_at(draft, own[0]) > since.seq:
        why = f"{actor} approved {program}@{label} for {config.title(rung)}"
        return already(draft, program, number, why)
    draft.change(name, {"operation_id": draft.operation_id, "reason": reason})
    return Plan("approve", program, number, label, notices=notices)


def _rung(draft: Draft, config: Config, program: str, number: int, to: str | None) -> str:
    """Return what an approval is for: a rung, or an environment that belongs to none."""
    if to is None:
        above = next_rung(config, draft.stage(program, number))
        if above is None:
            raise UsageError("which rung?", hint="name it with --to=RUNG")
        return above
    rung, place = config.rung(to), config.environment(to)
    if rung is None and place is None:
        there = dict.fromkeys(each.name for each in config.rungs)
        known = ", ".join({**there, **dict.fromkeys(each.name for each in config.environments)})
        raise UsageError(f"{to!r} is no rung or environment", hint=f"there are {known}")
    return rung or (place and place.rung) or to


def _require_near(draft: Draft, config: Config, program: str, number: int, rung: str) -> None:
    """Raise ``Refused`` if the approval could not count: the version must have come to the rung
    below, and entering that anew makes it void.
    """
    stage, label = draft.stage(program, number), draft.label(program, number)
    below = counting_rung(config, rung)
    if not reached(config, stage, below):
        raise Refused(
            f"{program}@{label} is in {config.title(stage)}; "
            f"approvals for {config.title(rung)} count once it is in {config.title(below)}",
            hint=f"`{way_up(config, f'{program}@{label}', stage)}` first",
        )


def add_evidence(
    draft: Draft, config: Config, selector: Selector, name: str, value: Mapping[str, Any]
) -> Plan:
    """Append evidence to a version: under a name, whether it ``passed``, a note, a file."""
    example = f"evidence add {selector.program}@VERSION {name}"
    number, notices = select_named(draft, config, selector, example=example)
    program = selector.program
    draft.change(names.evidence(program, number, name, draft.operation_id), dict(value))
    return Plan("evidence", program, number, draft.label(program, number), notices=notices)
