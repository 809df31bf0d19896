"""The order of writes and syncs, in the traces of real children."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import a_program
from strace_runs import STRACE, Call, Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Copied = Callable[[Path], Desk]

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

FIRST_SEGMENT = "log/00000000000000000001.jsonl"
COMMANDS = {
    "register": "register qa fourth --version 1.3.0 --metric em=0.5",
    "promote": "promote qa@1.2.0 --to production",
    "rollback": "rollback qa",
    "undo": "undo 8",
}
STORING = {
    "register": COMMANDS["register"],
    "register many": "register many forty",
    "rollback": "rollback qa --as-new-version",
}
storing_commands = pytest.mark.parametrize("command", STORING)
every_command = pytest.mark.parametrize("command", COMMANDS)


def traced(copied: Copied, tmp_path: Path, words: str) -> list[Call]:
    return copied(tmp_path / "desk").record(*words.split())


@storing_commands
def test_the_bytes_of_a_blob_are_synced_before_it_gets_its_name(
    command: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, STORING[command])
    for rename in blobs_named(calls):
        filled = [
            c for c in before(rename, calls) if c.name in FILLING and is_on(c, rename.named[0])
        ]
        assert synced_between(filled[-1], rename, rename.named[0], calls)


@storing_commands
def test_the_name_of_a_blob_is_synced_before_its_log_line_is_written(
    command: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, STORING[command])
    (line,) = lines_written(calls)
    for rename in blobs_named(calls):
        assert synced_between(rename, line, rename.named[1].rpartition("/")[0], calls)


def test_many_files_are_synced_together_and_each_directory_once(copied: Copied, tmp_path: Path):
    calls = traced(copied, tmp_path, STORING["register many"])
    (line,) = lines_written(calls)
    (whole,) = (call for call in calls if call.name == "syncfs")
    together = [call for call in blobs_named(calls) if call.begun > whole.ended][:-1]  # a document
    assert len(together) == 40 - 16
    for rename in together:
        assert not any(is_on(c, rename.named[0]) for c in calls if c.name in SYNCING)
    named = [c.named for c in calls if c.name in SYNCING and together[-1].ended < c.begun]
    assert len(named) <= len({call.named[1][:10] for call in together}) + 10
    assert all(c.ended < line.begun for c in together)


def test_few_files_are_synced_one_by_one(copied: Copied, tmp_path: Path):
    calls = traced(copied, tmp_path, COMMANDS["register"])
    assert "syncfs" not in {call.name for call in calls}


def test_a_registration_renames_its_files_and_its_document_into_place(
    copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, COMMANDS["register"])
    assert len(list(blobs_named(calls))) == len(["a.bin", "b.json", "the document"])


@storing_commands
def test_a_new_shard_directory_is_synced_before_its_log_line_is_written(
    command: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, STORING[command])
    (line,) = lines_written(calls)
    for call in calls:
        if is_made(call) and call.named[0].startswith("objects/"):
            assert synced_between(call, line, "objects", calls)


@every_command
def test_the_log_line_is_synced_before_the_command_prints(
    command: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, COMMANDS[command])
    (line,) = lines_written(calls)
    said = next(call for call in calls if call.is_print)
    assert synced_between(line, said, FIRST_SEGMENT, calls)


@every_command
def test_the_tail_of_another_writer_is_synced_before_a_line_is_appended(
    command: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, COMMANDS[command])
    (line,) = lines_written(calls)
    assert synced_between(the_lock(calls), line, FIRST_SEGMENT, calls)


def test_a_tail_noted_as_synced_by_its_writer_is_not_synced_again(copied: Copied, tmp_path: Path):
    desk = copied(tmp_path / "desk")
    assert desk.run("archive", "qa@1.2.0").status == 0
    calls = desk.record("restore", "qa@1.2.0")
    (line,) = lines_written(calls)
    assert not synced_between(the_lock(calls), line, FIRST_SEGMENT, calls)


@every_command
def test_a_line_is_noted_as_synced_only_after_its_sync(
    command: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, COMMANDS[command])
    (line,) = lines_written(calls)
    notes = [call for call in calls if call.name in FILLING and is_on(call, "synced")]
    assert notes[-1].begun > line.ended
    assert synced_between(line, notes[-1], FIRST_SEGMENT, calls)


@pytest.mark.parametrize(
    "words", ["register qa p3.json --version 1.2.0 --exist-ok", "promote qa@1.1.0 --to production"]
)
def test_the_tail_of_another_writer_is_synced_before_already_is_printed(
    words: str, copied: Copied, tmp_path: Path
):
    calls = traced(copied, tmp_path, words)
    assert not list(lines_written(calls))
    said = next(call for call in calls if call.is_print)
    assert synced_between(the_lock(calls), said, FIRST_SEGMENT, calls)


def test_the_name_of_the_first_segment_is_synced_before_its_first_line(
    prepared: Desk, tmp_path: Path
):
    desk = Desk(tmp_path, prepared.pycache)
    (tmp_path / "p.json").write_text(a_program())
    assert desk.run("init").status == 0
    calls = desk.record("register", "qa", "p.json")
    made = next(c for c in calls if is_on(c, FIRST_SEGMENT) and "O_CREAT" in c.text)
    (line,) = lines_written(calls)
    assert synced_between(made, line, "log", calls)


def test_a_full_segment_and_the_name_of_the_next_are_synced_before_a_line_is_appended(
    copied: Copied, tmp_path: Path
):
    desk = copied(tmp_path / "desk")
    calls = desk.record_python(ROLLING_OVER)
    (line,) = lines_written(calls)
    assert line.named == ("log/00000000000000000009.jsonl",)
    made = next(c for c in calls if is_on(c, line.named[0]) and "O_CREAT" in c.text)
    assert synced_between(the_lock(calls), made, FIRST_SEGMENT, calls)
    assert synced_between(made, line, "log", calls)


ROLLING_OVER = """
import sys, pathlib, datetime
from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.backends.local.journal import LocalJournal
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry
directory = pathlib.Path(".dspyreg").resolve()
store = local.open_store(Location.of(directory))
lock = directory / "format"
store.journal = LocalJournal(directory / "log", lock, store.genesis, roll_over=1)
now = lambda: datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
with Registry(Context(store, Caller("ada"), clock=now)) as registry:
    registry.demote("qa@1.2.0")
"""
FILLING = {"write", "pwrite64", "copy_file_range"}
SYNCING = {"fsync", "fdatasync"}


def is_on(call: Call, path: str) -> bool:
    return path in call.named


def blobs_named(calls: list[Call]) -> Iterator[Call]:
    renames = (c for c in calls if c.name in {"rename", "renameat"})
    return (c for c in renames if c.named[1].startswith("objects/"))


def is_made(call: Call) -> bool:
    return call.name in {"mkdir", "mkdirat"} and call.text.endswith(" = 0")


def lines_written(calls: list[Call]) -> Iterator[Call]:
    return (c for c in calls if c.name in FILLING and c.named and c.named[0].startswith("log/"))


def the_lock(calls: list[Call]) -> Call:
    return next(call for call in calls if call.name == "flock" and is_on(call, "format"))


def before(call: Call, calls: list[Call]) -> Iterator[Call]:
    return (each for each in calls if each.ended < call.begun)


def synced_between(first: Call, second: Call, path: str, calls: list[Call]) -> bool:
    return any(
        (call.name == "syncfs" or (call.name in SYNCING and is_on(call, path)))
        and call.begun > first.ended
        and call.ended < second.begun
        for call in calls
    )
