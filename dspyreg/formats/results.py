"""A reader of optimizers' result files: a program's score, its metrics and its metadata."""

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
    """The metrics and metadata of a program, and its name and file if the result gives them."""

    metrics: dict[str, float]
    metadata: dict[str, Any]
    program: str | None = None
    path: str | None = None


def read(document: Mapping[str, Any]) -> Result:
    """Return the result in a JSON object.

    It is a summary with ``best_score_value`` or ``scores``, GEPA's ``detailed_results``, or the
    ``candidate_programs`` of random search and MIPROv2. The score is the best one that is named,
    else the best of all candidates, else the first of the scores. Everything else becomes
    metadata, together with the members of ``metadata``.
    """
    scores = _scores(document)
    best = _best(document, scores)
    metrics = scores if best is None else {**scores, SCORE: best}
    rest = {key: value for key, value in document.items() if key not in _NOT_KEPT}
    trials = next(
        (len(document[key]) for key in _TRIALS if isinstance(document.get(key), list | dict)), None
    )
    if trials is not None:
        rest.setdefault("trials", trials)
    own = document.get("metadata")
    metadata = {**rest, **(own if isinstance(own, dict) else {})}
    return Result(metrics, metadata, _program(document), _path(document))


def _program(document: Mapping[str, Any]) -> str | None:
    """Return the first valid program name; a signature such as ``question -> answer`` is none."""
    texts = [document.get(key) for key in _PROGRAMS]
    return next((text for text in texts if _is_name(text) and not _is_path(text)), None)


def _path(document: Mapping[str, Any]) -> str | None:
    named = [document[key] for key in _PATHS if isinstance(document.get(key), str)]
    program = document.get("program")
    return next(iter((*named, *([program] if _is_path(program) else []))), None)


def _is_name(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(names.program(text))
    except UsageError:
        return False


def _is_path(text: Any) -> bool:
    return isinstance(text, str) and ("/" in text or text.endswith(_FILES))


def _scores(document: Mapping[str, Any]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for key in _EVERY:
        value = document.get(key)
        if isinstance(value, dict):
            scores.update({name: score for name, score in value.items() if _is_number(score)})
    return scores


def _best(document: Mapping[str, Any], scores: Mapping[str, float]) -> float | None:
    named = [document[key] for key in _SCORES if _is_number(document.get(key))]
    if named:
        return float(named[0])
    best = _highest(_candidate_scores(document))
    if best is not None or SCORE in scores:
        return best if best is not None else scores[SCORE]
    return next(iter(scores.values()), None)


def _candidate_scores(document: Mapping[str, Any]) -> Iterable[Any]:
    aggregate = document.get("val_aggregate_scores")
    yield from aggregate if isinstance(aggregate, list) else ()
    candidates = document.get("candidate_programs")
    for candidate in candidates if isinstance(candidates, list) else ():
        yield candidate.get(SCORE) if isinstance(candidate, dict) else None


def _highest(scores: Iterable[Any]) -> float | None:
    return max((float(score) for score in scores if _is_number(score)), default=None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
