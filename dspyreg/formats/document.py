"""A reader of JSON as DSPy writes it: UTF-8, sometimes with the invalid literal NaN."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from dspyreg.model import canonical

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 200
# Escapes that may be half of a surrogate pair: a high one without a low one, a low one without a
# high one, or text behind an escaped backslash that looks like either.
_HALF_PAIR: Final = (
    rb"\\(?:\\u[dD]"
    rb"|u[dD](?:[89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..\\u[dD])[c-fC-F]))"
)

_DIGITS: Final = re.compile(rb"[0-9]+")
_DECODER: Final = canonical.decoder(unique=True, strict=False)


class NotAState(ValueError):
    """Bytes that DSPy cannot have written as a state."""


class NotJson(NotAState):
    """Bytes that are not JSON as DSPy writes it."""


def loads(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a saved state.

    Raises ``NotAState`` for anything else: other encodings, duplicate keys, lone surrogates,
    nesting deeper than DSPy ever writes, other values than an object.
    """
    if len(data) > MAX_BYTES:
        raise NotAState(f"it is above {MAX_BYTES >> 20} MiB")
    try:
        value = _DECODER.decode(data.decode())
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except canonical.RepeatedKey as error:
        raise NotJson(str(error)) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NotJson(str(error)) from error
    except ValueError as error:  # Python's limit on digits; its message gives no position
        raise NotJson(_long_number(data)) from error
    if not isinstance(value, dict):
        raise NotAState("it is not a JSON object")
    _require_plain(value, data)
    return value


def _long_number(data: bytes) -> str:
    longest = max(_DIGITS.finditer(data), key=lambda number: len(number[0]))
    line = data.count(b"\n", 0, longest.start()) + 1
    return f"a number of {len(longest[0])} digits on line {line}"


def _require_plain(value: Any, data: bytes) -> None:
    if _is_deep(value):
        raise NotJson(f"nested deeper than {MAX_DEPTH}")
    if b"\\u" in data and re.search(_HALF_PAIR, data) is not None:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise NotJson("it has half of a surrogate pair") from error


def _is_deep(value: Any) -> bool:
    """Return whether a value is nested deeper than DSPy ever writes. Visits containers only."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is dict else each)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True
