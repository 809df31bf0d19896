"""A cache fails at any system call: the command still succeeds, because the log is complete.

Caches are the index with its journal, the refs and the note ``synced``. Calls come in long rows: of
each kind of call on each file the first and the last are hit, and of writes one in the middle.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from builders import a_local_registry
from strace_runs import STRACE, Call, Desk
from test_system_calls import is_litter, log_of, needs_room, worth_hitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Copied = Callable[[Path], Desk]

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

CACHES = ("index.sqlite", "refs", "synced")
READS = {
    "resolve": "resolve qa@production",
    "list": "list qa",
    "log": "log -n 2",
    "init": "init",
}
WRITES = {"promote": "promote qa@1.2.0 --to production", "undo": "undo 8"}
CASES = [
    *((command, "EIO") for command in (READS | WRITES)),
    *(("promote", fault) for fault in ("EACCES", "EROFS", "ENOSPC")),
    ("resolve", "EACCES"),
]


@pytest.mark.parametrize(("command", "fault"), CASES)
def test_a_cache_failing_at_any_system_call_fails_no_command(
    command: str, fault: str, copied: Copied, tmp_path: Path
):
    words = (READS | WRITES)[command].split()
    plain = copied(tmp_path / "plain")
    answer = plain.run(*words)
    assert answer.status == 0
    calls = copied(tmp_path / "recorded").record(*words, reads=True)
    chosen = [
        call
        for call in worth_hitting([c for c in calls if is_of_a_cache(c)], "EIO")
        if fault != "ENOSPC" or needs_room(call)
    ]

    def hit(nth: int, call: Call) -> list[str]:
        desk = copied(tmp_path / str(nth))
        told = [f"{call}: {text}" for text in complaints(desk, call, fault, words, answer.stdout)]
        shutil.rmtree(desk.root)
        return told

    with ThreadPoolExecutor(2) as pool:
        found = [text for told in pool.map(hit, range(len(chosen)), chosen) for text in told]
    assert not found, "\n".join(found)


def test_init_on_an_existing_store_reports_what_failed(copied: Copied, tmp_path: Path):
    calls = copied(tmp_path / "recorded").record("init", reads=True)
    for nth, call in enumerate(call for call in calls if call.paths):
        done, _ = copied(tmp_path / str(nth)).fail(call, "error=EIO", "init")
        assert (done.status, "Input/output error" in done.stderr) in {(0, False), (8, True)}, call


def is_of_a_cache(call: Call) -> bool:
    return any(path.startswith(CACHES) for path in call.paths)


def complaints(desk: Desk, call: Call, fault: str, words: list[str], answer: str) -> Iterator[str]:
    """Run a command with a fault; return what is wrong, then and after the next command."""
    before = log_of(desk).count(b"\n")
    done, hit = desk.fail(call, f"error={fault}", *words)
    if hit is None or hit.paths != call.paths:
        yield f"hit {hit} instead"
        return
    if done.status != 0:
        yield f"exit {done.status}: {done.stderr}"
    if words[0] in READS and done.stdout != answer:
        yield f"another answer: {done.stdout}"
    if log_of(desk).count(b"\n") != before + (words[0] in WRITES):
        yield f"the entry is missing, exit {done.status}: {done.stderr}"
    if desk.run("resolve", "qa").status != 0:
        yield "the next command fails"
    with a_local_registry(desk.store) as registry:
        verdict = registry.verify()
        if not verdict.ok:
            yield f"verify: {verdict.problems}"
        bad = [each for each in verdict.repaired if not is_litter(each.where)]
        if bad and not verdict.ok:
            yield f"the next command did not heal {bad}"
