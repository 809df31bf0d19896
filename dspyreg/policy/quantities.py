"""Numbers, sizes and lengths of time as people write them: ``0.85``, ``64 KiB``, ``1h 30m``."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Final

from dspyreg.model import moment

NUMBER: Final = r"(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TIMES: Final = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000}
_SHORT_TIMES: Final = {"ms": 1000, "us": 1}
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
SIZE: Final = rf"(0|[1-9][0-9]{{0,14}}) ?({'|'.join(_SIZES)})?"


def decimal(text: str) -> float | None:
    """Return a finite number from 0 up in plain digits; None for any other text."""
    if not re.fullmatch(NUMBER, text) or math.isinf(float(text)):
        return None
    return float(text)


def spelled(value: float) -> str:
    """Return the shortest digits that read back as the same number."""
    return repr(float(value)).removesuffix(".0")


def seconds(text: str) -> float:
    """Return the length of ``10m``, ``1h 30m`` or ``90`` in seconds. Raises ``ValueError``."""
    parts = text.split()
    if not parts or (len(parts) > 1 and any(part.isdecimal() for part in parts)):
        raise ValueError(f"not a duration: {text!r}")
    return sum(map(moment.duration, parts), timedelta()).total_seconds()


def written_time(length: float) -> str:
    """Return how a length in seconds is written; ``seconds`` is its inverse."""
    left, parts = round(length * 1e6), list[str]()
    for unit, size in (_TIMES | _SHORT_TIMES).items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def size(text: str) -> int | None:
    """Return the bytes of ``1 GiB``, ``500MB`` or ``4096``; None for any other text."""
    match = re.fullmatch(SIZE, text)
    if match is None:
        return None
    return int(match[1]) * _SIZES[match[2] or "B"]


def written_size(number: int) -> str:
    """Return how a number of bytes is written; ``size`` is its inverse."""
    unit = max((u for u in _SIZES if number % _SIZES[u] == 0), key=_SIZES.__getitem__)
    return f"{number // _SIZES[unit]} {unit if number else 'B'}"
