"""What a deployment would come to, before anybody makes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.metrics import counts, difference, percentage
from dspyreg.compare.upgrade import breaking_changes
from dspyreg.lifecycle.environments import where
from dspyreg.lifecycle.select import select
from dspyreg.model import moment
from dspyreg.model.numbers import TOLERANCE
from dspyreg.model.selector import Selector
from dspyreg.registry.advising import to_score
from dspyreg.registry.checking import STAGE
from dspyreg.registry.comparing import judged
from dspyreg.registry.resolving import moment_of
from dspyreg.registry.subjects import version_subject
from dspyreg.registry.versus import CONFIGURATION, primary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.value import Config, Metrics
    from dspyreg.model.version import Version
    from dspyreg.registry.facade import Registry
    from dspyreg.registry.subjects import Subject

_OLD: Final = timedelta(days=7)
_COMPLEX: Final = 0.8
_HALF: Final = 0.5
_MANY_CHARACTERS: Final = 1000
_MANY_DEMOS: Final = 10


class Check(NamedTuple):
    """One thing that was looked at: what it came to, whether that speaks against deploying, and
    what to do about it.
    """

    message: str
    is_safe: bool = True
    advice: str | None = None


class DeploymentPlan(NamedTuple):
    """What deploying ``target`` in an environment, where ``current`` is live, would come to."""

    environment: str
    current: Version | None
    target: Version
    performance_change: float | None
    found: tuple[Check, ...]

    @property
    def deployment_safe(self) -> bool:
        """Does nothing speak against it?"""
        return all(check.is_safe for check in self.found)

    @property
    def checks(self) -> tuple[str, ...]:
        """What was looked at, in words."""
        return tuple(check.message for check in self.found)

    @property
    def recommendations(self) -> tuple[str, ...]:
        """What to do, in words."""
        return tuple(dict.fromkeys(check.advice for check in self.found if check.advice))

    def to_json(self) -> dict[str, Any]:
        """The document of ``plan --json``."""
        return {
            "environment": self.environment,
            "deployment_safe": self.deployment_safe,
            "performance_change": self.performance_change,
            "current": self.current.to_json() if self.current else None,
            "target": self.target.to_json(),
            "checks": list(self.checks),
            "recommendations": list(self.recommendations),
        }


def plan(registry: Registry, selector: str, *, environment: str | None) -> DeploymentPlan:
    """See ``Registry.plan``."""
    chosen = Selector.parse(selector)
    with registry.the_log.lock:
        _, state = moment_of(registry, None)
        config = registry.configuration_of(state)
        place = where(config, environment).name
        number, _ = select(state, config, chosen)
        live = state.pointer(chosen.program, place).live
    target = _subject(registry, chosen.program, number)
    current = None if live is None else _subject(registry, chosen.program, live)
    metrics = config.metrics_of(chosen.program)
    assert target.version is not None  # noqa: S101 - a selector means a version
    return DeploymentPlan(
        place,
        current.version if current else None,
        target.version,
        _change(current, target, metrics),
        (
            _performance(current, target, metrics, place),
            *_obstacles(registry, config, target.version, place),
            *_breaks(current, target),
            *_complexity(target),
            *_age(registry, target.version),
        ),
    )


def _subject(registry: Registry, program: str, number: int) -> Subject:
    return version_subject(registry, f"{program}@#{number}", None)


# Numbers


def _metric(current: Subject | None, target: Subject, metrics: Metrics) -> str | None:
    return primary(current.metrics, target.metrics, metrics.primary) if current else None


def _change(current: Subject | None, target: Subject, metrics: Metrics) -> float | None:
    metric = _metric(current, target, metrics)
    if current is None or metric is None:
        return None
    return difference(current.metrics[metric], target.metrics[metric])


def _performance(current: Subject | None, target: Subject, metrics: Metrics, place: str) -> Check:
    """What the scores say. A drop that counts is not safe; what was not measured is not known."""
    if current is None:
        return Check(
            f"nothing is live in {place} to compare with", advice=_evaluate(target, metrics)
        )
    if current.name == target.name:
        return Check(f"{target.name} is live in {place} already")
    metric = _metric(current, target, metrics)
    if metric is None:
        told = f"performance is not known: {current.name} and {target.name} have no score in common"
        return Check(told, advice=f"Measure both: `dspyreg score {target.name} METRIC=NUMBER`")
    before, after = current.metrics[metric], target.metrics[metric]
    percent = percentage(before, after)
    told = f"{metric} {before:.6g} → {after:.6g}"
    told += "" if percent is None else f" ({percent:+.2f}%)"
    if not counts(after - before, metrics.tie):
        return Check(f"no difference that counts: {told}")
    if (after < before) is metrics.falls(metric):
        advice = f"Deploy it: `dspyreg deploy {target.name} --env {place}`"
        return Check(f"performance improvement: {told}", advice=advice)
    advice = f"Keep {current.name}, and improve {target.name} first"
    return Check(f"performance regression: {told}", is_safe=False, advice=advice)


def _evaluate(target: Subject, metrics: Metrics) -> str | None:
    if primary(target.metrics, target.metrics, metrics.primary) is not None:
        return None
    return to_score(target.name, target.metrics)


# Rules


def _obstacles(registry: Registry, config: Config, target: Version, place: str) -> Iterator[Check]:
    """What the stage and the policies say: also those of the rung, if the version is one below."""
    found = list(registry.check(_selector(target), environment=place).findings)
    environment = config.environment(place)
    rung = environment.rung if environment else None
    if rung is not None and config.below(rung) == target.stage:
        way_up = registry.check(_selector(target), to=rung)
        if way_up.passed:
            advice = f"Promote it: `dspyreg promote {target} --to {rung}`"
            yield Check(f"{target} may go up to {config.title(rung)}", advice=advice)
        found = [*way_up.findings, *(each for each in found if each.rule != STAGE)]
    for finding in dict.fromkeys(found):
        yield Check(finding.message, is_safe=finding.passed)


def _selector(version: Version) -> str:
    return f"{version.program}@#{version.number}"


def _breaks(current: Subject | None, target: Subject) -> Iterator[Check]:
    if current is None:
        return
    for change in breaking_changes(judged(current, target).judgement):
        advice = f"Change the callers of {current.name} first"
        yield Check(f"breaking change: {change}", advice=advice)


# Warnings


def _complexity(target: Subject) -> Iterator[Check]:
    characters, demos = _size(target)
    score = min(characters / _MANY_CHARACTERS, _HALF) + min(demos / _MANY_DEMOS, _HALF)
    if score > _COMPLEX + TOLERANCE:
        size = f"{characters} characters of instructions, {demos} demos"
        advice = "Test it thoroughly: it is complex"
        yield Check(f"high complexity: {score:.3g} ({size})", advice=advice)


def _size(target: Subject) -> tuple[int, int]:
    """How long all instructions are together, and how many demos there are."""
    state = target.side.state
    if state is not None:
        texts = (predictor.instructions or "" for predictor in state.predictors)
        return sum(map(len, texts)), sum(len(each.demos) for each in state.predictors)
    told = target.version.metadata.get(CONFIGURATION) if target.version else None
    if not isinstance(told, dict):
        return 0, 0
    text = told.get("instruction") or told.get("instructions")
    demos = told.get("few_shot_examples_count") or told.get("demos")
    count = len(demos) if isinstance(demos, list) else demos
    return (
        len(text) if isinstance(text, str) else 0,
        count if isinstance(count, int) and not isinstance(count, bool) else 0,
    )


def _age(registry: Registry, target: Version) -> Iterator[Check]:
    if target.created_at is None:
        return
    age = registry.now() - moment.parse(target.created_at)
    if age > _OLD:
        advice = "Evaluate it again, or take a newer version"
        yield Check(f"{target} is older than 7 days ({age.days} days)", advice=advice)
