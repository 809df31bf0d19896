"""One spelling for a JSON value: sorted keys, no spaces, UTF-8, no NaN."""

from __future__ import annotations

import json
from typing import Any, Never

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def _refuse(literal: str) -> Never:
    raise ValueError(f"{literal} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def dumps(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises ``ValueError`` on NaN, infinities, deep nesting and text that UTF-8 cannot carry.
    """
    try:
        text = _ENCODER.encode(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return text.encode()


def loads(data: bytes) -> Any:
    """Return the JSON value of UTF-8 bytes. Raises ``ValueError`` on anything else."""
    try:
        return _DECODER.decode(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
