"""Demands and times as people write them: ``accuracy >= 0.85``, ``f1 >= -2%``, ``1h 30m``."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Final, NamedTuple

from dspyreg.config.policies import COMPARISONS, Margin, Need, Threshold
from dspyreg.errors import UsageError
from dspyreg.model import moment, names

_NUMBER = r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_DECIMAL = re.compile(_NUMBER)
_SIGNED = re.compile(rf"[+-]?{_NUMBER}")
_SIGNS = re.compile(r"[<>=]+")
_UNITS: Final = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
_SIZES: Final = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
    "TiB": 1 << 40,
}
_SIZE = re.compile(rf"(0|[1-9][0-9]{{0,14}}) ?({'|'.join(_SIZES)})?")
_SMALL_UNITS: Final = {"ms": 1000, "us": 1}


class _Demand(NamedTuple):
    metric: str
    comparison: str
    number: str
    percent: bool


def threshold(text: str) -> Threshold:
    """Return the threshold that a text demands. Raises ``UsageError``."""
    demand = _demand(text, "accuracy >= 0.85")
    if demand.percent:
        problem = f"{demand.number}% is a change, and belongs under against_live"
        raise UsageError(problem, hint="a number here has no %: 85% is 0.85")
    return Threshold(demand.metric, demand.comparison, _signed(demand.number))


def need(text: str) -> Need:
    """Return the need that a text tells: a key of metadata, or also the number that it must meet.
    Raises ``UsageError``.
    """
    if _SIGNS.search(text) is None:
        return Need(text)
    demand = _demand(text, "deployment.max_concurrency <= 100")
    if demand.percent:
        raise UsageError(f"{demand.number}% is no number", hint="85% is 0.85")
    return Need(demand.metric, demand.comparison, _signed(demand.number))


def margin(text: str) -> Margin:
    """Return the margin to what is live that a text demands. Raises ``UsageError``."""
    demand = _demand(text, "accuracy >= -2%")
    change = _signed(demand.number)
    if change and demand.number[0] not in "+-":
        raise UsageError(
            f"a change against what is live has a sign, and {demand.number} has none",
            hint="-2% may fall by two percent of what is live, +0.01 must rise by 0.01",
        )
    return Margin(demand.metric, demand.comparison, change, demand.percent)


def _demand(text: str, example: str) -> _Demand:
    hint = f"a metric, one of {' '.join(COMPARISONS)}, and a number: {example}"
    signs = _SIGNS.search(text)
    if signs is None:
        raise UsageError(f"{_short(text)} demands nothing", hint=hint)
    if signs[0] not in COMPARISONS:
        raise UsageError(f"{_short(signs[0])} compares nothing", hint=hint)
    number = text[signs.end() :].strip()
    percent = number.endswith("%")
    number = number.removesuffix("%").rstrip()
    if not _SIGNED.fullmatch(number) or math.isinf(float(number)):
        raise UsageError(f"{_short(number)} is no finite number", hint=hint)
    return _Demand(names.word("metric", text[: signs.start()].strip()), signs[0], number, percent)


def _short(text: str) -> str:
    return f"`{text}`" if len(text) <= 60 and text.isprintable() else ascii(text[:60])


def _signed(number: str) -> float:
    return float(number) + 0.0  # no minus before a nought


def decimal(text: str) -> float | None:
    """Return the number that a text is in plain digits, if it is one from 0 up, and finite."""
    if not _DECIMAL.fullmatch(text) or math.isinf(float(text)):
        return None
    return float(text)


def seconds(text: str) -> float:
    """Return the length of ``10m``, ``1h 30m`` or ``90`` in seconds. Raises ``ValueError``."""
    parts = text.split()
    if not parts or (len(parts) > 1 and any(part.isdecimal() for part in parts)):
        raise ValueError(f"not a duration: {text!r}")
    return sum(map(moment.duration, parts), timedelta()).total_seconds()


def size(text: str) -> int | None:
    """Return the number of bytes of ``1 GiB``, ``500MB`` or ``4096``, if it is that."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) * _SIZES[match[2] or "B"]


def written_size(number: int) -> str:
    """Return how a number of bytes is written; ``size`` is its inverse."""
    unit = max((u for u in _SIZES if number % _SIZES[u] == 0), key=_SIZES.__getitem__)
    return f"{number // _SIZES[unit]} {unit if number else 'B'}"


def written_time(length: float) -> str:
    """Return how a length in seconds is written; ``seconds`` is its inverse."""
    left, parts = round(length * 1e6), list[str]()
    for unit, size in (_UNITS | _SMALL_UNITS).items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"
