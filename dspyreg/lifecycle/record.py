"""Records on a version: measurements, approvals, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.counting import approved_at, counting_rung, counts_from
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.qualify import command_up, next_rung, reached
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
    """Append a person's approval of a version for a rung, by default the next one up."""
    case = Case(draft, config, selector.program)
    example = f"approve {selector.program}@VERSION"
    number, notices = select_named(draft, config, selector, example=example)
    rung = _rung(case, number, to)
    _require_near(case, number, rung)
    since = counts_from(case, number, rung)
    name = names.approval(case.program, number, rung, actor)
    own = [each for each in draft.under(name.rpartition("/")[0] + "/") if each.name == name]
    if own and since is not None and approved_at(draft, own[0]) > since.seq:
        approved = f"{actor} approved {case.name(number)} for {config.title(rung)}"
        return case.already(number, approved)
    draft.change(name, {"operation_id": draft.operation_id, "reason": reason})
    return Plan("approve", case.program, number, case.label(number), notices=notices)


def _rung(case: Case, number: int, to: str | None) -> str:
    """Return the rung of an approval, or its environment if that belongs to no rung."""
    config = case.config
    if to is None:
        above = next_rung(config, case.stage(number))
        if above is None:
            raise UsageError("approval-without-rung")
        return above
    rung, place = config.rung(to), config.environment(to)
    if rung is None and place is None:
        goals = [each.name for each in config.rungs]
        goals += [each.name for each in config.environments]
        known = ", ".join(dict.fromkeys(goals))
        raise UsageError("goal-unknown", hint="names-known", goal=to, known=known)
    return rung or (place and place.rung) or to


def _require_near(case: Case, number: int, rung: str) -> None:
    """Raise ``Refused`` if the approval could not count: a version gathers approvals on the rung
    below, and loses them when it enters that again.
    """
    config, stage = case.config, case.stage(number)
    below = counting_rung(config, rung)
    if not reached(config, stage, below):
        raise Refused(
            "approval-too-early",
            hint="command-first",
            version=case.name(number),
            stage=config.title(stage),
            rung=config.title(rung),
            below=config.title(below),
            command=command_up(config, case.name(number), stage),
        )


def add_evidence(
    draft: Draft, config: Config, selector: Selector, name: str, value: Mapping[str, Any]
) -> Plan:
    """Append evidence to a version: its name, whether it ``passed``, a note, a file."""
    example = f"evidence add {selector.program}@VERSION {name}"
    number, notices = select_named(draft, config, selector, example=example)
    program = selector.program
    draft.change(names.evidence(program, number, name, draft.operation_id), dict(value))
    return Plan("evidence", program, number, draft.label(program, number), notices=notices)
