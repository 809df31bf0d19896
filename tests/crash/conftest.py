"""A store with some history to damage; the summary says when it cannot be made."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from builders import a_program
from strace_runs import STRACE, Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Copied = Callable[[Path], Desk]

LARGE = 1_500_000


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report what was not tested."""
    if STRACE is None:
        terminalreporter.write_line(
            "WARNING: strace is not installed; what happens when a system call fails was not tested"
        )


@pytest.fixture
def _disk_without_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip syncs: with thousands of small stores each takes too long."""
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("os.fdatasync", lambda _: None, raising=False)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A store with 1.0.0 and 1.1.0 formerly in production, and 1.2.0 in staging."""
    base = tmp_path_factory.mktemp("prepared")
    desk = Desk(base / "desk", base / "pycache")
    desk.root.mkdir()
    for number in "123":
        (desk.root / f"p{number}.json").write_text(a_program(number))
    (desk.root / "fourth").mkdir()
    (desk.root / "fourth" / "a.bin").write_bytes(b"large, so the kernel copies it" * (LARGE // 30))
    (desk.root / "fourth" / "b.json").write_text(a_program(4))
    (desk.root / "forty").mkdir()
    for nth in range(40):
        (desk.root / "forty" / f"{nth}.txt").write_text(f"file {nth}")
    for words in _HISTORY.splitlines():
        done = desk.run(*words.split())
        assert done.status == 0, done.stderr
    return desk


_HISTORY = """\
init
register qa p1.json --version 1.0.0
promote qa@1.0.0
promote qa@1.0.0 --to production
register qa p2.json --version 1.1.0
promote qa@1.1.0
promote qa@1.1.0 --to production
register qa p3.json --version 1.2.0
promote qa@1.2.0"""


@pytest.fixture(scope="session")
def copied(prepared: Desk) -> Copied:
    """A function that copies that store with a valid index."""

    def copy(root: Path) -> Desk:
        desk = Desk(root, prepared.pycache)
        shutil.copytree(prepared.root, root)
        index = desk.store / "index.sqlite"
        with sqlite3.connect(
            index
        ) as db:  # an index holds its own inode, so a copied one is rebuilt
            db.execute("update meta set inode = ?", (index.stat().st_ino,))
        db.close()
        return desk

    return copy
