"""A command terminated at any system call on the log reports whether its change happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import a_local_registry
from strace_runs import STRACE, Call, Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Copied = Callable[[Path], Desk]

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")
PROMOTE = ("promote", "qa@1.2.0", "--to", "production")
TERMINATED = 143


def is_on_the_log(call: Call) -> bool:
    return any(path.startswith("log/") or path in {"format", "synced"} for path in call.paths)


def test_a_terminated_command_reports_correctly_whether_its_entry_was_written(
    copied: Copied, tmp_path: Path
):
    calls = copied(tmp_path / "recorded").record(*PROMOTE)
    chosen = [call for call in calls if is_on_the_log(call)]
    told = set[str]()
    for nth, call in enumerate(chosen):
        desk = copied(tmp_path / str(nth))
        ran, _ = desk.fail(call, "signal=TERM", *PROMOTE)
        with a_local_registry(desk.store) as registry:
            happened = len(registry.log()) == 9
            assert registry.verify(repair=False).ok
        assert ran.status == TERMINATED, (call, ran.stderr)
        assert ("it happened: entry 9" in ran.stderr) == happened, (call, ran.stderr)
        told.add(ran.stderr.splitlines()[0])
    assert told >= {
        "terminated; nothing was changed",
        "terminated; it happened: entry 9; nothing more was changed",
    }
