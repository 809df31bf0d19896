"""One JSON document a command (docs/reference/json.md)."""

from __future__ import annotations

import json
import re
from typing import Any

_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def render(document: Any) -> str:
    """Return a document on one line, with nothing in it that a terminal would obey."""
    return harmless(json.dumps(document, ensure_ascii=False, separators=(",", ":"))) + "\n"


def page(texts: tuple[str, ...], *, total: int, limit: int, offset: int) -> str:
    """Return a page of objects that are JSON already."""
    place = json.dumps({"total": total, **place_in(limit, offset)}, separators=(",", ":"))
    return harmless(f'{{"versions":[{",".join(texts)}],{place[1:]}\n')


def place_in(limit: int, offset: int) -> dict[str, int | None]:
    """Return which page it is, from 1, and what makes it that; without a limit there is but one."""
    page = offset // limit + 1 if limit > 0 else 1
    return {"page": page, "limit": None if limit < 0 else limit, "offset": offset}


def harmless(text: str) -> str:
    """Return JSON text with what JSON itself lets pass spelt out: control characters, and halves of
    characters, which no encoding has.
    """
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
