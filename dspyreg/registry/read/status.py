"""The status of one program, and the board of all."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.trends import at_a_glance
from dspyreg.lifecycle.environments import named
from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.registry.read.advice import Standing, recommendations
from dspyreg.registry.read.resolve import moment_of
from dspyreg.registry.read.versions import select_program
from dspyreg.store import queries

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.canary import Canary
    from dspyreg.model.metrics import Metrics
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.deployment_view import DeploymentView
    from dspyreg.store.index_state import IndexState

_SHOWN_PER_STAGE: Final = 20


class Serving(NamedTuple):
    """The version that an environment serves."""

    live: str | None
    canary: Canary | None
    deployment: DeploymentView | None


class Status(NamedTuple):
    """The status of a program.

    ``deployed_version`` is live in the environment that was named, else in the default one.
    ``performance`` are its metrics, None if none was measured. ``health`` is None: only monitoring
    knows it. ``was_deployed`` is False if nothing was ever live in the environment that was named.
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


def status(context: Context, program: str, *, environment: str | None, at: str | None) -> Status:
    """See ``Registry.status``."""
    names.program(program)
    with moment_of(context, at) as moment:
        state, config = moment.state.settled(), moment.config
        select_program(state, config, program)
        places = config.environments if environment is None else (named(config, environment),)
        stages = [*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED]
        counts = {stage: state.count_on(program, stage) for stage in stages}
        serving = {place.name: _serving(state, program, place.name) for place in places}
        scores = _scores(state, program, config.metrics_of(program))
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


def _default(config: Config) -> str | None:
    names_ = {place.name for place in config.of_rung(config.top)}
    default = config.default_environment or (config.top if config.top in names_ else None)
    return names_.pop() if default is None and len(names_) == 1 else default


def _serving(state: IndexState, program: str, environment: str) -> Serving:
    from dspyreg.registry.transaction.deployment_view import view

    pointer = state.pointer(program, environment)
    if pointer.live is None or pointer.deployment is None:
        return Serving(None, pointer.canary, None)
    label = state.label(program, pointer.live)
    operation = pointer.deployment.removeprefix(environment + "-")
    record = names.deployment(program, environment, operation)
    if state.get(record) is None:
        return Serving(label, pointer.canary, None)
    first = state.steps(record)[0]
    shown = view(state, program, environment, pointer.deployment, at=first.time, by=first.actor)
    return Serving(label, pointer.canary, shown)


def _trends(metrics: Metrics, scores: list[float], measured: dict[str, float]) -> dict[str, Any]:
    """The scores of a program's versions at a glance; ``measured`` tells what they are of."""
    metric = metrics.scored_by(measured) or metrics.primary or "score"
    return at_a_glance(metric, scores, metrics)


def _scores(state: IndexState, program: str, metrics: Metrics) -> dict[int, float]:
    """The scores of a program's versions, by number."""
    if state.at is None:
        return queries.scores(state, program)
    scores = ((number, metrics.score_of(each)) for number, each in state.each_measured(program))
    return dict(sorted((number, score) for number, score in scores if score is not None))


def board(context: Context, *, at: str | None) -> Board:
    """See ``Registry.board``."""
    with moment_of(context, at) as moment:
        state, config = moment.state, moment.config
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
