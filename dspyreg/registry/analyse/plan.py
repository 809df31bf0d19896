"""The plan of a deployment: its risks, and the command that makes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.metrics import TIE, B, changes, difference, unlike
from dspyreg.compare.upgrade import breaking_changes
from dspyreg.compare.winner import NONE, winner
from dspyreg.errors import NotFound
from dspyreg.lifecycle.environments import resolve_environment
from dspyreg.lifecycle.qualify import command_up, qualifies
from dspyreg.lifecycle.select import select
from dspyreg.model import moment
from dspyreg.model.numbers import TOLERANCE
from dspyreg.model.selector import Selector
from dspyreg.model.state import DEPRECATED
from dspyreg.policy.contract import BREAKING
from dspyreg.policy.contract import KEY as CONTRACT
from dspyreg.registry.analyse.compare import configuration_of, mixed, primary
from dspyreg.registry.analyse.diff import judged
from dspyreg.registry.artifacts.program_state import version_subject
from dspyreg.registry.gate.check import STAGE, check
from dspyreg.registry.read.advice import to_score
from dspyreg.registry.read.resolve import moment_of, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dspyreg.compare.metrics import MetricChange
    from dspyreg.config.value import Config, Environment
    from dspyreg.model.metrics import Metrics
    from dspyreg.model.state import State
    from dspyreg.model.version import Version
    from dspyreg.policy.finding import Finding
    from dspyreg.registry.artifacts.program_state import Subject
    from dspyreg.registry.context import Context

_OLD: Final = timedelta(days=7)
_COMPLEX: Final = 0.8
_HALF: Final = 0.5
_MANY_CHARACTERS: Final = 1000
_MANY_DEMOS: Final = 10


class Check(NamedTuple):
    """The result of one check, whether it is safe to deploy by it, and advice."""

    message: str
    is_safe: bool = True
    advice: str | None = None


class DeploymentPlan(NamedTuple):
    """The plan to deploy ``target`` in an environment, where ``current`` is live.

    ``command`` is the advice with the command that does it, or with what must come first.
    """

    environment: str
    current: Version | None
    target: Version
    performance_change: float | None
    results: tuple[Check, ...]
    command: str | None = None

    @property
    def deployment_safe(self) -> bool:
        """True if every check is safe."""
        return all(check.is_safe for check in self.results)

    @property
    def checks(self) -> tuple[str, ...]:
        """The results of the checks, in words."""
        return tuple(check.message for check in self.results)

    @property
    def recommendations(self) -> tuple[str, ...]:
        """The advice, in words."""
        advice = (*(check.advice for check in self.results), self.command)
        return tuple(dict.fromkeys(each for each in advice if each))

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``plan --json``."""
        return {
            "environment": self.environment,
            "deployment_safe": self.deployment_safe,
            "performance_change": self.performance_change,
            "current": self.current.to_json() if self.current else None,
            "target": self.target.to_json(),
            "checks": list(self.checks),
            "recommendations": list(self.recommendations),
        }


def plan(
    context: Context, selector: str, *, environment: str | None, at: str | None
) -> DeploymentPlan:
    """See ``Registry.plan``."""
    chosen = Selector.parse(selector)
    with moment_of(context, at) as moment:
        state, config = moment.state, moment.config
        now = (at and time_of(context, at, moment.head.seq)) or context.now()
        place = resolve_environment(config, environment)
        number = _target(state, config, chosen)
        live = state.pointer(chosen.program, place.name).live
    target = _subject(context, chosen.program, number, at)
    current = None if live is None else _subject(context, chosen.program, live, at)
    metrics = config.metrics_of(chosen.program)
    version = target.require_version()
    route = _route(context, config, version, place, at)
    performance = _performance(current, target, metrics, place.name)
    results = (
        performance,
        *(check for check in _judged(route.findings) if check.message != performance.message),
        *_breaks(current, target, route.findings),
        *_complexity(target),
        *_age(now, version),
    )
    is_safe = all(check.is_safe for check in results)
    return DeploymentPlan(
        place.name,
        current.version if current else None,
        version,
        _change(current, target, metrics),
        results,
        route.advice if (is_safe or route.is_refused) and number != live else None,
    )


def _target(state: State, config: Config, chosen: Selector) -> int:
    try:
        return select(state, config, chosen)[0]
    except NotFound as error:
        if error.kind == "program":
            raise
        raise NotFound(
            error.kind,
            error.name,
            problem="target-not-found",
            cause=str(error),
            hint=error.command_hint,
        ) from error


def _subject(context: Context, program: str, number: int, at: str | None) -> Subject:
    return version_subject(context, f"{program}@#{number}", at)


# Numbers


def _metric(current: Subject | None, target: Subject, metrics: Metrics) -> str | None:
    return primary(current.metrics, target.metrics, metrics) if current else None


def _change(current: Subject | None, target: Subject, metrics: Metrics) -> float | None:
    metric = _metric(current, target, metrics)
    if current is None or metric is None:
        return None
    before, after = current.metrics[metric], target.metrics[metric]
    return None if metrics.unlike(metric, (before, after)) else difference(before, after)


def _performance(current: Subject | None, target: Subject, metrics: Metrics, place: str) -> Check:
    """Return the check of the metrics of both.

    A worse target is not safe, and neither is one that cannot be compared. Without metrics the
    check is safe: nothing is known.
    """
    if current is None:
        return Check(
            f"nothing is live in {place} to compare with", advice=_evaluate(target, metrics)
        )
    if current.name == target.name:
        return Check(f"{target.name} is live in {place} already")
    rows = changes(current.metrics, target.metrics, metrics)
    common = [row for row in rows if row.a is not None and row.b is not None]
    metric = _metric(current, target, metrics)
    result = winner(common, metric, metrics.tie)
    text = "; ".join(_row(row) for row in common if metric in {row.metric, None})
    if not common or (metric is None and not text):
        return Check(
            f"No performance data: {current.name} and {target.name} have no metric in common",
            advice=f"Run an evaluation of both: `dspyreg score {target.name} METRIC=NUMBER`",
        )
    if result.winner == NONE:
        return Check(
            next(iter(unlike(common, metrics)), None) or mixed(common, B) or text, is_safe=False
        )
    if result.winner == TIE:
        return Check(f"no significant difference: {text}")
    if result.winner == B:
        return Check(f"performance improvement: {text}")
    advice = f"Keep {current.name}, and improve {target.name} first"
    return Check(f"performance regression: {text}", is_safe=False, advice=advice)


def _row(row: MetricChange) -> str:
    percent = "" if row.change_percent is None else f" ({row.change_percent:+.2f}%)"
    return f"{row.metric} {row.a:.6g} → {row.b:.6g}{percent}"


def _evaluate(target: Subject, metrics: Metrics) -> str | None:
    if metrics.scored_by(target.metrics) is not None:
        return None
    return to_score(target.name, target.metrics)


# The command


class Route(NamedTuple):
    """The route of a version to an environment: the findings on the command, and the command.

    It ``is_refused`` if the version must first reach another rung.
    """

    findings: tuple[Finding, ...]
    advice: str
    is_refused: bool = False


def _route(
    context: Context, config: Config, target: Version, place: Environment, at: str | None
) -> Route:
    """Judge the command that makes a version live, as ``check`` does."""
    deploy = f"`dspyreg deploy {target} --env {place.name}`"
    there = check(context, _selector(target), to=None, environment=place.name, at=at)
    if qualifies(config, target.stage, place) or place.rung is None:
        return Route(there.findings, f"Deploy it: {deploy}")
    rungs = [rung.name for rung in config.rungs]
    if target.stage not in rungs:
        return Route(there.findings, _route_back(context, config, target, place), True)
    missing = rungs[rungs.index(target.stage) + 1 : rungs.index(place.rung) + 1]
    promote = [f"`dspyreg promote {target} --to {rung}`" for rung in missing]
    deploys = [] if place.auto_deploy else [deploy]
    if len(promote) > 1:
        steps = ", ".join((*promote, *deploys))
        return Route(there.findings, f"It takes several commands: {steps}", True)
    up = check(context, _selector(target), to=place.rung, environment=None, at=at)
    own = [each for each in there.findings if each.rule != STAGE]
    advice = f"Promote it: {promote[0]}" + "".join(f", then {each}" for each in deploys)
    return Route(tuple(dict.fromkeys((*up.findings, *own))), advice)


def _route_back(context: Context, config: Config, target: Version, place: Environment) -> str:
    """Return the advice for a version that is deprecated or archived."""
    with moment_of(context, None) as moment:
        records = moment.state.records(target.program, place.name, target.number)
        was_live = any(each.deployment.was_live for each in records)
    if target.stage == DEPRECATED and was_live:
        back = f"dspyreg rollback {target.program} --env {place.name} --to {target.label}"
        return f"Roll back to it: `{back}`"
    return f"Bring it back first: `{command_up(config, str(target), target.stage)}`"


def _selector(version: Version) -> str:
    return f"{version.program}@#{version.number}"


def _judged(findings: tuple[Finding, ...]) -> Iterator[Check]:
    """Yield the findings of the policies, each message once."""
    yield from dict.fromkeys(Check(each.message, is_safe=each.passed) for each in findings)


def _breaks(
    current: Subject | None, target: Subject, findings: tuple[Finding, ...]
) -> Iterator[Check]:
    """Yield the breaking changes, unless a finding of the policy already reports them.

    They are safe only if a policy lets the contract pass.
    """
    of_policy = [finding for finding in findings if finding.rule == CONTRACT.name]
    if current is None or any(finding.measured == BREAKING for finding in of_policy):
        return
    is_allowed = bool(of_policy) and all(finding.passed for finding in of_policy)
    for change in breaking_changes(judged(current, target).judgement):
        advice = f"Change the callers of {current.name} first"
        yield Check(f"breaking change: {change}", is_safe=is_allowed, advice=advice)


# Warnings


def _complexity(target: Subject) -> Iterator[Check]:
    characters, demos = _size(target)
    score = min(characters / _MANY_CHARACTERS, _HALF) + min(demos / _MANY_DEMOS, _HALF)
    if score > _COMPLEX + TOLERANCE:
        size = f"{characters} characters of instructions, {demos} demos"
        advice = "Test it thoroughly: it is complex"
        yield Check(f"high complexity: {score:.3g} ({size})", advice=advice)


def _size(target: Subject) -> tuple[int, int]:
    """Return the length of all instructions in characters, and the number of demos."""
    state = target.side.state
    if state is not None:
        texts = (predictor.instructions or "" for predictor in state.predictors)
        return sum(map(len, texts)), sum(len(each.demos) for each in state.predictors)
    configuration = configuration_of(target)
    if configuration is None:
        return 0, 0
    text = configuration.get("instruction") or configuration.get("instructions")
    demos = configuration.get("few_shot_examples_count") or configuration.get("demos")
    count = len(demos) if isinstance(demos, list) else demos
    return (
        len(text) if isinstance(text, str) else 0,
        count if isinstance(count, int) and not isinstance(count, bool) else 0,
    )


def _age(now: datetime, target: Version) -> Iterator[Check]:
    if target.created_at is None:
        return
    age = now - moment.parse(target.created_at)
    if age > _OLD:
        advice = "Evaluate it again, or take a newer version"
        yield Check(f"{target} is older than 7 days ({age.days} days)", advice=advice)
