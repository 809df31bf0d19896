"""JSON: one document for each result (docs/reference/json.md)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dspyreg.render.documents import JsonText
from dspyreg.render.results import document

if TYPE_CHECKING:
    from dspyreg.render.options import RenderOptions

_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def render(result: object, _: RenderOptions) -> str:
    """Return the document of a result on one line."""
    return text(document(result))


def text(value: Any) -> str:
    """Return a document on one line, without letters that a terminal obeys."""
    if not isinstance(value, JsonText):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _escaped(value) + "\n"


def _escaped(value: str) -> str:
    """Escape what JSON itself lets pass: control characters, and halves of characters, which no
    encoding has.
    """
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
