"""Recommendations: the next useful commands for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dspyreg.compare.metrics import is_significant, percentage
from dspyreg.lifecycle.qualify import command_up, qualifies
from dspyreg.model.metrics import DECIDED, SETTLED
from dspyreg.model.state import ARCHIVED, DEPRECATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dspyreg.config.value import Config
from dspyreg.model.state import State


class Standing(NamedTuple):
    """A program, the scores of its versions by number, and its main environment."""

    state: State
    config: Config
    program: str
    environment: str | None
    scores: Mapping[int, float]

    @property
    def live(self) -> int | None:
        """The version that is live in the environment."""
        if self.environment is None:
            return None
        return self.state.pointer(self.program, self.environment).live

    def name(self, number: int) -> str:
        """Return a version's name."""
        return f"{self.program}@{self.state.label(self.program, number)}"

    def metric(self) -> str:
        """Return the metric that the scores are values of."""
        metrics = self.config.metrics_of(self.program)
        measured = self.state.metrics(self.program, max(self.scores))
        return metrics.primary or metrics.scored_by(measured) or "score"

    def unlike(self) -> str | None:
        """Return why the scores cannot be compared; None if they can."""
        metrics = self.config.metrics_of(self.program)
        return metrics.unlike(self.metric(), self.scores.values()) if self.scores else None

    def best(self) -> int | None:
        """Return the version with the best score among those that may be deployed; None if scores
        cannot be compared.
        """
        if not self.scores or self.unlike():
            return None
        sign = -1 if self.config.metrics_of(self.program).falls(self.metric()) else 1
        best = max(self.scores, key=lambda number: sign * self.scores[number])
        if self._may_go(best):
            return best
        order = sorted(self.scores, key=lambda number: sign * self.scores[number], reverse=True)
        return next(filter(self._may_go, order), None)

    def _may_go(self, number: int) -> bool:
        return self.state.stage(self.program, number) not in {ARCHIVED, DEPRECATED}


def to_score(name: str, metrics: Mapping[str, float]) -> str:
    """Return the advice for a version without a score."""
    if metrics:
        return f"{name} has no score among {', '.join(sorted(metrics))}: {DECIDED}"
    return f"Run an evaluation first, and record it: `dspyreg score {name} METRIC=NUMBER`"


def recommendations(standing: Standing) -> tuple[str, ...]:
    """Return the recommendations, in words."""
    return (*_about_scores(standing), *_about_the_best(standing))


def _about_scores(standing: Standing) -> Iterator[str]:
    live, unlike = standing.live, standing.unlike()
    if unlike:
        yield f"The scores are {unlike}; {SETTLED}"
    if not standing.scores:
        number = live or next(standing.state.numbers(standing.program))
        yield to_score(standing.name(number), standing.state.metrics(standing.program, number))
    elif live is not None and live not in standing.scores:
        yield f"Measure what is live: `dspyreg score {standing.name(live)} METRIC=NUMBER`"


def _about_the_best(standing: Standing) -> Iterator[str]:
    best, live, place = standing.best(), standing.live, standing.environment
    if best is None or place is None or best == live:
        return
    name = standing.name(best)
    if live is None:
        yield f"Nothing is live in {place}: `{_towards(standing, best, place)}`"
    elif live in standing.scores:
        now, then = standing.scores[live], standing.scores[best]
        if is_significant(then - now, standing.config.metrics_of(standing.program).tie):
            percent = percentage(now, then)
            by = "" if percent is None else f" ({percent:+.2f}%)"
            yield (
                f"{name} scores {then:.6g}{by}, {standing.name(live)} in {place} {now:.6g}: "
                f"`dspyreg plan {name} --env {place}`"
            )


def _towards(standing: Standing, number: int, place: str) -> str:
    """Return the command that brings a version closer to an environment."""
    name, environment = standing.name(number), standing.config.environment(place)
    stage = standing.state.stage(standing.program, number)
    if environment is not None and qualifies(standing.config, stage, environment):
        return f"dspyreg deploy {name} --env {place}"
    return command_up(standing.config, name, stage)
