"""Which of two versions is better, and what else differs between them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.diff import values
from dspyreg.compare.metrics import TIE, A, B, counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dspyreg.compare.diff import ValueChange
    from dspyreg.compare.metrics import MetricChange
    from dspyreg.formats.normal import Program

NONE: Final = "none"
_LONGEST: Final = 72
_DEEPEST: Final = 20
_HUGE: Final = 1e300


class Winner(NamedTuple):
    """Who wins: ``a``, ``b``, ``tie``, or ``none`` where nothing can be compared, or each is better
    in something; by which metric, None if by all; and whether the winner is worse in nothing.
    """

    winner: str
    metric: str | None
    definitely: bool


def winner(common: Sequence[MetricChange], primary: str | None, tie: float) -> Winner:
    """Return who wins by the primary metric if both have it, where less than ``tie`` is a tie;
    else who is better in something that both have, and worse in nothing.
    """
    judge = next((each for each in common if each.metric == primary), None)
    if judge is None:
        best = _by_all(common)
    elif judge.better is None or judge.a is None or judge.b is None:
        best = NONE
    else:
        best = judge.better if counts(judge.b - judge.a, tie) else TIE
    return Winner(best, judge.metric if judge else None, _definitely(common, best))


def _by_all(common: Sequence[MetricChange]) -> str:
    sides = {each.better or NONE for each in common}
    won = sides - {TIE}
    if not sides or NONE in sides or len(won) > 1:
        return NONE
    return next(iter(won), TIE)


def _definitely(common: Sequence[MetricChange], best: str) -> bool:
    return best in {A, B} and all(each.better in {best, TIE, None} for each in common)


# What else differs


def members(program: Program) -> dict[str, Any]:
    """Return what configures a program: instructions, number of demos and model of each
    predictor.
    """
    found: dict[str, Any] = {}
    for predictor in program.predictors:
        under = f"{predictor.name}." if predictor.name else ""
        found[f"{under}instructions"] = predictor.instructions
        found[f"{under}demos"] = len(predictor.demos)
        lm = predictor.lm
        found[f"{under}model"] = lm.get("model") if isinstance(lm, dict) else lm
    return {key: value for key, value in found.items() if value is not None}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ValueChange, ...]:
    """Return what differs between two mappings, key by key, also of mappings inside them
    (``optimizer.trials``): in the order of the old one, then what is new. Null is nothing.
    """
    a, b = _flat(old), _flat(new)
    found = {change.key: change for change in values(a, b)}
    return tuple(found[key] for key in dict.fromkeys((*a, *b)) if key in found)


def _flat(told: Mapping[str, Any], under: str = "", depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in told.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            found.update(_flat(value, f"{under}{key}.", depth + 1))
        elif value is not None:
            found[under + key] = value
    return found


def in_words(changes: Iterable[ValueChange]) -> tuple[str, ...]:
    """Return changes in words, a line each: ``changed examples: 1000 → 1500 (+500)``."""
    return tuple(map(_line, changes))


def _line(change: ValueChange) -> str:
    if change.old is None:
        return f"added {change.key}: {_spelt(change.new)}"
    if change.new is None:
        return f"removed {change.key}: {_spelt(change.old)}"
    by = f" ({change.new - change.old:+.6g})" if _are_numbers(change.old, change.new) else ""
    return f"changed {change.key}: {_spelt(change.old)} → {_spelt(change.new)}{by}"


def _are_numbers(*found: Any) -> bool:
    return all(
        isinstance(each, int | float) and not isinstance(each, bool) and abs(each) < _HUGE
        for each in found
    )


def _spelt(value: Any) -> str:
    """A value on one line, its middle left out where it is long: what differs may be its end."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"
