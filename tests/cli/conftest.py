"""Commands run in an empty directory, at noon, as ada."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import a_program
from commandline import a_plain_world, dspyreg

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty directory to work in."""
    a_plain_world(monkeypatch, tmp_path)
    return tmp_path / "work"


@pytest.fixture
def store(here: Path) -> Path:
    """An empty working directory with an empty registry and a program file."""
    (here / "program.json").write_text(a_program("Answer.") + "\n")
    dspyreg("init")
    return here / ".dspyreg"
