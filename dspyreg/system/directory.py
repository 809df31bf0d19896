"""The working directory, and the text of small files that others may have put there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from dspyreg.backends.opening import open_without_waiting

_MAX_TEXT: Final = 1 << 20  # bytes


def working_directory() -> Path | None:
    """Return the working directory; None if it was removed, or may not be known."""
    try:
        return Path.cwd()
    except OSError:
        return None


def text_of(path: Path) -> str:
    """Return the text of a regular file, and "" for anything else, which might block."""
    try:
        with open(path, encoding="utf-8", errors="replace", opener=open_without_waiting) as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            return file.read(_MAX_TEXT) if is_regular else ""
    except OSError:
        return ""
