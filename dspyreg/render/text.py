"""Text from artifacts and people is data: nothing in it may steer a terminal."""

from __future__ import annotations

import re

_UNPRINTABLE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Return the text with control and direction characters spelt out; tabs and line ends stay."""
    return text if text.isprintable() else re.sub(_UNPRINTABLE, _spelt, text)


def one_line(text: str) -> str:
    """Return the text as one visible line."""
    return visible(text.replace("\r", "").replace("\n", "⏎").replace("\t", " "))


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def number(value: float | None) -> str:
    """Return a number as people write it; nothing for None."""
    return "" if value is None else f"{value:.6g}"


def time(value: str | None) -> str:
    """Return a time of the log without its fraction."""
    return "" if value is None else value[:19] + "Z"
