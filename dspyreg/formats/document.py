"""From bytes to JSON as DSPy writes it: UTF-8, sometimes with the invalid literal NaN."""

from __future__ import annotations

import json
from typing import Any, Final

LARGEST: Final = 64 * 1024 * 1024
DEEPEST: Final = 200


class NotAState(ValueError):
    """These bytes are no state that DSPy could have written."""


def loads(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a saved state.

    Raises ``NotAState`` for anything else: other encodings, duplicate keys, lone surrogates,
    nesting deeper than DSPy ever writes, a top that is no object.
    """
    if len(data) > LARGEST:
        raise NotAState(f"{len(data)} bytes; at most {LARGEST} are read")
    try:
        text = data.decode()
        value = json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise NotAState("nested too deeply") from error
    except ValueError as error:
        raise NotAState(str(error)) from error
    if not isinstance(value, dict):
        raise NotAState("its top is no object")
    _require_plain(value, text)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotAState(f"the key {twice[:60]!r} stands twice")
    return found


def _require_plain(value: Any, text: str) -> None:
    if _depth(value) > DEEPEST:
        raise NotAState(f"nested deeper than {DEEPEST}")
    if "\\ud" in text.lower():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise NotAState("it holds half of a surrogate pair") from error


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if depth > DEEPEST:
            break
    return depth
