"""The version object, from the document and from what has happened to the version since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.model import names
from dspyreg.model.state import DEPRECATED, newest_metrics, score_of
from dspyreg.model.version import Transition, Version, described

if TYPE_CHECKING:
    from dspyreg.store.past import Past, Step


def version_object(
    state: Past, program: str, number: int, fixed: dict[str, Any] | None, primary: str | None
) -> dict[str, Any]:
    """Return the version object of ``--json``; ``fixed`` are its members that never change."""
    snapshot = state.version(program, number)
    assert snapshot is not None  # noqa: S101 - only versions that exist are rendered
    steps = state.steps(names.stage(program, number))
    promoted = _last_promotion(steps)
    metrics = newest_metrics(state.under(names.prefix("metrics", program, number)))
    live_in = sorted(e for e, p in state.pointers(program).items() if p.live == number)
    tags = state.under(names.prefix("tags", program, number))
    told = {
        **(fixed or described(None)),
        "program": program,
        "label": snapshot.label,
        "number": number,
        "digest": snapshot.document,
        "stage": state.stage(program, number),
        "promoted_at": promoted.time if promoted else None,
        "promoted_by": promoted.actor if promoted else None,
        "is_deployed": bool(live_in),
        "live_in": live_in,
        "score": score_of(metrics, primary),
        "metrics": metrics,
        "tags": sorted(names.split(tag.name)[3] for tag in tags),
        "transitions": [transition._asdict() for transition in _transitions(steps)],
    }
    return {name: told[name] for name in Version._fields}


def _last_promotion(steps: list[Step]) -> Step | None:
    standing = (
        step
        for step in reversed(steps)
        if step.operation == "promote" and step.undone_by is None and step.value is not None
    )
    return next((step for step in standing if step.value["stage"] != DEPRECATED), None)


def _transitions(steps: list[Step]) -> list[Transition]:
    found, before = [], None
    for step in steps:
        after = step.value["stage"] if step.value else None
        reason = step.value["reason"] if step.value else None
        if step.undoes is not None:
            reason = f"Entry {step.undoes} undone"
        found.append(Transition(step.seq, step.time, step.actor, before, after, reason))
        before = after
    return found
