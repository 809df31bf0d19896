"""The better of two versions by their metrics, and the other differences between them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.diff import values
from dspyreg.compare.metrics import TIE, A, B, is_significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dspyreg.compare.diff import ValueChange
    from dspyreg.compare.metrics import MetricChange
    from dspyreg.formats.normal import Program

NONE: Final = "none"
_MAX_LENGTH: Final = 72
_MAX_DEPTH: Final = 20
_HUGE: Final = 1e300


class Winner(NamedTuple):
    """The result of a comparison: ``a``, ``b``, ``tie`` or ``none``.

    ``none`` means that nothing can be compared, or that each is better in some metric. ``metric``
    is the deciding metric, None if it was all of them. A winner is ``definitely`` better if it is
    worse in no metric.
    """

    winner: str
    metric: str | None
    definitely: bool


def winner(common: Sequence[MetricChange], primary: str | None, tie: float) -> Winner:
    """Return the winner by the primary metric, if both have it; less than ``tie`` is a tie.

    Otherwise the winner is better in some metric that both have, and worse in none.
    """
    judge = next((each for each in common if each.metric == primary), None)
    if judge is None:
        best = _by_all(common)
    elif judge.better is None or judge.a is None or judge.b is None:
        best = NONE
    else:
        best = judge.better if is_significant(judge.b - judge.a, tie) else TIE
    return Winner(best, judge.metric if judge else None, _definitely(common, best))


def _by_all(common: Sequence[MetricChange]) -> str:
    results = {each.better or NONE for each in common}
    won = results - {TIE}
    if not results or NONE in results or len(won) > 1:
        return NONE
    return next(iter(won), TIE)


def _definitely(common: Sequence[MetricChange], best: str) -> bool:
    return best in {A, B} and all(each.better in {best, TIE, None} for each in common)


# Other differences


def members(program: Program) -> dict[str, Any]:
    """Return the instructions, the number of demos and the model of each predictor."""
    members: dict[str, Any] = {}
    for predictor in program.predictors:
        prefix = f"{predictor.name}." if predictor.name else ""
        members[f"{prefix}instructions"] = predictor.instructions
        members[f"{prefix}demos"] = len(predictor.demos)
        lm = predictor.lm
        members[f"{prefix}model"] = lm.get("model") if isinstance(lm, dict) else lm
    return {key: value for key, value in members.items() if value is not None}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ValueChange, ...]:
    """Return the differences between two mappings, also inside them (``optimizer.trials``).

    They are in the order of the old mapping, then of the new one. Null is the same as missing.
    """
    a, b = _flat(old), _flat(new)
    changed = {change.key: change for change in values(a, b)}
    return tuple(changed[key] for key in dict.fromkeys((*a, *b)) if key in changed)


def _flat(mapping: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in mapping.items():
        if isinstance(value, dict) and value and depth < _MAX_DEPTH:
            flat.update(_flat(value, f"{prefix}{key}.", depth + 1))
        elif value is not None:
            flat[prefix + key] = value
    return flat


def in_words(changes: Iterable[ValueChange]) -> tuple[str, ...]:
    """Return changes in words, a line each: ``changed examples: 1000 → 1500 (+500)``."""
    return tuple(map(_line, changes))


def _line(change: ValueChange) -> str:
    if change.old is None:
        return f"added {change.key}: {_shortened(change.new)}"
    if change.new is None:
        return f"removed {change.key}: {_shortened(change.old)}"
    by = f" ({change.new - change.old:+.6g})" if _are_numbers(change.old, change.new) else ""
    return f"changed {change.key}: {_shortened(change.old)} → {_shortened(change.new)}{by}"


def _are_numbers(*values: Any) -> bool:
    return all(
        isinstance(each, int | float) and not isinstance(each, bool) and abs(each) < _HUGE
        for each in values
    )


def _shortened(value: Any) -> str:
    """Return a value on one line, without its middle if it is long: ends differ as starts do."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    half = _MAX_LENGTH // 2
    return text if len(text) <= _MAX_LENGTH else f"{text[:half]} … {text[-half:]}"
