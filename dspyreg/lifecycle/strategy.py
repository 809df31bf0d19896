"""Which version goes live if nobody names one: by its score, as a strategy says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.environments import qualifies, select_any, where, where_to_deploy
from dspyreg.model.metrics import DECIDED, SETTLED
from dspyreg.model.numbers import TOLERANCE
from dspyreg.model.selector import Selector
from dspyreg.model.state import DEPRECATED, ROLLED_BACK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.draft import Draft
    from dspyreg.model.metrics import Metrics

CONSERVATIVE, AGGRESSIVE, BEST_SCORE, MANUAL = "conservative", "aggressive", "best_score", "manual"
AUTOMATIC: Final = "auto_deploy_best_versions"
STRATEGIES: Final = (CONSERVATIVE, AGGRESSIVE, BEST_SCORE, MANUAL)


class Field(NamedTuple):
    """What a strategy chooses from: the scores of versions by number, which one is live, why the
    scores cannot be compared, if they cannot, and what was measured of the versions.
    """

    program: str
    scores: Mapping[int, float]
    live: int | None
    falls: bool
    threshold: float
    label: Callable[[int], str]
    unlike: str | None = None
    measured: Sequence[str] = ()


class Pick(NamedTuple):
    """What to deploy where, what is worth knowing about the choice, and what it was made by."""

    selector: Selector
    environment: str | None
    notices: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = {}


def require(name: str) -> str:
    """Return the name of a strategy. Raises ``UsageError``, listing those there are."""
    if name not in STRATEGIES:
        raise UsageError(f"not a strategy: {name!r}", hint=f"one of: {', '.join(STRATEGIES)}")
    return name


def choose(name: str, field: Field) -> int:
    """Return the version that a strategy makes live; the live one if nothing is better.

    Raises ``Refused`` where none has a score, where a person must choose, or where the best is
    not enough better than what is live and has a score.
    """
    if require(name) == MANUAL:
        raise Refused(
            f"the strategy is manual: a person chooses what of {field.program} goes live",
            hint=f"`dspyreg deploy {field.program}@VERSION`",
        )
    best = _best(field)
    live = field.live
    if name == CONSERVATIVE and live is not None and live in field.scores and best != live:
        _require_gain(field, best, live)
    return best


def _best(field: Field) -> int:
    _require_like(field)
    if not field.scores:
        told = f"no version of {field.program} that could go there has a score"
        if field.measured:
            raise Refused(f"{told} among {', '.join(field.measured)}", hint=DECIDED)
        raise Refused(
            told, hint=f"measure one: `dspyreg score {field.program}@VERSION METRIC=NUMBER`"
        )
    highest = (min if field.falls else max)(field.scores.values())
    among = [n for n, score in field.scores.items() if abs(score - highest) <= TOLERANCE]
    return field.live if field.live in among and field.live is not None else max(among)


def _require_like(field: Field) -> None:
    if field.unlike is not None:
        raise Refused(f"the scores of {field.program} are {field.unlike}", hint=SETTLED)


def _require_gain(field: Field, best: int, live: int) -> None:
    now = field.scores.get(live)
    old, new = (f"{field.program}@{field.label(number)}" for number in (live, best))
    if now is None:
        raise Refused(f"{old} is live and has no score to compare {new} with", hint="measure it")
    if not gains(now, field.scores[best], field.threshold, falls=field.falls):
        raise Refused(
            f"{new} ({field.scores[best]:.6g}) is less than {field.threshold * 100:.6g}% better "
            f"than {old} ({now:.6g}), which is live",
            hint="--select=aggressive takes the best score, whatever the gain",
        )


def gains(now: float, then: float, threshold: float, *, falls: bool) -> bool:
    """Is a score better than another by at least this part of it? From 0, by anything at all."""
    gain = now - then if falls else then - now
    if abs(now) <= TOLERANCE:
        return gain > TOLERANCE
    return gain > TOLERANCE and gain / abs(now) >= threshold - TOLERANCE


def drops(before: float, now: float, threshold: float, *, falls: bool) -> bool:
    """Is a score worse than another by more than this part of it? From 0, by anything at all."""
    return (now - before if falls else before - now) > threshold * abs(before) + TOLERANCE


def pick(
    draft: Draft, config: Config, selector: Selector, *, environment: str | None, by: str | None
) -> Pick:
    """Return what ``deploy`` is to do: what it was told, or where no version is named and there
    is a strategy, the one asked for or the configured one, what that chooses.
    """
    if by is not None and selector.is_explicit:
        raise UsageError(
            "a version and a strategy contradict each other",
            hint=f"`dspyreg deploy {selector.program} --select {by}`",
        )
    name = by or config.integration.deployment_strategy
    if name is None or selector.is_explicit:
        return Pick(selector, environment)
    require(name)
    place = (where if by else where_to_deploy)(config, environment)
    return _picked(draft, config, selector.program, place, name)


def by_gain(
    draft: Draft, config: Config, program: str, number: int, place: Environment
) -> Pick | None:
    """Return what makes a version live by itself: it has a score, and nothing is live there or
    that is worse by the configured part. None without a score, or if it is live already.

    Raises ``Refused`` where it is not enough better.
    """
    live = draft.pointer(program, place.name).live
    metrics = config.metrics_of(program)
    own = draft.metrics(program, number)
    metric = metrics.scored_by(own)
    if metric is None or live == number:
        return None
    now = None if live is None else draft.metrics(program, live).get(metric)
    threshold = config.integration.auto_deploy_threshold
    field = Field(
        program,
        {number: own[metric]} if live is None or now is None else {number: own[metric], live: now},
        live,
        metrics.falls(metric),
        threshold,
        partial(draft.label, program),
        metrics.unlike(metric, (own[metric], own[metric] if now is None else now)),
    )
    _require_like(field)
    if live is not None:
        _require_gain(field, number, live)
    return Pick(
        Selector(program, "number", str(number)),
        place.name,
        evidence={
            "strategy": AUTOMATIC,
            "metric": metric,
            "score": own[metric],
            "live_score": now,
        },
    )


def _picked(draft: Draft, config: Config, program: str, place: Environment, name: str) -> Pick:
    """What a strategy chooses of the versions that qualify for an environment.

    What was rolled back there is left out, and what is deprecated: somebody took it away.
    """
    select_any(draft, program)
    metrics, live = config.metrics_of(program), draft.pointer(program, place.name).live
    found = draft.measured(program)
    scores = _scores(found, live, metrics)
    fits = {n for n in scores.values if n == live or _fits(draft, config, program, n, place)}
    back = {n for n in fits - {live} if _was_rolled_back(draft, program, n, place)}
    eligible = {n: score for n, score in scores.values.items() if n in fits - back}
    field = Field(
        program,
        eligible,
        live,
        scores.metric is not None and metrics.falls(scores.metric),
        config.integration.auto_deploy_threshold,
        partial(draft.label, program),
        metrics.unlike(scores.metric or "", eligible.values()),
        _unscored(draft, config, program, found, place) if scores.metric is None else (),
    )
    number = choose(name, field)
    told = [
        f"{program}@{field.label(n)} was rolled back in {place.name} and is left out"
        for n in sorted(back)
    ]
    if live is not None and live not in field.scores and number != live:
        told.append(f"{program}@{field.label(live)} is live and has no score to compare with")
    return Pick(
        Selector(program, "number", str(number)),
        place.name,
        tuple(told),
        {
            "strategy": name,
            "metric": scores.metric,
            "score": field.scores[number],
            "live_score": None if live is None else field.scores.get(live),
        },
    )


class _Scores(NamedTuple):
    """The versions that are scored by one metric."""

    metric: str | None
    values: dict[int, float]


def _scores(
    found: Mapping[int, Mapping[str, float]], live: int | None, metrics: Metrics
) -> _Scores:
    """The scores that can be compared: by the metric of the live version, else of the newest."""
    by = {number: metrics.scored_by(measured) for number, measured in sorted(found.items())}
    known = [metric for metric in by.values() if metric is not None]
    metric = (by.get(live) if live is not None else None) or (known[-1] if known else None)
    if metric is None:
        return _Scores(None, {})
    return _Scores(metric, {n: found[n][metric] for n in found if by[n] == metric})


def _unscored(
    draft: Draft,
    config: Config,
    program: str,
    found: Mapping[int, Mapping[str, float]],
    place: Environment,
) -> list[str]:
    """The metrics of the versions that could go there, none of which is the score."""
    fits = [n for n in found if _fits(draft, config, program, n, place)]
    return sorted({metric for n in fits for metric in found[n]})


def _fits(draft: Draft, config: Config, program: str, number: int, place: Environment) -> bool:
    stage = draft.stage(program, number)
    return stage != DEPRECATED and qualifies(config, stage, place)


def _was_rolled_back(draft: Draft, program: str, number: int, place: Environment) -> bool:
    newest = next(draft.records(program, place.name, number), None)
    return newest is not None and newest.deployment.status == ROLLED_BACK
