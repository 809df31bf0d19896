"""The checks of ``run.py`` for the installed version of DSPy only."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def _major() -> int:
    try:
        return int(version("dspy").partition(".")[0])
    except PackageNotFoundError:
        return 0


@pytest.mark.skipif(_major() < 3, reason="dspy 3 is not installed: nothing was saved and loaded")
def test_programs_saved_by_the_installed_dspy_round_trip_unchanged(tmp_path: Path):
    saved = tmp_path / "saved"
    saved.mkdir()
    _run(tmp_path, "programs.py", str(saved))
    assert _run(tmp_path, "check.py", str(saved)) == "family D the same\n"


@pytest.mark.skipif(_major() < 3, reason="dspy 3 is not installed: no optimizer was run")
def test_results_of_every_optimizer_are_registered(tmp_path: Path):
    assert _run(tmp_path, "optimizers.py").endswith(" optimizers as recorded\n")


@pytest.mark.skipif(_major() < 3, reason="dspy 3 is not installed: nothing live was registered")
def test_settings_of_live_programs_are_captured(tmp_path: Path):
    assert _run(tmp_path, "live.py") == "live programs as captured\n"


def _run(tmp_path: Path, script: str, *words: str) -> str:
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(HERE.parents[1]),
        "DSPY_CACHEDIR": str(tmp_path / "cache"),
        "DSPYREG_ACTOR": "ada",
    }
    command = [sys.executable, "-W", "ignore", str(HERE / script), *words]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
