"""Counting approvals and evidence: where a version gathers them, and since when they count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.case import Case
    from dspyreg.model.state import NameChange, NameValue, State


def counting_rung(config: Config, rung: str) -> str:
    """Return the rung on which a version gathers approvals and evidence for another: the one below
    it, or else the first one, also for an environment without a rung.
    """
    known = any(each.name == rung for each in config.rungs)
    return (config.below(rung) if known else None) or config.first


def counts_from(case: Case, number: int, rung: str) -> NameChange | None:
    """Return the transition from which approvals and evidence for a rung count: the last one to
    the rung on which the version gathers them.
    """
    return case.draft.entered(case.program, number, counting_rung(case.config, rung))


def approved_at(state: State, approval: NameValue) -> int:
    """Return the seq of an approval. An undo and a redo of it are no new approval."""
    operation = approval.value["operation_id"]
    seqs = (
        each.seq
        for each in state.steps(approval.name)
        if each.value and each.value["operation_id"] == operation
    )
    return next(seqs, approval.changed)
