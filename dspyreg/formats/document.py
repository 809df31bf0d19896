"""From bytes to JSON as DSPy writes it: UTF-8, sometimes with the invalid literal NaN."""

from __future__ import annotations

import json
import re
from typing import Any, Final

LARGEST: Final = 64 * 1024 * 1024
DEEPEST: Final = 200
# Where half of a surrogate pair may stand: a high one without a low one, a low one without a
# high one, or what looks like either and is text behind a backslash.
_ALONE: Final = (
    rb"\\(?:\\u[dD]"
    rb"|u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F]))"
)

_DIGITS: Final = re.compile(rb"[0-9]+")


class NotAState(ValueError):
    """These bytes are no state that DSPy could have written."""


class Broken(NotAState):
    """These bytes are not even JSON as DSPy writes it."""


def loads(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a saved state.

    Raises ``NotAState`` for anything else: other encodings, duplicate keys, lone surrogates,
    nesting deeper than DSPy ever writes, a top that is no object.
    """
    if len(data) > LARGEST:
        raise NotAState(f"it is above {LARGEST >> 20} MiB")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique)
    except RecursionError as error:
        raise Broken("nested too deeply") from error
    except NotAState:
        raise
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Broken(str(error)) from error
    except ValueError as error:  # Python reads no longer number, and does not say where it stands
        raise Broken(_long_number(data)) from error
    if not isinstance(value, dict):
        raise NotAState("its top is no object")
    _require_plain(value, data)
    return value


def _long_number(data: bytes) -> str:
    longest = max(_DIGITS.finditer(data), key=lambda number: len(number[0]))
    line = data.count(b"\n", 0, longest.start()) + 1
    return f"a number of {len(longest[0])} digits in line {line}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Broken(f"the key {twice[:60]!r} stands twice")
    return found


def _require_plain(value: Any, data: bytes) -> None:
    if _is_deep(value):
        raise Broken(f"nested deeper than {DEEPEST}")
    if b"\\u" in data and re.search(_ALONE, data) is not None:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Broken("it holds half of a surrogate pair") from error


def _is_deep(value: Any) -> bool:
    """Is it nested deeper than DSPy ever writes? Only what holds something is walked through."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is dict else each)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True
