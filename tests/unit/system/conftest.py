"""An isolated home and working directory for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dspyreg.system import git_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home directory; git files outside of it and the working directory are not read."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGNAME", "login")
    read = git_files.text_of
    monkeypatch.setattr(
        git_files, "text_of", lambda path: read(path) if tmp_path in path.parents else ""
    )
    return home
