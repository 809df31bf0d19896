"""What an optimizer's result file tells of a program: its score, its scores, how it was made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import UsageError
from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCORE: Final = "score"
_SCORES: Final = ("best_score_value", "best_score", SCORE)
_EVERY: Final = ("scores", "metrics")
_TRIALS: Final = ("candidates", "candidate_programs", "trial_logs")
_PROGRAMS: Final = ("program_name", "signature_name", "name", "program", "signature")
_PATHS: Final = ("program_path", "program_file")
_FILES: Final = (".json", ".pkl")
_NOT_KEPT: Final = frozenset({*_SCORES, *_EVERY, "metadata", "best_outputs_valset"})


class Result(NamedTuple):
    """Metrics and metadata to register a program with, and its name and file if they are told."""

    metrics: dict[str, float]
    metadata: dict[str, Any]
    program: str | None = None
    path: str | None = None


def read(told: Mapping[str, Any]) -> Result:
    """Return what a result tells: a summary with ``best_score_value`` or ``scores``, GEPA's
    ``detailed_results``, or the ``candidate_programs`` that random search and MIPROv2 leave.

    The score is the best that is named, else the best of all candidates, else the first of the
    scores. Everything else is kept as metadata, what stands under ``metadata`` beside it.
    """
    scores = _scores(told)
    best = _best(told, scores)
    metrics = scores if best is None else {**scores, SCORE: best}
    kept = {key: value for key, value in told.items() if key not in _NOT_KEPT}
    trials = next(
        (len(told[key]) for key in _TRIALS if isinstance(told.get(key), list | dict)), None
    )
    if trials is not None:
        kept.setdefault("trials", trials)
    own = told.get("metadata")
    metadata = {**kept, **(own if isinstance(own, dict) else {})}
    return Result(metrics, metadata, _program(told), _path(told))


def _program(told: Mapping[str, Any]) -> str | None:
    """The first name that a program can have: a signature such as ``question -> answer`` cannot."""
    texts = [told.get(key) for key in _PROGRAMS]
    return next((text for text in texts if _is_name(text) and not _is_path(text)), None)


def _path(told: Mapping[str, Any]) -> str | None:
    named = [told[key] for key in _PATHS if isinstance(told.get(key), str)]
    program = told.get("program")
    return next(iter((*named, *([program] if _is_path(program) else []))), None)


def _is_name(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(names.program(text))
    except UsageError:
        return False


def _is_path(text: Any) -> bool:
    return isinstance(text, str) and ("/" in text or text.endswith(_FILES))


def _scores(told: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key in _EVERY:
        value = told.get(key)
        if isinstance(value, dict):
            found.update({name: score for name, score in value.items() if _is_number(score)})
    return found


def _best(told: Mapping[str, Any], scores: Mapping[str, float]) -> float | None:
    named = [told[key] for key in _SCORES if _is_number(told.get(key))]
    if named:
        return float(named[0])
    candidates = _highest(_candidate_scores(told))
    if candidates is not None or SCORE in scores:
        return candidates if candidates is not None else scores[SCORE]
    return next(iter(scores.values()), None)


def _candidate_scores(told: Mapping[str, Any]) -> Iterable[Any]:
    every = told.get("val_aggregate_scores")
    yield from every if isinstance(every, list) else ()
    candidates = told.get("candidate_programs")
    for each in candidates if isinstance(candidates, list) else ():
        yield each.get(SCORE) if isinstance(each, dict) else None


def _highest(scores: Iterable[Any]) -> float | None:
    return max((float(score) for score in scores if _is_number(score)), default=None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
