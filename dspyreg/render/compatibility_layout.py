"""Layouts of compatibility, suggested labels and upgrade paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.render.blocks import Fields, Layout, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.compare.bump import Reason
    from dspyreg.registry.analyse.diff import Compatibility
    from dspyreg.registry.analyse.upgrade import Suggestion, UpgradePath
    from dspyreg.render.options import RenderOptions


def compatibility(result: Compatibility, options: RenderOptions) -> Layout:
    """Lay out whether callers of one program can use the other."""
    fields = (
        ("compatibility", result.compatibility),
        ("bump", str(result.judgement.level)),
        ("knowledge", result.knowledge),
    )
    return (Fields(fields), *_reasons(result.judgement.reasons))


def suggestion(result: Suggestion, options: RenderOptions) -> Layout:
    """Lay out the label that a file deserves."""
    to = result.to or "no new version"
    fields = (
        ("change", f"{result.from_} → {to}"),
        ("bump", str(result.level)),
        ("knowledge", result.knowledge),
    )
    return (Fields(fields), *_reasons(result.reasons))


def _reasons(reasons: Iterable[Reason]) -> Layout:
    rows = tuple((str(each.level), each.predictor or "", each.message) for each in reasons)
    return (Table(("level", "predictor", "reason"), rows),) if rows else ()


def upgrade_path(result: UpgradePath, options: RenderOptions) -> Layout:
    """Lay out the steps of an upgrade, and what to do at each."""
    steps = tuple((step.from_, step.to, step.compatibility) for step in result.steps)
    tasks = tuple(
        (f"{step.from_} → {step.to}", task)
        for step in result.steps
        for task in step.recommended_tests
    )
    blocks = (Table(("from", "to", "compatibility"), steps),)
    return (*blocks, Table(("step", "to do"), tasks)) if tasks else blocks
