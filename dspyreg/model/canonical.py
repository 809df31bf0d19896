"""Canonical JSON: sorted keys, no spaces, UTF-8, no NaN; each value has one spelling."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Never

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 500  # a fixed limit, because the room on the stack depends on the caller
_INFINITE = float("inf")

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


class Infinite(ValueError):
    """A number that no double can hold."""


def refuse(literal: str) -> Never:
    """Raise ``ValueError`` for NaN and its like."""
    raise ValueError(f"{literal} is not JSON")


def finite(digits: str) -> float:
    """Return the double that a JSON number spells. Raises ``Infinite``."""
    value = float(digits)
    if abs(value) == _INFINITE:
        raise Infinite(f"{digits[:20]} is out of range")
    return value


class RepeatedKey(ValueError):
    """An object has a key twice."""

    def __init__(self, key: str) -> None:
        super().__init__(f"duplicate key {key[:60]!r}")
        self.key = key


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKey(next(key for key in keys if keys.count(key) > 1))
    return members


def decoder(*, unique: bool = False, strict: bool = True) -> json.JSONDecoder:
    """Return a decoder of JSON text.

    With ``unique`` it raises ``RepeatedKey``; else the last of the same keys counts. Unless it is
    ``strict``, it accepts NaN, infinities, and numbers that no double can hold.
    """
    hook = _distinct if unique else None
    if not strict:
        return json.JSONDecoder(object_pairs_hook=hook)
    return json.JSONDecoder(object_pairs_hook=hook, parse_constant=refuse, parse_float=finite)


DECODER: Final = decoder()


def dumps(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises ``ValueError`` on NaN, infinities, deep nesting and text that UTF-8 cannot encode.
    """
    try:
        text = _ENCODER.encode(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return text.encode()


def loads(data: bytes) -> Any:
    """Return the JSON value of UTF-8 bytes. Raises ``ValueError`` on anything else, and on values
    that ``dumps`` refuses.
    """
    try:
        value = DECODER.decode(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    require_plain(data, value)
    return value


def require_plain(data: bytes, value: Any, deepest: int = DEEPEST) -> None:
    """Raise ``ValueError`` if the value of these bytes is nested deeper, or has text that UTF-8
    cannot encode. The bytes alone show that most values are fine.
    """
    if may_be_deeper(data, deepest) and depth(value) > deepest:
        raise ValueError("nested too deeply")
    if b"\\u" in data:
        for each in walk(value):
            if isinstance(each, str):
                each.encode()


def may_be_deeper(data: bytes, deepest: int = DEEPEST) -> bool:
    """Return whether bytes have enough brackets to be nested deeper than this."""
    return len(data) > 2 * deepest and data.count(b"[") + data.count(b"{") > deepest


def walk(value: Any) -> Iterator[Any]:
    """Yield a value and everything in it, the names of members too."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, dict):
            waiting += each.keys()
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each


def depth(value: Any) -> int:
    """Return the depth of nested lists and objects."""
    deepest, level = 0, [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        deepest += 1
        level = [x for each in level for x in (each.values() if isinstance(each, dict) else each)]
    return deepest
