"""The version object, made of the document and of the facts that the log adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.model import names
from dspyreg.model.document import described
from dspyreg.model.state import DEPRECATED, Snapshot, undone_among

if TYPE_CHECKING:
    from collections.abc import Collection

    from dspyreg.model.metrics import Metrics
    from dspyreg.model.state import NameChange, NameValue
    from dspyreg.store.index_state import IndexState


class VersionFacts:
    """The facts of the log about a version: its label and document, its changes of stage, its
    measurements, its tags, and the environments where it is live.
    """

    __slots__ = ("live_in", "metrics", "snapshot", "steps", "tags")

    def __init__(
        self,
        snapshot: Snapshot,
        steps: list[NameChange],
        metrics: dict[str, float],
        tags: list[NameValue],
        live_in: list[str],
    ) -> None:
        self.snapshot, self.steps, self.metrics = snapshot, steps, metrics
        self.tags, self.live_in = tags, live_in


def facts(state: IndexState, program: str, numbers: Collection[int]) -> dict[int, VersionFacts]:
    """Return the facts about those of the versions that exist, by number."""
    steps = state.steps_of(program, numbers)
    metrics = state.metrics_of(program, numbers)
    tags = state.each("tags", program, numbers)
    live = sorted((place, pointer.live) for place, pointer in state.pointers(program).items())
    return {
        number: VersionFacts(
            Snapshot.of(values[0].value),
            steps[number],
            metrics.get(number, {}),
            tags.get(number, []),
            [place for place, there in live if there == number],
        )
        for number, values in state.each("versions", program, numbers).items()
    }


def version_object(
    program: str, number: int, known: VersionFacts, fixed: dict[str, Any] | None, metrics: Metrics
) -> dict[str, Any]:
    """Return the version object of ``--json``, as ``Version.to_json`` returns it; ``fixed`` are its
    members that never change.
    """
    promoted = _last_promotion(known.steps)
    members = fixed or described(None)
    return {
        "program": program,
        "label": known.snapshot.label,
        "number": number,
        "digest": known.snapshot.document,
        "files_digest": members["files_digest"],
        "program_digest": members["program_digest"],
        "format": members["format"],
        "stage": known.steps[-1].value["stage"],
        "created_at": members["created_at"],
        "created_by": members["created_by"],
        "promoted_at": promoted.time if promoted else None,
        "promoted_by": promoted.actor if promoted else None,
        "is_deployed": bool(known.live_in),
        "live_in": known.live_in,
        "score": metrics.score_of(known.metrics),
        "metrics": known.metrics,
        "tags": sorted(names.split(tag.name)[3] for tag in known.tags),
        "metadata": members["metadata"],
        "changelog": members["changelog"],
        "previous_version": members["previous_version"],
        "change_type": members["change_type"],
        "files": members["files"],
        "contract": members["contract"],
        "settings": members["settings"],
        "context": members["context"],
        "transitions": _transitions(known.steps),
    }


def _last_promotion(steps: list[NameChange]) -> NameChange | None:
    undone = undone_among(steps)
    effective = (
        step
        for step in reversed(steps)
        if step.operation == "promote" and step.seq not in undone and step.value is not None
    )
    return next((step for step in effective if step.value["stage"] != DEPRECATED), None)


def _transitions(steps: list[NameChange]) -> list[dict[str, Any]]:
    transitions, before = list[dict[str, Any]](), None
    for step in steps:
        after = step.value["stage"] if step.value else None
        reason = step.value["reason"] if step.value else None
        if step.undoes is not None:
            reason = f"Entry {step.undoes} undone"
        transitions.append(
            {
                "seq": step.seq,
                "timestamp": step.time,
                "actor": step.actor,
                "from_stage": before,
                "to_stage": after,
                "reason": reason,
            }
        )
        before = after
    return transitions
