"""Layouts of decisions and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.render.blocks import Layout, Lines, Table

if TYPE_CHECKING:
    from dspyreg.registry.gate.check import Decision
    from dspyreg.registry.read.evidence import EvidenceList
    from dspyreg.render.options import RenderOptions


def decision(result: Decision, options: RenderOptions) -> Layout:
    """Lay out whether a version may go to a stage or environment, and every finding."""
    rows = tuple(
        ("passed" if finding.passed else "FAILED", finding.rule, finding.message)
        for finding in result.findings
    )
    head = Lines((verdict_on(result),))
    return (head, Table(("", "rule", "finding"), rows)) if rows else (head,)


def verdict_on(result: Decision) -> str:
    """Return a decision in one line."""
    name = f"{result.program}@{result.label}" if result.label else result.program
    goal = result.environment or result.to_stage or "a higher rung"
    if result.passed and result.notices:
        return str(result.notices[0])
    if result.passed:
        return f"{name} may go to {goal}"
    count = sum(not finding.passed for finding in result.findings)
    return f"{name} may not go to {goal}: {count} of {len(result.findings)} failed"


def evidence_list(result: EvidenceList, options: RenderOptions) -> Layout:
    """Lay out the evidence on a version."""
    rows = tuple(
        (
            each.name,
            "passed" if each.passed else "FAILED",
            each.recorded_at,
            each.actor,
            each.file_name or "",
            each.note or "",
        )
        for each in result.evidence
    )
    return (Table(("evidence", "", "time", "actor", "file", "note"), rows),)
