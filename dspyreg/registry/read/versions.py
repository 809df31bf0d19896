"""Reading: show, list, status, board. Every answer may be as of any moment."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.compare.trends import at_a_glance
from dspyreg.errors import NotFound
from dspyreg.lifecycle.environments import named
from dspyreg.lifecycle.select import select
from dspyreg.model import names
from dspyreg.model.selector import Selector
from dspyreg.model.state import ARCHIVED, DEPRECATED, State
from dspyreg.model.version import Version
from dspyreg.registry.read.advice import Standing, recommendations
from dspyreg.registry.read.resolve import moment_of
from dspyreg.registry.transaction.version_at import settled, version_in, version_json
from dspyreg.store.index_state import Past
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.canary import Canary
    from dspyreg.model.metrics import Metrics
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.deployment_view import DeploymentView

_SHOWN_PER_STAGE = 20


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


class Serving(NamedTuple):
    """What an environment serves."""

    live: str | None
    canary: Canary | None
    deployment: DeploymentView | None


class Status(NamedTuple):
    """Where a program stands. ``deployed_version`` is live in the environment that is asked for,
    else in the default one; ``performance`` are its metrics, None if none was measured. ``health``
    is known to whoever monitors it alone. ``was_deployed``: was anything ever live in the one that
    is asked for?
    """

    program: str
    environments: dict[str, Serving]
    stages: dict[str, list[str]]
    stage_counts: dict[str, int]
    history: dict[str, Any]
    deployed_version: str | None
    total_versions: int
    health: dict[str, Any] | None = None
    performance: dict[str, float] | None = None
    recommendations: tuple[str, ...] = ()
    was_deployed: bool = True


class Board(NamedTuple):
    """Every stage with the (program, label) of the versions on it, newest first."""

    stages: dict[str, list[tuple[str, str]]]


def show(context: Context, selector: str, *, at: str | None) -> Version:
    """See ``Registry.show``."""
    chosen = Selector.parse(selector)
    with context.entries.lock:
        head, state = moment_of(context, at)
        number, _ = select(state, context.configuration_of(state), chosen)
        version = version_in(context, state, chosen.program, number, head.seq)
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
    with context.entries.lock:
        _, state = moment_of(context, at)
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
    with context.entries.lock:
        _, state = moment_of(context, at)
        rung = None if stage is None else _stage(context.configuration_of(state), stage)
        if at is None:
            return _page(context, program, rung, archived=archived, limit=limit, offset=offset)
        assert isinstance(state, Past)  # noqa: S101 - a moment was asked for
        every = _past_versions(state, program, rung, archived=archived)
        some = every[offset:] if limit < 0 else every[offset : offset + limit]
        texts = tuple(_past_text(context, state, *each) for each in some)
    return Page(texts, len(every), limit, offset)


def _stage(config: Config, text: str) -> str:
    stage = text if text in {DEPRECATED, ARCHIVED} else config.rung(text)
    if stage is None:
        known = ", ".join([*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED])
        raise NotFound("stage", text, hint=f"there are {known}")
    return stage


def _page(
    context: Context,
    program: str | None,
    stage: str | None,
    *,
    archived: bool,
    limit: int,
    offset: int,
) -> Page:
    where, values = ["1"], list[Any]()
    if program is not None:
        where.append("program = ?")
        values.append(program)
    if stage is not None:
        where.append("stage = ?")
        values.append(stage)
    elif not archived:
        where.append("stage <> ?")
        values.append(ARCHIVED)
    chosen = "from versions where " + " and ".join(where)  # user text goes in as values only
    order = f"order by program, stage = '{ARCHIVED}', rank is null desc, rank desc, number desc"
    some = f"select json {chosen} {order} limit ? offset ?"
    rows = context.entries.query(some, *values, limit, offset)
    total = context.entries.query(f"select count(*) {chosen}", *values)[0][0]
    return Page(tuple(text for (text,) in rows), total, limit, offset)


def _past_versions(
    state: Past, program: str | None, stage: str | None, *, archived: bool
) -> list[tuple[str, int]]:
    """Return the programs and numbers of the versions that a list is of, in its order."""
    found = []
    for name in [program] if program is not None else state.programs():
        ranked = [row.number for row in state.ranked(name)]
        wanted = archived or stage == ARCHIVED
        retired = [row.number for row in state.ranked(name, archived=True)] if wanted else []
        there = None if stage is None else set(state.on_stage(name, stage))
        every = (*ranked, *retired)
        found += [(name, number) for number in every if there is None or number in there]
    return found


def _past_text(context: Context, state: Past, program: str, number: int) -> str:
    told = version_json(context, state, program, number)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def status(context: Context, program: str, *, environment: str | None, at: str | None) -> Status:
    """See ``Registry.status``."""
    names.program(program)
    with context.entries.lock:
        _, state = moment_of(context, at)
        config = context.configuration_of(state)
        select_program(state, config, program)
        places = config.environments if environment is None else (named(config, environment),)
        stages = [*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED]
        counts = {stage: state.count_on(program, stage) for stage in stages}
        serving = {place.name: _serving(context, state, program, place.name) for place in places}
        scores = _scores(context, state, program, config.metrics_of(program))
        place = environment or _default(config)
        live = state.pointer(program, place).live if place else None
        measured = {} if live is None else state.metrics(program, live)
        return Status(
            program=program,
            environments=serving,
            stages={
                stage: [
                    state.label(program, number)
                    for number in islice(state.on_stage(program, stage), _SHOWN_PER_STAGE)
                ]
                for stage in stages
            },
            stage_counts=counts,
            history=_trends(config.metrics_of(program), list(scores.values()), measured),
            deployed_version=None if live is None else state.label(program, live),
            total_versions=sum(counts.values()),
            performance=measured or None,
            recommendations=recommendations(Standing(state, config, program, place, scores)),
            was_deployed=environment is None or _ever(state, program, environment),
        )


def _ever(state: State, program: str, environment: str) -> bool:
    return next(state.records(program, environment), None) is not None


def require_program(context: Context, program: str, *, at: str | None) -> None:
    """Raise ``NotFound`` unless the program has a version."""
    names.program(program)
    with context.entries.lock:
        _, state = moment_of(context, at)
        select_program(state, context.configuration_of(state), program)


def select_program(state: State, config: Config, program: str) -> None:
    """Raise ``NotFound`` unless the program has a version."""
    newest = next(state.numbers(program), 0)
    select(state, config, Selector(program, "number", str(newest)))


def _default(config: Config) -> str | None:
    names_ = {place.name for place in config.of_rung(config.top)}
    default = config.default_environment or (config.top if config.top in names_ else None)
    return names_.pop() if default is None and len(names_) == 1 else default


def _serving(context: Context, state: State, program: str, environment: str) -> Serving:
    from dspyreg.registry.transaction.deployment_view import view

    pointer = state.pointer(program, environment)
    if pointer.live is None or pointer.deployment is None:
        return Serving(None, pointer.canary, None)
    label = state.label(program, pointer.live)
    past = settled(context, state)
    operation = pointer.deployment.removeprefix(environment + "-")
    record = names.deployment(program, environment, operation)
    if state.get(record) is None:
        return Serving(label, pointer.canary, None)
    first = past.steps(record)[0]
    shown = view(state, program, environment, pointer.deployment, at=first.time, by=first.actor)
    return Serving(label, pointer.canary, shown)


def _trends(metrics: Metrics, scores: list[float], measured: dict[str, float]) -> dict[str, Any]:
    """The scores of a program's versions at a glance; ``measured`` tells what they are of."""
    metric = metrics.scored_by(measured) or metrics.primary or "score"
    return at_a_glance(metric, scores, metrics)


def _scores(context: Context, state: State, program: str, metrics: Metrics) -> dict[int, float]:
    """The scores of a program's versions, by number."""
    if not isinstance(state, Past):
        rows = context.entries.query(
            "select number, score from versions"
            " where program = ? and score is not null order by number",
            program,
        )
        return dict(rows)
    found = ((number, metrics.score_of(each)) for number, each in state.each_measured(program))
    return dict(sorted((number, score) for number, score in found if score is not None))


def board(context: Context, *, at: str | None) -> Board:
    """See ``Registry.board``."""
    with context.entries.lock:
        _, state = moment_of(context, at)
        config = context.configuration_of(state)
        stages = [*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED]
        programs_ = state.programs()
        return Board(
            {
                stage: [
                    (program, state.label(program, number))
                    for program in programs_
                    for number in state.on_stage(program, stage)
                ]
                for stage in stages
            }
        )
