"""The results that an optimizer leaves on the program it compiled, and its own settings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import UsageError
from dspyreg.formats.normal import is_credential
from dspyreg.integrations import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PERCENT, FRACTION = "percent", "fraction"
_OF_SCORE: Final = ("raw_score", "score_scale")
_MAX_SCORES: Final = 100
_OF_SIMBA: Final = frozenset({"score", "program"})


class Leftovers(NamedTuple):
    """The results of a run to register: its score as a metric, a summary for the metadata, the
    whole record for a file, and notices about them.
    """

    metrics: dict[str, float]
    metadata: dict[str, Any]
    results: dict[str, Any]
    notices: tuple[str, ...] = ()

    def without_score(self) -> Leftovers:
        """Return the same without the score, for a caller who has one."""
        kept = {key: value for key, value in self.metadata.items() if key not in _OF_SCORE}
        return self._replace(metrics={}, metadata=kept)


class Score(NamedTuple):
    """A score as an optimizer left it, and whether its maximum is 1 or 100."""

    raw: float
    scale: str

    @property
    def fraction(self) -> float:
        """The mean of the optimizer's metric, from 0 to 1."""
        return round(self.raw / 100, 10) if self.scale == PERCENT else self.raw


def left_on(program: Any) -> Leftovers:
    """Return the score and the record of the run, from where DSPy's optimizers leave them.

    The score is the mean of the metric: SIMBA and GEPA leave that, MIPROv2, COPRO, random search
    and BetterTogether a hundred times as much.
    """
    results, notices = runs.read(program)
    scores = dict(_scores(results))
    summary: dict[str, Any] = {
        "trials": _trials(results),
        "total_calls": _calls(results),
        "candidate_scores": _ranked(results),
    }
    metadata = {key: value for key, value in summary.items() if value}
    if not scores:
        return Leftovers({}, metadata, results, notices)
    if len({score.fraction for score in scores.values()}) > 1:
        return Leftovers({}, metadata, results, (*notices, _disagreement(scores)))
    best = next(iter(scores.values()))
    metadata |= {"raw_score": best.raw, "score_scale": best.scale}
    return Leftovers({"score": best.fraction}, metadata, results, notices)


def _disagreement(scores: Mapping[str, Score]) -> str:
    """Return a notice for a program that was compiled twice: which run was last is unknown."""
    values = ", ".join(f"{place} says {score.fraction:.10g}" for place, score in scores.items())
    return f"several optimizers left a score: {values}; none was taken: metrics= tells it"


def _scores(results: Mapping[str, Any]) -> Iterator[tuple[str, Score]]:
    """Yield the scores of the program, by the attribute that has them."""
    # Without the logs of trials it is unknown which optimizer left this attribute.
    if _is_number(results.get("score")) and "trial_logs" in results:
        yield "score", Score(results["score"], PERCENT)
    best = max(_candidates(results), key=lambda score: score.raw, default=None)
    if best is not None:
        yield "candidate_programs", best
    highest = max(_aggregates(results), default=None)
    if highest is not None:
        yield "detailed_results", Score(highest, FRACTION)


def _candidates(results: Mapping[str, Any]) -> list[Score]:
    return [
        Score(each["score"], FRACTION if each.keys() == _OF_SIMBA else PERCENT)
        for each in results.get("candidate_programs", ())
        if isinstance(each, dict) and _is_number(each.get("score"))
    ]


def _aggregates(results: Mapping[str, Any]) -> list[float]:
    scores = results.get("detailed_results", {}).get("val_aggregate_scores")
    return [each for each in scores if _is_number(each)] if isinstance(scores, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ranked(results: Mapping[str, Any]) -> list[float]:
    """Return the scores of all candidates on the whole validation set, best first."""
    scores = [score.fraction for score in _candidates(results)] or _aggregates(results)
    return sorted(scores, reverse=True)[:_MAX_SCORES] if len(scores) > 1 else []


def _trials(results: Mapping[str, Any]) -> int:
    """Return the number of programs that were tried: logged one by one, or kept as candidates."""
    details = results.get("detailed_results", {}).get("candidates")
    places: Iterable[Any] = (results.get("trial_logs"), results.get("candidate_programs"), details)
    return next((len(each) for each in places if isinstance(each, dict | list) and each), 0)


def _calls(results: Mapping[str, Any]) -> int | None:
    """Return the number of calls of the program or the metric; MIPROv2's own count stays 0."""
    logs = results.get("trial_logs")
    counts = [
        results.get("total_calls"),
        results.get("detailed_results", {}).get("total_metric_calls"),
        *(
            log.get("total_eval_calls_so_far")
            for log in (logs.values() if isinstance(logs, dict) else ())
            if isinstance(log, dict)
        ),
    ]
    return max((each for each in counts if isinstance(each, int)), default=None)


def described(optimizer: Any) -> dict[str, Any]:
    """Return an optimizer's class and its plain settings as metadata; nothing for None."""
    if optimizer is None:
        return {}
    if isinstance(optimizer, str):
        return {"optimizer": optimizer}
    if isinstance(optimizer, type):
        return {"optimizer": optimizer.__name__}
    settings = {
        name: _setting(value)
        for name, value in getattr(optimizer, "__dict__", {}).items()
        if not name.startswith("_") and not is_credential(name) and not runs.has_path(name, value)
    }
    kept = {name: value for name, value in settings.items() if value is not None}
    name = {"optimizer": type(optimizer).__name__}
    return {**name, "optimizer_settings": kept} if kept else name


def _setting(value: Any) -> Any:
    """Return a plain setting, or the name of a function or of a model."""
    if isinstance(value, str | bool | int | float):
        return value if not isinstance(value, float) or math.isfinite(value) else repr(value)
    model = getattr(value, "model", None)
    if isinstance(model, str):
        return model
    return _name(value) if callable(value) else None


def _name(function: Callable[..., Any]) -> str | None:
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) else None


def examples(trainset: Any) -> dict[str, int]:
    """Return the number of training examples, as metadata.

    Raises ``UsageError`` for a value without a length.
    """
    if trainset is None:
        return {}
    try:
        return {"training_examples": trainset if isinstance(trainset, int) else len(trainset)}
    except TypeError as error:
        raise UsageError("trainset-not-countable", trainset=trainset) from error
