"""Files for a test to work in."""

from __future__ import annotations

from pathlib import Path


def write(path: str | Path, text: str) -> None:
    """Write a text to a file, whose directory need not exist."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
