"""Checks of values in the log that several names and members share."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from dspyreg.model import moment, names
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[Any], bool]

_LONGEST_OPERATION_ID: Final = 256
_LONGEST_EXCERPT: Final = 40
_OUT_OF_RANGE: Final = "or holds a number out of range"
PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")


def is_text(value: Any) -> bool:
    """Return whether a value is text."""
    return type(value) is str


def is_truth(value: Any) -> bool:
    """Return whether a value is true or false."""
    return type(value) is bool


def is_object(value: Any) -> bool:
    """Return whether a value is an object."""
    return type(value) is dict


def is_time(value: Any) -> bool:
    """Return whether a value is a time as the log spells it, of a day that exists."""
    try:
        datetime.fromisoformat(moment.exact(value))
    except (TypeError, ValueError):
        return False
    return True


def is_word(value: Any) -> bool:
    """Return whether a value is a text of one printable line."""
    return type(value) is str and names.is_word(value)


def is_program(value: Any) -> bool:
    """Return whether a value is the name of a program."""
    return type(value) is str and names.is_program(value)


def is_digest(value: Any) -> bool:
    """Return whether a value is a digest."""
    return type(value) is str and Digest.is_one(value)


@lru_cache(4096)
def is_operation_id(text: str) -> bool:
    """Return whether a text is a valid operation id."""
    return 0 < len(text) <= _LONGEST_OPERATION_ID and PLAIN.issuperset(text)


def or_null(check: Check) -> Check:
    """Return the check that accepts null too."""
    return lambda value: value is None or check(value)


def excerpt(value: Any) -> str:
    """Return the beginning of a value, as JSON, for errors."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return _OUT_OF_RANGE
    return text if len(text) <= _LONGEST_EXCERPT else f"{text[: _LONGEST_EXCERPT - 1]}…"
