"""Text from artifacts and people is data: nothing in it may steer a terminal."""

from __future__ import annotations

import codecs
import re
from typing import Any

_UNPRINTABLE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

# Our own marks, where a stream cannot take them.
_PLAIN = {
    "→": "->",
    "…": "...",
    "·": "|",
    "⏎": r"\n",
    "─": "-",
    "┤": "|",
    "█": "#",
    "✅": "yes",
    "❌": "no",
}


def visible(text: str) -> str:
    """Return the text with control and direction characters spelt out; tabs and line ends stay."""
    return text if text.isprintable() else re.sub(_UNPRINTABLE, _spelt, text)


def one_line(text: str) -> str:
    """Return the text as one visible line."""
    return visible(text.replace("\r", "").replace("\n", "⏎").replace("\t", " "))


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def spell_plainly(error: UnicodeError) -> tuple[str, int]:
    """Handle text that a stream cannot encode: our own marks become ASCII, all else an escape.

    An error handler for ``codecs.register_error``.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    failed = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each) or _escaped(each) for each in failed), error.end


def _escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def spell_as_json(error: UnicodeError) -> tuple[str, int]:
    """Handle JSON that a stream cannot encode: the escapes are those of JSON.

    An error handler for ``codecs.register_error``.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


codecs.register_error("dspyreg.plain", spell_plainly)
codecs.register_error("dspyreg.json", spell_as_json)


def number(value: float | None) -> str:
    """Return a number with six significant digits; nothing for None."""
    return "" if value is None else f"{value:.6g}"


def json_text(value: Any) -> str:
    """Return a value as JSON; nothing for None."""
    import json

    return "" if value is None else json.dumps(value, ensure_ascii=False)


def time(value: str | None) -> str:
    """Return a time of the log without its fraction."""
    return "" if value is None else value[:19] + "Z"
