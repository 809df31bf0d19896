"""Logs to damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from logs import Log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A log of two entries, one and two."""
    log = Log(tmp_path)
    log.append("one", "two")
    return log


@pytest.fixture
def segments(tmp_path: Path) -> Log:
    """A log of three entries, each in its own segment."""
    log = Log(tmp_path, roll_over=1)
    log.append("one", "two", "three")
    return log
