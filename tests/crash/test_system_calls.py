"""A real child is killed, or refused with EIO or ENOSPC, at each system call that touches a store.

Every call that changes something is hit at every position. Calls that only read (EIO, at two of
the four commands), and those of SQLite on its index file, which is but a cache, come in long rows:
there each kind of call on each file is hit at its first and last position, a write in the middle
as well. A kill is felt only at a call that changes something, a full disk only at one that needs
room. Locks on the index by ``fcntl`` are left out.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from builders import a_local_registry
from strace_runs import CHANGING, NEEDS_ROOM, STRACE, Call, Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Copied = Callable[[Path], Desk]

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

KILLED, FAILED, OK = -9, 8, 0
FAULTS = {"kill": "signal=KILL", "EIO": "error=EIO", "ENOSPC": "error=ENOSPC"}
COMMANDS = {  # each can be repeated: if it has happened, the second reports "already"
    "register": "register qa fourth --version 1.3.0 --exist-ok --metric em=0.5",
    "promote": "promote qa@1.2.0 --to production",
    "rollback": "rollback qa --to 1.0.0",
    "undo": "undo 8",
}
READ_TOO = {"promote", "undo"}


class Case(NamedTuple):
    """One call to hit, and the result of a run without a fault."""

    words: tuple[str, ...]
    fault: str
    call: Call
    before: bytes
    goal: object


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_at_any_system_call_leaves_the_old_state_or_the_new_one(
    command: str, fault: str, copied: Copied, tmp_path: Path
):
    words = tuple(COMMANDS[command].split())
    plain = copied(tmp_path / "plain")
    before = log_of(plain)
    assert plain.run(*words).status == OK  # from here on all byte code is compiled
    goal = state_of(plain)
    calls = copied(tmp_path / "recorded").record(
        *words, reads=fault == "EIO" and command in READ_TOO
    )

    def hit(nth: int, call: Call) -> list[str]:
        desk = copied(tmp_path / str(nth))
        told = [
            f"{call}: {text}" for text in complaints(desk, Case(words, fault, call, before, goal))
        ]
        shutil.rmtree(desk.root)
        return told

    chosen = worth_hitting(calls, fault)
    with ThreadPoolExecutor(2) as pool:
        found = [text for told in pool.map(hit, range(len(chosen)), chosen) for text in told]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_among_many_files_leaves_the_old_state_or_the_new_one(
    fault: str, copied: Copied, tmp_path: Path
):
    words = ("register", "qa", "forty", "--version", "2.0.0", "--exist-ok", "--any-file")
    plain = copied(tmp_path / "plain")
    before = log_of(plain)
    assert plain.run(*words).status == OK
    goal = state_of(plain)
    calls = copied(tmp_path / "recorded").record(*words)
    whole = next(call for call in calls if call.name == "syncfs")
    written = [call for call in calls if call.name == "write" and call.ended < whole.begun]
    renamed = [
        call for call in calls if call.name.startswith("rename") and call.begun > whole.ended
    ]
    named = renamed[: 40 - 16]
    synced = [call for call in calls if call.name == "fsync" and call.begun > named[-1].ended]
    for nth, call in enumerate((written[-1], whole, named[0], named[-1], synced[0])):
        desk = copied(tmp_path / str(nth))
        assert not [*complaints(desk, Case(words, fault, call, before, goal))]
        with a_local_registry(desk.store, caches=()) as registry:
            left = registry.context.blobs.sweep(if_older_than=timedelta())
        assert fault == "kill" or not left


def worth_hitting(calls: Sequence[Call], fault: str) -> list[Call]:
    kinds = defaultdict[tuple[object, ...], list[Call]](list)
    chosen = []
    for call in (call for call in calls if call.paths):
        changes = call.name in CHANGING and not is_open_for_reading(call)
        if (fault == "kill" and not changes) or (fault == "ENOSPC" and not needs_room(call)):
            continue
        if changes and not call.is_of_the_index:
            chosen.append(call)
        else:
            kinds[call.name, call.paths].append(call)
    for row in kinds.values():
        middle = row[len(row) // 2] if row[0].name == "pwrite64" else row[0]
        chosen += dict.fromkeys((row[0], middle, row[-1]))
    return chosen


def is_open_for_reading(call: Call) -> bool:
    return call.name == "openat" and "O_RDONLY" in call.text


def needs_room(call: Call) -> bool:
    return call.name in NEEDS_ROOM or "O_CREAT" in call.text


def complaints(desk: Desk, case: Case) -> Iterator[str]:
    """Run a command with a fault; return what is wrong, then and after a retry."""
    done, hit = desk.fail(case.call, FAULTS[case.fault], *case.words)
    if hit is None or hit.paths != case.call.paths:
        yield f"hit {hit} instead"
        return
    log = log_of(desk)
    happened = log.count(b"\n") - case.before.count(b"\n")
    if not log.startswith(case.before) or happened not in {0, 1}:
        yield "the log is neither the old one nor the new one"
    if done.status not in ({KILLED} if case.fault == "kill" else {OK, FAILED}):
        yield f"exit {done.status}: {done.stderr}"
    if case.fault != "kill" and (done.status == OK) != bool(happened):
        yield f"exit {done.status}, but {happened} entries were made: {done.stderr}"
    with a_local_registry(desk.store, caches=()) as registry:
        verdict = registry.verify(repair=False)
        lost = [each for each in verdict.problems if each.kind not in {"tail", "ref", "index"}]
        if lost:
            yield f"verify, before a retry: {lost}"
        if happened and observed(registry) != case.goal:
            yield "a mixture"
    yield from complaints_of_a_retry(desk, case)


def complaints_of_a_retry(desk: Desk, case: Case) -> Iterator[str]:
    again = desk.run(*case.words)
    if again.status != OK:
        yield f"the retry failed with {again.status}: {again.stderr}"
    if not log_of(desk).startswith(case.before):
        yield "an acknowledged entry was cut away"
    if state_of(desk) != case.goal:
        yield "the retry leads elsewhere"
    with a_local_registry(desk.store) as registry:
        verdict = registry.verify()
        if not verdict.ok:
            yield f"verify, after the retry: {verdict.problems}"
        bad = [each for each in verdict.repaired if not is_litter(each.where)]
        if bad:
            yield f"the retry did not heal {bad}"
        if verdict.entries != case.before.count(b"\n") + 1:
            yield f"{verdict.entries} entries in the end"


def is_litter(where: str) -> bool:
    """Return whether a file is a temporary ref of a killed writer, which only verify removes."""
    return where.rpartition("/")[2].startswith(".")


def log_of(desk: Desk) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((desk.store / "log").glob("*.jsonl")))


def state_of(desk: Desk) -> object:
    with a_local_registry(desk.store) as registry:
        return observed(registry)


def observed(registry) -> object:
    """Return the visible state of a store, without what differs from run to run."""
    versions = registry.versions("qa", archived=True).versions
    serving = registry.status("qa").environments
    return (
        {v.label: (v.digest, v.stage, v.live_in, v.metrics, v.files_digest) for v in versions},
        {name: each.live for name, each in serving.items()},
        sorted(blob.digest for blob in registry.context.blobs.list()),
    )
