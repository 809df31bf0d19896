"""What an optimizer left on the program that it compiled, and how it was set up."""

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
_MOST_SCORES: Final = 100
_OF_SIMBA: Final = frozenset({"score", "program"})


class Left(NamedTuple):
    """What to register of a run: its score; a summary, for the metadata; the whole record, for a
    file; and what is worth knowing of them.
    """

    metrics: dict[str, float]
    metadata: dict[str, Any]
    results: dict[str, Any]
    notices: tuple[str, ...] = ()

    def without_score(self) -> Left:
        """Return the same for a program whose score the caller tells."""
        kept = {key: value for key, value in self.metadata.items() if key not in _OF_SCORE}
        return self._replace(metrics={}, metadata=kept)


class Score(NamedTuple):
    """A score as an optimizer left it, and whether it counts to 1 or to 100."""

    raw: float
    scale: str

    @property
    def fraction(self) -> float:
        """The mean of the metric that the optimizer was given."""
        return round(self.raw / 100, 10) if self.scale == PERCENT else self.raw


def left_on(program: Any) -> Left:
    """Return the score and the record of the run, wherever DSPy's optimizers leave them.

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
        return Left({}, metadata, results, notices)
    if len({score.fraction for score in scores.values()}) > 1:
        return Left({}, metadata, results, (*notices, _disagreement(scores)))
    best = next(iter(scores.values()))
    metadata |= {"raw_score": best.raw, "score_scale": best.scale}
    return Left({"score": best.fraction}, metadata, results, notices)


def _disagreement(scores: Mapping[str, Score]) -> str:
    """A program that was compiled twice carries the results of both, and not which was last."""
    told = ", ".join(f"{place} says {score.fraction:.10g}" for place, score in scores.items())
    return f"several optimizers left a score: {told}; none was taken: metrics= tells it"


def _scores(results: Mapping[str, Any]) -> Iterator[tuple[str, Score]]:
    """The score of the program by the attribute that tells it."""
    if (
        _is_number(results.get("score")) and "trial_logs" in results
    ):  # else it is nobody knows whose
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
    found = results.get("detailed_results", {}).get("val_aggregate_scores")
    return [each for each in found if _is_number(each)] if isinstance(found, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ranked(results: Mapping[str, Any]) -> list[float]:
    """The scores of all that were tried on the whole validation set, best first."""
    found = [score.fraction for score in _candidates(results)] or _aggregates(results)
    return sorted(found, reverse=True)[:_MOST_SCORES] if len(found) > 1 else []


def _trials(results: Mapping[str, Any]) -> int:
    """How many programs were tried: logged one by one, or kept as candidates."""
    details = results.get("detailed_results", {}).get("candidates")
    places: Iterable[Any] = (results.get("trial_logs"), results.get("candidate_programs"), details)
    return next((len(each) for each in places if isinstance(each, dict | list) and each), 0)


def _calls(results: Mapping[str, Any]) -> int | None:
    """How often the program or the metric was called; MIPROv2's own count stays 0."""
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
        if not name.startswith("_") and not is_credential(name) and not runs.has_place(name, value)
    }
    kept = {name: value for name, value in settings.items() if value is not None}
    told = {"optimizer": type(optimizer).__name__, "optimizer_settings": kept}
    return told if kept else {"optimizer": told["optimizer"]}


def _setting(value: Any) -> Any:
    """A plain setting, or the name of a function or of a model."""
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
    """Return how many training examples there were, as metadata.

    Raises ``UsageError`` for what has no length.
    """
    if trainset is None:
        return {}
    try:
        return {"training_examples": trainset if isinstance(trainset, int) else len(trainset)}
    except TypeError as error:
        raise UsageError(f"trainset={trainset!r} cannot be counted", hint="give a list") from error
