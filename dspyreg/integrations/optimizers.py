"""What an optimizer left on the program that it compiled, and how it was set up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sized
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.formats.normal import is_credential
from dspyreg.integrations import dspy as door

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NOWHERE: Final = object()
_WHAT_CAME_OUT: Final = "best_outputs_valset"  # answers, not results; they may be long


class Left(NamedTuple):
    """Metrics and metadata to register a program with, and what is worth knowing of them."""

    metrics: dict[str, float]
    metadata: dict[str, Any]
    notices: tuple[str, ...] = ()


def left_on(program: Any) -> Left:
    """Return the score and the record of the trials, wherever DSPy's optimizers leave them.

    MIPROv2 leaves ``score``, ``trial_logs`` and ``candidate_programs``; SIMBA the latter two;
    COPRO and random search ``candidate_programs``; GEPA, if it was told to, ``detailed_results``.
    """
    scores = {place: score for place, score in _scores(program) if score is not None}
    metadata = {
        "trials": _trials(program),
        "trial_logs": _trial_logs(program),
        "candidate_programs": _candidates(program),
        "detailed_results": _details(program),
        "total_calls": _plain(getattr(program, "total_calls", None)),
    }
    kept = {key: value for key, value in metadata.items() if value not in (None, [], {})}
    metrics = {"score": next(iter(scores.values()))} if scores else {}
    return Left(metrics, kept, _disagreement(scores))


def _disagreement(scores: Mapping[str, float]) -> tuple[str, ...]:
    """A program that was compiled twice carries the results of both."""
    if len(set(scores.values())) < 2:
        return ()
    told = ", ".join(f"{place} says {score}" for place, score in scores.items())
    return (f"several optimizers left a score: {told}; the first was taken",)


def _scores(program: Any) -> Iterable[tuple[str, float | None]]:
    yield "score", _number(getattr(program, "score", None))
    candidates = getattr(program, "candidate_programs", None)
    yield "candidate_programs", _best(_number(each.get("score")) for each in _listed(candidates))
    results = getattr(program, "detailed_results", None)
    every = getattr(results, "val_aggregate_scores", None)
    yield "detailed_results", _best(map(_number, every)) if isinstance(every, list) else None


def _best(scores: Iterable[float | None]) -> float | None:
    return max((score for score in scores if score is not None), default=None)


def _number(value: Any) -> float | None:
    """A finite number, also one of numpy's."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return None
    number = value if isinstance(value, int | float) else float(value)
    return number if math.isfinite(number) else None


def _listed(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list | tuple):
        return []
    return [each for each in value if isinstance(each, Mapping)]


def _trials(program: Any) -> int | None:
    """How many programs were tried: logged one by one, or kept as candidates."""
    for place in ("trial_logs", "candidate_programs"):
        value = getattr(program, place, None)
        if isinstance(value, Sized) and not isinstance(value, str) and len(value):
            return len(value)
    candidates = getattr(getattr(program, "detailed_results", None), "candidates", None)
    return len(candidates) if isinstance(candidates, list) else None


def _trial_logs(program: Any) -> Any:
    logs = getattr(program, "trial_logs", None)
    if not isinstance(logs, Mapping):
        return None
    return {str(trial): _members(log) for trial, log in logs.items() if isinstance(log, Mapping)}


def _candidates(program: Any) -> list[Any]:
    return [_members(each) for each in _listed(getattr(program, "candidate_programs", None))]


def _details(program: Any) -> Any:
    told = getattr(getattr(program, "detailed_results", None), "to_dict", None)
    if not callable(told):
        return None
    found = {key: value for key, value in told().items() if key != _WHAT_CAME_OUT}
    return _plain(found)


def _members(told: Mapping[Any, Any]) -> dict[str, Any]:
    """A record without what is no plain value; a program in it is told by its instructions."""
    found = {str(key): _plain(value) for key, value in told.items()}
    return {key: value for key, value in found.items() if value is not _NOWHERE}


def _plain(value: Any) -> Any:
    """The value as JSON has it, or nothing."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, list | tuple):
        return [each for each in map(_plain, value) if each is not _NOWHERE]
    if isinstance(value, AbstractSet):
        return sorted((each for each in map(_plain, value) if each is not _NOWHERE), key=str)
    if hasattr(value, "named_predictors"):
        return instructions(value)
    number = _number(value)
    return _NOWHERE if number is None else number


def instructions(program: Any) -> dict[str, str]:
    """Return the instructions of a program's predictors, by name."""
    found = door.predictors(program)
    return {name or "self": it.signature.instructions for name, it in found.items()}


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
        for name, value in vars(optimizer).items()
        if not name.startswith("_") and not is_credential(name)
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
    """Return how many training examples there were, as metadata."""
    if trainset is None:
        return {}
    number = trainset if isinstance(trainset, int) else len(trainset)
    return {"training_examples": number}
