"""Tests that import the package and tests that start it use the same one."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import dspyreg


def sources(package: Path) -> dict[str, str]:
    """Return the digest of every module of a package, by path."""
    return {
        path.relative_to(package).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(package.rglob("*.py"))
    }


def test_tests_and_their_processes_use_the_same_package(tmp_path: Path):
    """`python -m pytest` imports the checkout, a process in another directory what is installed."""
    script = "import dspyreg; print(dspyreg.__file__)"
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    started, imported = Path(ran.stdout.strip()).parent, Path(dspyreg.__file__).parent
    assert sources(started) == sources(imported), "what is installed is old: pip install it again"
