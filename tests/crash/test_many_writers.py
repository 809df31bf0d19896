"""Many processes on one store: killed at random, racing for one environment, beside gc."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import NOON, Clock, Programs, a_local_registry, a_program

import dspyreg
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model.selector import Selector
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from concurrent.futures import Future

    from dspyreg.config.value import Config
    from dspyreg.registry.facade.registry import Registry

WRITER = Path(__file__).with_name("writer.py")
PROCESSES, BY_COMMAND_LINE, ROUNDS = 16, 4, 4
LONG_AGO = NOON.timestamp() - 10 * 365 * 86400


def test_no_acknowledged_entry_is_lost_when_writers_are_killed_at_random(tmp_path: Path):
    store = tmp_path / ".dspyreg"
    a_local_registry(store).close()
    with ThreadPoolExecutor(PROCESSES) as pool:
        slots = [
            pool.submit(one_command_after_the_other, store, tmp_path / f"cli-{nth}")
            for nth in range(BY_COMMAND_LINE)
        ]
        slots += [
            pool.submit(one_writer_after_the_other, store, tmp_path / f"api-{nth}")
            for nth in range(PROCESSES - BY_COMMAND_LINE)
        ]
    notes = [note for slot in slots for note in slot.result()]
    assert [note for note in notes if not note[0].isdigit()] == []
    acknowledged = dict(note.split() for note in notes)
    assert acknowledged
    with a_local_registry(store) as registry:
        assert registry.verify().ok
        entries = {str(entry.seq): entry.id for entry in registry.log()}
    assert {seq: entries.get(seq) for seq in acknowledged} == acknowledged


def one_writer_after_the_other(store: Path, notes: Path) -> list[str]:
    """Start and kill writers one after another, most of them at work; return their notes."""
    draw = random.Random(notes.name)
    for nth in range(ROUNDS):
        writer = subprocess.Popen(
            [sys.executable, WRITER, store, notes, f"{notes.name}-{draw.getrandbits(32)}"],
            stderr=subprocess.PIPE,
        )
        if nth == 0 or draw.random() < 0.7:
            await_growth(notes, writer)
        time.sleep(draw.uniform(0.0, 1.5))
        writer.kill()
        _, told = writer.communicate()
        assert writer.returncode == -signal.SIGKILL, told
    return notes.read_text().splitlines() if notes.exists() else []


def await_growth(notes: Path, writer: subprocess.Popen[bytes]) -> None:
    """Wait until a writer has noted an entry, however slow the machine is."""
    before = notes.stat().st_size if notes.exists() else 0
    while writer.poll() is None and (not notes.exists() or notes.stat().st_size == before):
        time.sleep(0.01)


def one_command_after_the_other(store: Path, notes: Path) -> list[str]:
    """Run commands, most of which are killed; return the entries of those that exited with 0."""
    draw, found = random.Random(notes.name), []
    program = notes.with_suffix(".json")
    for _ in range(2 * ROUNDS):
        program.write_text(a_program(draw.getrandbits(64)))
        command = subprocess.Popen(
            [sys.executable, "-m", "dspyreg", "--json", "register", "qa", program],
            env={
                **os.environ,
                "DSPYREG_STORE": str(store),
                "DSPYREG_ACTOR": notes.name,
                "DSPYREG_DEBUG": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        timer = threading.Timer(draw.uniform(0.1, 3.0), command.kill)
        timer.start()
        told, complaint = command.communicate()
        timer.cancel()
        if command.returncode == 0:
            found += [f"{entry['seq']} {entry['id']}" for entry in entries_in(told)]
        elif command.returncode not in {-signal.SIGKILL, 4}:
            found.append(f"unexpected exit {command.returncode}: {complaint!r}")
    return found


def entries_in(told: bytes) -> list[dict[str, str]]:
    entry = json.loads(told)["entry"]
    return [entry] if entry is not None else []


def test_the_loser_of_two_concurrent_promotions_is_judged_on_the_state_of_the_winner(
    tmp_path: Path,
):
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        programs = Programs(registry, tmp_path)
        for nth in range(12):
            programs.register(label=f"1.{nth}.0")
            registry.promote(f"qa@1.{nth}.0")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(promote_all, [tmp_path] * 2, [range(0, 12, 2), range(1, 12, 2)]))
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        live = None
        for entry in reversed(registry.log("qa")):
            for change in entry.changes:
                if change.name == "environments/qa/production":
                    assert (change.old or {}).get("live") == live
                    live = change.new["live"]
        assert registry.resolve("qa@production").number == live
        assert len([e for e in registry.log("qa") if e.operation == "promote"]) == 24
        assert registry.verify().ok


def promote_all(directory: Path, minors: range) -> None:
    with a_local_registry(directory / ".dspyreg") as registry:
        for nth in minors:
            registry.promote(f"qa@1.{nth}.0", to="production")


def test_the_second_of_two_identical_promotions_reports_already(tmp_path: Path):
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        programs = Programs(registry, tmp_path)
        programs.register(label="1.0.0")
        registry.promote("qa@1.0.0")
    start = threading.Barrier(2)

    def promote(_: int) -> int:
        with a_local_registry(tmp_path / ".dspyreg") as mine:
            start.wait()
            return len(mine.promote("qa@1.0.0", to="production").entries)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(promote, range(2))) == [0, 1]


def test_a_concurrent_entry_makes_a_writer_judge_again(tmp_path: Path):
    mine, yours = (a_local_registry(tmp_path / ".dspyreg", actor=who) for who in ("ada", "bob"))
    programs = Programs(mine, tmp_path)
    programs.register(label="1.0.0")
    seen = []

    def plan(draft: Draft, _: Config) -> Plan:
        stage = draft.stage("qa", 1)
        if not seen:
            yours.promote("qa@1.0.0")
            yours.context.entries.settled()  # advances the index
        seen.append(stage)
        draft.change("tags/qa/1/seen", {"stage": stage})
        return Plan("tag", "qa", number=1)

    with mine, yours:
        done = Transaction(mine.context, "tag", ChangeOptions()).run(plan)
    assert seen == ["development", "staging"]
    assert done.entry is not None
    assert done.entry.changes[0].new == {"stage": "staging"}


def test_a_version_undone_during_the_call_is_returned_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mine, yours = (a_local_registry(tmp_path / ".dspyreg", actor=who) for who in ("ada", "bob"))
    Programs(mine, tmp_path).register(label="1.0.0")
    settle = mine.context.entries._settle_index

    def settle_slowly() -> None:
        yours.undo(1)
        yours.close()
        settle()

    with mine, yours:
        monkeypatch.setattr(mine.context.entries, "_settle_index", settle_slowly)
        assert mine.show("qa@1.0.0").stage == "development"


def test_a_writer_overtaken_three_times_takes_the_lock_before_reading(tmp_path: Path):
    mine, yours = (a_local_registry(tmp_path / ".dspyreg", actor=who) for who in ("ada", "bob"))
    Programs(mine, tmp_path).register(label="1.0.0")
    values: list[int] = []
    waiting: list[Future[object]] = []

    def overtake() -> None:
        yours.score("qa@1.0.0", {"em": len(values)})

    def plan(draft: Draft, _: Config) -> Plan:
        values.append(len(draft.under("metrics/qa/1/")))
        waiting.append(pool.submit(overtake))
        with suppress(TimeoutError):
            waiting[-1].result(timeout=10 if len(values) <= 3 else 0.1)
        draft.change("tags/qa/1/measured", len(values))
        return Plan("tag", "qa", number=1)

    with ThreadPoolExecutor(1) as pool, mine, yours:
        done = Transaction(mine.context, "tag", ChangeOptions()).run(plan)
        waiting[-1].result()
    assert values == [0, 1, 2, 3]
    assert done.entry is not None
    assert done.entry.seq == 5


def test_a_refusal_on_a_state_that_has_just_changed_is_judged_again_before_it_is_logged(
    tmp_path: Path,
):
    mine, yours = (a_local_registry(tmp_path / ".dspyreg", actor=who) for who in ("ada", "bob"))
    Programs(mine, tmp_path).register(label="1.0.0")
    seen = []

    def plan(draft: Draft, _: Config) -> Plan:
        seen.append(draft.stage("qa", 1))
        if len(seen) == 1:
            yours.promote("qa@1.0.0")
        raise dspyreg.Refused(seen[-1])

    with mine, yours:
        refused = Transaction(
            mine.context, "tag", ChangeOptions(), subject=Selector.parse("qa@1.0.0")
        )
        with pytest.raises(dspyreg.Refused, match="staging"):
            refused.run(plan)
        assert seen == ["development", "staging"]
        assert mine.log()[0].outcome == "refused"


def test_an_undo_reports_already_when_another_writer_undid_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mine, yours = (a_local_registry(tmp_path / ".dspyreg", actor=who) for who in ("ada", "bob"))
    Programs(mine, tmp_path).register(label="1.0.0")
    promoted = mine.promote("qa@1.0.0").entry
    read = mine.context.entries.entries

    def read_slowly(seqs: list[int]) -> list[dspyreg.Entry]:
        yours.undo(promoted.seq)
        return read(seqs)

    with mine, yours:
        monkeypatch.setattr(mine.context.entries, "entries", read_slowly)
        outcome = mine.undo(promoted.seq)
    assert outcome.entry is None
    assert outcome.notices[0] == "already: entry 2 is undone by entry 3"


def test_redoing_a_registration_whose_blobs_were_collected_is_a_conflict(
    tmp_path: Path,
):
    clock = Clock()
    with a_local_registry(tmp_path / ".dspyreg", clock=clock) as registry:
        Programs(registry, tmp_path).register(label="1.0.0")
        registry.undo()
        registry.gc(grace=timedelta(), undo_window=timedelta())
        for dry_run in (True, False):
            with pytest.raises(dspyreg.Conflict, match="was collected on 2026-11-01"):
                registry.redo(dry_run=dry_run)
        assert registry.verify().ok


@pytest.mark.parametrize("operation", ["register", "evidence"])
def test_a_hook_that_outlasts_the_grace_of_gc_loses_no_blobs(tmp_path: Path, operation: str):
    collect = f"{sys.executable} -m dspyreg gc --grace 0s --undo-window 0s --yes"
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        programs = Programs(registry, tmp_path)
        programs.register(label="1.0.0")
        registry.apply(f"hooks: {{before: {{{operation}: [{collect!r}]}}}}")
        file = programs.file("some bytes")
        if operation == "register":
            registry.register("qa", file, any_file=True)
        else:
            registry.add_evidence("qa@1.0.0", "load_testing", file=file)
        assert [entry.operation for entry in registry.log()][:2] == [operation, "gc"]
        assert registry.verify().ok


def test_gc_beside_registrations_undo_and_redo_leaves_no_name_without_its_blob(tmp_path: Path):
    store = tmp_path / ".dspyreg"
    a_local_registry(store).close()
    done = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        sweeps = [pool.submit(collect_until, store, done) for _ in range(2)]
        comings = [pool.submit(come_and_go, tmp_path, nth) for nth in range(2)]
        try:
            returned = sum(coming.result() for coming in comings)
        finally:
            done.set()
    assert sum(sweep.result() for sweep in sweeps) > 0
    assert returned > 0
    with a_local_registry(store) as registry:
        verdict = registry.verify()
        assert verdict.ok, verdict.problems


def now() -> datetime:
    return datetime.now(UTC)


def collect_until(store: Path, done: threading.Event) -> int:
    """Run gc repeatedly; return how many blobs it deleted."""
    gone, is_last = 0, False
    while not is_last:
        is_last = done.is_set()
        with a_local_registry(store, actor="gc", clock=now) as registry:
            gone += len(registry.gc(grace=timedelta(days=1), undo_window=timedelta()).deleted)
    return gone


def come_and_go(directory: Path, nth: int) -> int:
    """Register, undo and redo the same few files, whose blobs look old whenever nothing names
    them; return how often one was there, and whole, after it had come back.
    """
    draw, back = random.Random(nth), 0
    with a_local_registry(directory / ".dspyreg", actor=f"w{nth}", clock=now) as registry:
        programs = Programs(registry, directory / str(nth))
        for _ in range(60):
            made = programs.register(f"p{nth}", content=f"{nth} {draw.randrange(3)}", force=True)
            version = made.version
            registry.undo(made.entry.seq)
            make_old(registry, [version.digest, *(file.digest for file in version.files)])
            if draw.random() < 0.5:
                continue
            try:
                registry.redo(made.entry.seq)
            except dspyreg.Conflict as conflict:
                assert "was collected" in str(conflict)  # noqa: PT017 - either is right
                continue
            assert registry.read(str(version)).startswith(b"%d" % nth)
            back += 1
            registry.undo(made.entry.seq)
    return back


def make_old(registry: Registry, digests: list[str]) -> None:
    for digest in digests:
        with suppress(FileNotFoundError):
            path = registry.context.store.location.directory / "objects" / digest[3:5] / digest[5:]
            os.utime(path, times=(LONG_AGO, LONG_AGO))
