"""Versions and programs, one or many, as of any moment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from dspyreg.errors import NotFound
from dspyreg.lifecycle.select import select
from dspyreg.model import names
from dspyreg.model.selector import Selector
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.model.version import Version
from dspyreg.registry.read.resolve import moment_of
from dspyreg.registry.transaction.version_at import version_in, version_json
from dspyreg.store import queries
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context
    from dspyreg.store.index_state import IndexState


class ProgramSummary(NamedTuple):
    """A program in a list: its latest label, the count of its versions, what is live where."""

    name: str
    latest: str | None
    versions: int
    live: dict[str, str]


class Page(NamedTuple):
    """Some of many versions: their JSON as the index keeps it, and how many there are in all."""

    texts: tuple[str, ...]
    total: int
    limit: int
    offset: int

    @property
    def versions(self) -> list[Version]:
        """The versions themselves."""
        return [Version.from_json(json.loads(text)) for text in self.texts]


def show(context: Context, selector: str, *, at: str | None) -> Version:
    """See ``Registry.show``."""
    chosen = Selector.parse(selector)
    with moment_of(context, at) as moment:
        number, _ = select(moment.state, moment.config, chosen)
        version = version_in(context, moment.state.settled(), chosen.program, number)
        read_document(context.blobs, version.digest)  # what is damaged is not shown
    return version


class ProgramPage(NamedTuple):
    """A page of the programs, and how many there are in all."""

    programs: list[ProgramSummary]
    total: int
    limit: int
    offset: int


def programs(context: Context, *, limit: int, offset: int, at: str | None) -> ProgramPage:
    """Return a page of the programs, by name."""
    with moment_of(context, at) as moment:
        state = moment.state
        every = state.programs()
        chosen = every[offset:] if limit < 0 else every[offset : offset + limit]
        summaries = [_summary(state, program) for program in chosen]
    return ProgramPage(summaries, len(every), limit, offset)


def _summary(state: State, program: str) -> ProgramSummary:
    latest = state.latest(program)
    live = {
        name: state.label(program, pointer.live)
        for name, pointer in sorted(state.pointers(program).items())
        if pointer.live is not None
    }
    count = state.count(program)
    label = None if latest is None else state.label(program, latest)
    return ProgramSummary(program, label, count, live)


def listing(
    context: Context,
    program: str | None,
    *,
    stage: str | None,
    archived: bool,
    limit: int,
    offset: int,
    at: str | None,
) -> ProgramPage | Page:
    """See ``Registry.listing``."""
    if program is None and stage is None and not archived:
        return programs(context, limit=limit, offset=offset, at=at)
    if program is not None:
        require_program(context, program, at=at)
    return versions(
        context, program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
    )


def versions(
    context: Context,
    program: str | None,
    *,
    stage: str | None,
    archived: bool,
    limit: int,
    offset: int,
    at: str | None,
) -> Page:
    """See ``Registry.versions``."""
    if program is not None:
        names.program(program)
    with moment_of(context, at) as moment:
        state = moment.state.settled()
        rung = None if stage is None else _stage(moment.config, stage)
        if state.at is None:
            texts, total = queries.version_page(
                state, program, rung, archived=archived, limit=limit, offset=offset
            )
        else:
            every = _past_versions(state, program, rung, archived=archived)
            page = every[offset:] if limit < 0 else every[offset : offset + limit]
            texts, total = [_past_text(context, state, *each) for each in page], len(every)
    return Page(tuple(texts), total, limit, offset)


def _stage(config: Config, text: str) -> str:
    stage = text if text in {DEPRECATED, ARCHIVED} else config.rung(text)
    if stage is None:
        known = ", ".join([*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED])
        raise NotFound("stage", text, hint="stages-known", stages=known)
    return stage


def _past_versions(
    state: IndexState, program: str | None, stage: str | None, *, archived: bool
) -> list[tuple[str, int]]:
    """Return the programs and numbers of the versions in a list as of the past, in its order."""
    listed = []
    for name in [program] if program is not None else state.programs():
        ranked = [row.number for row in state.ranked(name)]
        with_archived = archived or stage == ARCHIVED
        retired = [row.number for row in state.ranked(name, archived=True)] if with_archived else []
        on_stage = None if stage is None else set(state.on_stage(name, stage))
        every = (*ranked, *retired)
        listed += [(name, number) for number in every if on_stage is None or number in on_stage]
    return listed


def _past_text(context: Context, state: IndexState, program: str, number: int) -> str:
    version = version_json(context, state, program, number)
    return json.dumps(version, ensure_ascii=False, separators=(",", ":"))


def require_program(context: Context, program: str, *, at: str | None) -> None:
    """Raise ``NotFound`` unless the program has a version."""
    names.program(program)
    with moment_of(context, at) as moment:
        select_program(moment.state, moment.config, program)


def select_program(state: State, config: Config, program: str) -> None:
    """Raise ``NotFound`` unless the program has a version."""
    newest = next(state.numbers(program), 0)
    select(state, config, Selector(program, "number", str(newest)))
