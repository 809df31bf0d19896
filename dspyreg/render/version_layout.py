"""Layouts of versions and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare import settings
from dspyreg.render.blocks import Fields, Layout, Lines, Table
from dspyreg.render.text import json_text, number, time

if TYPE_CHECKING:
    from dspyreg.model.version import Version
    from dspyreg.registry.read.resolve import Resolution
    from dspyreg.registry.read.status import Board, Status
    from dspyreg.registry.read.versions import Page, ProgramPage
    from dspyreg.render.blocks import Block
    from dspyreg.render.options import RenderOptions

_LONGEST: Final = 200  # characters of a member of the metadata


def version(result: Version, options: RenderOptions) -> Layout:
    """Lay out a version; long metadata are shortened unless ``whole``."""
    fields = (
        ("program", result.program),
        ("label", result.label),
        ("number", str(result.number)),
        ("stage", result.stage),
        ("live in", ", ".join(result.live_in)),
        ("score", number(result.score)),
        ("tags", ", ".join(result.tags)),
        ("changelog", result.changelog or ""),
        ("registered", _by(result.created_at, result.created_by)),
        ("promoted", _by(result.promoted_at, result.promoted_by)),
        ("digest", result.digest),
        *(
            (f"metadata.{key}", _plain(value) if options.whole else _shortened(_plain(value)))
            for key, value in sorted(result.metadata.items())
        ),
        *(
            (f"settings.{key}", _plain(value) if options.whole else _shortened(_plain(value)))
            for key, value in settings.flat(result.settings or {}).items()
        ),
        *((f"context.{key}", _plain(value)) for key, value in sorted(result.context.items())),
    )
    blocks: list[Block] = [Fields(tuple(pair for pair in fields if pair[1]))]
    if result.metrics:
        rows = tuple((name, number(value)) for name, value in sorted(result.metrics.items()))
        blocks.append(Table(("metric", "value"), rows))
    files = tuple((file.path, str(file.size), file.digest) for file in result.files)
    blocks.append(Table(("file", "bytes", "digest"), files))
    steps = tuple(
        (
            str(t.seq),
            time(t.timestamp),
            t.actor,
            f"{t.from_stage or 'none'} → {t.to_stage}",
            t.reason or "",
        )
        for t in result.transitions
    )
    blocks.append(Table(("seq", "time", "actor", "stage", "reason"), steps))
    return tuple(blocks)


def _by(at: str | None, who: str | None) -> str:
    return f"{time(at)} by {who}" if at else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _shortened(text: str) -> str:
    rest = len(text) - _LONGEST
    return f"{text[:_LONGEST]}… ({rest} more characters: --all)" if rest > 0 else text


def page(result: Page, options: RenderOptions) -> Layout:
    """Lay out a page of versions."""
    rows = tuple(
        (
            f"{each.program}@{each.label}",
            str(each.number),
            each.stage,
            ", ".join(each.live_in),
            number(each.score),
            time(each.created_at),
            each.created_by or "",
            ", ".join(each.tags),
        )
        for each in result.versions
    )
    columns = ("version", "number", "stage", "live in", "score", "registered", "by", "tags")
    return (Table(columns, rows),)


def program_page(result: ProgramPage, options: RenderOptions) -> Layout:
    """Lay out a page of programs."""
    rows = tuple(
        (
            each.name,
            each.latest or "",
            str(each.versions),
            ", ".join(f"{place}={label}" for place, label in each.live.items()),
        )
        for each in result.programs
    )
    return (Table(("program", "latest", "versions", "live"), rows),)


def resolution(result: Resolution, options: RenderOptions) -> Layout:
    """Lay out the bare label."""
    return (Lines((result.label,)),)


def status(result: Status, options: RenderOptions) -> Layout:
    """Lay out the environments, stages and trend of a program."""
    places = tuple(
        (
            name,
            serving.live or "-",
            serving.deployment.deployment_id if serving.deployment else "",
            time(serving.deployment.deployed_at) if serving.deployment else "",
            serving.deployment.deployed_by if serving.deployment else "",
        )
        for name, serving in result.environments.items()
    )
    stages = tuple(
        (stage, str(result.stage_counts[stage]), ", ".join(labels))
        for stage, labels in result.stages.items()
        if labels
    )
    from dspyreg.render.metrics_layout import trend_fields

    trend = trend_fields(result.history)
    blocks: list[Block] = [
        Table(("environment", "live", "deployment", "since", "by"), places),
        Table(("stage", "versions", "newest first"), stages),
    ]
    blocks += [Fields(trend)] if trend else []
    return (*blocks, Lines(result.recommendations)) if result.recommendations else tuple(blocks)


def board(result: Board, options: RenderOptions) -> Layout:
    """Lay out the stages as columns."""
    columns = {
        stage: [f"{program}@{label}" for program, label in versions]
        for stage, versions in result.stages.items()
    }
    height = max((len(column) for column in columns.values()), default=0)
    rows = tuple(
        tuple(column[row] if row < len(column) else "" for column in columns.values())
        for row in range(height)
    )
    lines = tuple((stage, name) for stage, column in columns.items() for name in column)
    return (Table(tuple(columns), rows, headless=lines),)
