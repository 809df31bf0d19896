"""Results that only the command line puts together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dspyreg.model.entry import Entry
    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.read.history import Measurements
    from dspyreg.registry.read.versions import Page, ProgramSummary


class ProgramPage(NamedTuple):
    """Some of many programs."""

    programs: list[ProgramSummary]
    total: int
    limit: int
    offset: int


class History(NamedTuple):
    """Entries of the log."""

    entries: list[Entry]


class ConfigurationShown(NamedTuple):
    """The configuration in force: its digest, its value, and the YAML as it was written."""

    digest: str
    configuration: dict[str, Any]
    source: str


class Plotted(NamedTuple):
    """What was measured, to be drawn."""

    measured: Measurements


class Made(NamedTuple):
    """A registry that is there."""

    store: str
    registry_id: str
    format: int


def listed(
    registry: Registry,
    program: str | None,
    *,
    stage: str | None,
    archived: bool,
    limit: int,
    offset: int,
    at: str | None,
) -> ProgramPage | Page:
    """Return the programs, or the versions of one or on one stage. Raises ``NotFound`` for a
    program that there is not: a person who names it means one.
    """
    from dspyreg.registry.read import versions

    if program is None and stage is None and not archived:
        found, total = versions.programs(registry.context, limit=limit, offset=offset, at=at)
        return ProgramPage(found, total, limit, offset)
    if program is not None:
        versions.require_program(registry.context, program, at=at)
    return registry.versions(
        program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
    )


def measured(found: Measurements, *, plot: bool) -> Measurements | Plotted:
    """Return what was measured, to be listed or to be drawn."""
    return Plotted(found) if plot else found
