"""Deployment strategies: the version that goes live where none is named, chosen by its score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.environments import deploy_environment, resolve_environment
from dspyreg.lifecycle.qualify import qualifies
from dspyreg.lifecycle.select import require_program
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


class Candidates(NamedTuple):
    """The versions that a strategy chooses from: their scores by number, and the live one.

    ``unlike`` is the reason why the scores cannot be compared, if they cannot. ``measured`` are
    the metrics of the versions where none of them is the score.
    """

    program: str
    scores: Mapping[int, float]
    live: int | None
    falls: bool
    threshold: float
    label: Callable[[int], str]
    unlike: str | None = None
    measured: Sequence[str] = ()

    def name(self, number: int) -> str:
        """Return a version as people write it: PROGRAM@LABEL."""
        return f"{self.program}@{self.label(number)}"


class Pick(NamedTuple):
    """A version to deploy to an environment, with notices and evidence of the choice."""

    selector: Selector
    environment: str | None
    notices: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = {}


def require(name: str) -> str:
    """Return the name of a strategy. Raises ``UsageError``, listing all of them."""
    if name not in STRATEGIES:
        raise UsageError("strategy-unknown", strategy=name, known=", ".join(STRATEGIES))
    return name


def choose(name: str, candidates: Candidates) -> int:
    """Return the version that a strategy makes live; the live one if none is better.

    Raises ``Refused`` if none has a score, if a person must choose, or if the best one is not
    enough better than the live one.
    """
    if require(name) == MANUAL:
        raise Refused("strategy-manual", program=candidates.program)
    best, live = _best(candidates), candidates.live
    if name == CONSERVATIVE and live in candidates.scores and live is not None and best != live:
        _require_gain(candidates, best, live)
    return best


def _best(candidates: Candidates) -> int:
    _require_comparable(candidates)
    if not candidates.scores:
        if candidates.measured:
            metrics = ", ".join(candidates.measured)
            raise Refused("score-ambiguous", program=candidates.program, metrics=metrics)
        raise Refused("score-missing", program=candidates.program)
    scores, live = candidates.scores, candidates.live
    highest = (min if candidates.falls else max)(scores.values())
    equal = [number for number, score in scores.items() if abs(score - highest) <= TOLERANCE]
    return live if live is not None and live in equal else max(equal)


def _require_comparable(candidates: Candidates) -> None:
    if candidates.unlike is not None:
        raise Refused("scores-unlike", program=candidates.program, reason=candidates.unlike)


def _require_gain(candidates: Candidates, best: int, live: int) -> None:
    now, then = candidates.scores.get(live), candidates.scores[best]
    facts: dict[str, Any] = {"best": candidates.name(best), "live": candidates.name(live)}
    if now is None:
        raise Refused("live-score-missing", **facts)
    threshold = candidates.threshold
    if not gains(now, then, threshold, falls=candidates.falls):
        scores: dict[str, Any] = {"best_score": f"{then:.6g}", "live_score": f"{now:.6g}"}
        raise Refused("gain-too-small", percent=f"{threshold * 100:.6g}", **scores, **facts)


def gains(now: float, then: float, threshold: float, *, falls: bool) -> bool:
    """Return whether the relative gain is at least ``threshold`` (a fraction); from 0 any is."""
    gain = now - then if falls else then - now
    if abs(now) <= TOLERANCE:
        return gain > TOLERANCE
    return gain > TOLERANCE and gain / abs(now) >= threshold - TOLERANCE


def drops(before: float, now: float, threshold: float, *, falls: bool) -> bool:
    """Return whether the relative loss is above ``threshold`` (a fraction); from 0 any is."""
    return (now - before if falls else before - now) > threshold * abs(before) + TOLERANCE


def pick(
    draft: Draft, config: Config, selector: Selector, *, environment: str | None, by: str | None
) -> Pick:
    """Return the version to deploy: the named one, or else the choice of the requested or the
    configured strategy. Without either, the selector stays as it is.
    """
    if by is not None and selector.is_explicit:
        raise UsageError("version-and-strategy", program=selector.program, strategy=by)
    name = by or config.integration.deployment_strategy
    if name is None or selector.is_explicit:
        return Pick(selector, environment)
    require(name)
    find = resolve_environment if by else deploy_environment
    return _picked(Case(draft, config, selector.program), find(config, environment), name)


def by_gain(case: Case, number: int, place: Environment) -> Pick | None:
    """Return a version that goes live automatically: it has a score, and nothing is live or the
    live one is worse by the configured part. None without a score, or if it is live already.

    Raises ``Refused`` if it is not enough better.
    """
    metrics, live = case.metrics, case.live(place.name)
    own = case.draft.metrics(case.program, number)
    metric = metrics.scored_by(own)
    if metric is None or live == number:
        return None
    score = own[metric]
    now = None if live is None else case.draft.metrics(case.program, live).get(metric)
    candidates = Candidates(
        case.program,
        {number: score} if live is None or now is None else {number: score, live: now},
        live,
        metrics.falls(metric),
        case.config.integration.auto_deploy_threshold,
        case.label,
        metrics.unlike(metric, (score, score if now is None else now)),
    )
    _require_comparable(candidates)
    if live is not None:
        _require_gain(candidates, number, live)
    evidence = {"strategy": AUTOMATIC, "metric": metric, "score": score, "live_score": now}
    return Pick(Selector(case.program, "number", str(number)), place.name, evidence=evidence)


def _picked(case: Case, place: Environment, strategy: str) -> Pick:
    """Return the choice of a strategy among the versions that qualify for an environment.

    Versions that were rolled back there, or are deprecated, are left out.
    """
    require_program(case.draft, case.program)
    live, measured = case.live(place.name), case.draft.measured(case.program)
    scores = _scores(measured, live, case.metrics)
    fits = {n for n in scores.values if n == live or _fits(case, n, place)}
    back = {n for n in fits - {live} if _was_rolled_back(case, n, place)}
    eligible = {n: score for n, score in scores.values.items() if n in fits - back}
    candidates = Candidates(
        case.program,
        eligible,
        live,
        scores.metric is not None and case.metrics.falls(scores.metric),
        case.config.integration.auto_deploy_threshold,
        case.label,
        case.metrics.unlike(scores.metric or "", eligible.values()),
        _unscored(case, measured, place) if scores.metric is None else (),
    )
    number = choose(strategy, candidates)
    notices = [
        f"{candidates.name(n)} was rolled back in {place.name} and is left out"
        for n in sorted(back)
    ]
    if live is not None and live not in eligible and number != live:
        notices.append(f"{candidates.name(live)} is live and has no score to compare with")
    evidence = {
        "strategy": strategy,
        "metric": scores.metric,
        "score": eligible[number],
        "live_score": None if live is None else eligible.get(live),
    }
    selector = Selector(case.program, "number", str(number))
    return Pick(selector, place.name, tuple(notices), evidence)


class _Scores(NamedTuple):
    """The versions that are scored by one metric."""

    metric: str | None
    values: dict[int, float]


def _scores(
    measured: Mapping[int, Mapping[str, float]], live: int | None, metrics: Metrics
) -> _Scores:
    """Return comparable scores: by the metric of the live version, or else of the newest."""
    by = {number: metrics.scored_by(values) for number, values in sorted(measured.items())}
    known = [metric for metric in by.values() if metric is not None]
    metric = (by.get(live) if live is not None else None) or (known[-1] if known else None)
    if metric is None:
        return _Scores(None, {})
    return _Scores(metric, {n: measured[n][metric] for n in measured if by[n] == metric})


def _unscored(
    case: Case, measured: Mapping[int, Mapping[str, float]], place: Environment
) -> list[str]:
    """Return the metrics of the versions that qualify, none of which is the score."""
    fits = [number for number in measured if _fits(case, number, place)]
    return sorted({metric for number in fits for metric in measured[number]})


def _fits(case: Case, number: int, place: Environment) -> bool:
    stage = case.stage(number)
    return stage != DEPRECATED and qualifies(case.config, stage, place)


def _was_rolled_back(case: Case, number: int, place: Environment) -> bool:
    newest = next(case.draft.records(case.program, place.name, number), None)
    return newest is not None and newest.deployment.status == ROLLED_BACK
