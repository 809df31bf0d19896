"""Times as text: UTC, microseconds, one width, so that they sort as they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache

_DURATION = r"(\d{1,9})(us|ms|s|m|h|d|w)?"
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def text(at: datetime) -> str:
    """Return a time as the log spells it: ``2026-11-20T19:02:11.123456Z``."""
    whole = at.astimezone(UTC).replace(tzinfo=None)  # strftime would give the year 500 three digits
    return whole.isoformat(timespec="microseconds") + "Z"


def exact(value: str) -> str:
    """Return the text if it is a time as the log spells it. Raises ``ValueError`` otherwise."""
    if _form().fullmatch(value) is None:
        raise ValueError(f"not a time: {value!r}")
    return value


@cache
def _form() -> re.Pattern[str]:
    return re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def parse(value: str) -> datetime:
    """Return the time of a text that a person wrote: ISO 8601, UTC by default; a date is its start.

    Raises ``ValueError``.
    """
    at = datetime.fromisoformat(value)
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"not a time: {value!r}") from error


def before(at: datetime, length: timedelta) -> datetime:
    """Return the time a length before another, or the earliest possible one."""
    try:
        return at - length
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def duration(value: str) -> timedelta:
    """Return the length of ``90d``, ``24h``, ``30m``, ``10s``. Raises ``ValueError``."""
    match = re.fullmatch(_DURATION, value.strip(), re.ASCII)
    if match is None:
        raise ValueError(f"not a duration: {value!r}")
    try:
        return timedelta(seconds=int(match[1]) * _UNITS[match[2] or "s"])
    except OverflowError as error:
        raise ValueError(f"not a duration: {value!r}") from error
