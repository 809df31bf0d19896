"""The note of the synced end of the log: exact to the byte, or ignored."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from dspyreg.backends.interface import Diverged
from dspyreg.backends.local import writer as local_writer
from dspyreg.backends.local.journal import LocalJournal
from dspyreg.backends.local.segments import START
from dspyreg.backends.local.synced_end import SyncedEnd
from dspyreg.model import line as lines
from dspyreg.model.line import Head, genesis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dspyreg.model.line import Line

GENESIS = genesis(b"a registry\n")._replace(hint=START)
END = "00000000000000000001.jsonl 23 4711 b3:" + 64 * "7"


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "synced"


def test_the_next_writer_reads_the_noted_end(note: Path):
    SyncedEnd(note).note(END)
    assert SyncedEnd(note).holds(END)


@pytest.mark.parametrize("other", [END[1:], END[:-1], END[:-1] + "8", END.replace("23", "24"), ""])
def test_the_note_holds_for_no_other_end(note: Path, other: str):
    SyncedEnd(note).note(END)
    assert not SyncedEnd(note).holds(other)


def test_a_shorter_note_replaces_a_longer_one(note: Path):
    SyncedEnd(note).note("99999999 " + END)
    SyncedEnd(note).note(END)
    assert SyncedEnd(note).holds(END)


@pytest.mark.parametrize("damage", [b"", b"\0" * 200, b"\xff\xfe\n", b"x" * 5000, None])
def test_a_damaged_note_holds_for_no_end(note: Path, damage: bytes | None):
    SyncedEnd(note).note(END)
    note.write_bytes(note.read_bytes().removesuffix(b"\n") if damage is None else damage)
    assert not SyncedEnd(note).holds(END)


# Writers


class Writers:
    """A log whose lines are written by one process each, counting their syncs."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.syncs = directory, 0
        self.head = GENESIS
        (directory / "format").touch()

    def open(self) -> LocalJournal:
        return LocalJournal(self.directory / "log", self.directory / "format", GENESIS)

    def place(self, _: Sequence[Line], head: Head) -> bytes:
        return lines.compose(b'"said":"x"', head)

    def append(self) -> int:
        before = self.syncs
        self.head = self.open().append(self.head, self.place)
        return self.syncs - before

    def settle(self) -> int:
        before = self.syncs
        self.open().settle()
        return self.syncs - before


@pytest.fixture
def writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writers:
    writers = Writers(tmp_path)
    sync = local_writer.sync

    def counted(fd: int) -> None:
        writers.syncs += 1
        sync(fd)

    monkeypatch.setattr(local_writer, "sync", counted)
    return writers


def test_a_tail_synced_by_the_previous_writer_is_not_synced_again(writers: Writers):
    assert [writers.append() for _ in range(3)] == [1, 1, 1]
    assert writers.settle() == 0


def test_a_line_whose_writer_died_before_its_sync_is_synced_by_the_next_writer(writers: Writers):
    writers.append()
    note = (writers.directory / "synced").read_bytes()
    writers.append()
    (writers.directory / "synced").write_bytes(note)  # as if the second had got no further
    assert writers.append() == 2
    assert writers.append() == 1


def test_the_end_is_synced_once_when_there_is_no_note(writers: Writers):
    writers.append()
    (writers.directory / "synced").unlink()
    assert [writers.settle(), writers.settle()] == [1, 0]


def test_the_end_of_a_copied_log_is_synced_once(writers: Writers):
    writers.append()
    (segment,) = (writers.directory / "log").iterdir()
    shutil.copy(segment, writers.directory / "copy")
    (writers.directory / "copy").replace(segment)
    assert [writers.settle(), writers.settle()] == [1, 0]


def test_a_log_copied_while_its_writer_is_open_is_synced_once(writers: Writers):
    journal = writers.open()
    journal.append(GENESIS, writers.place)
    (segment,) = (writers.directory / "log").iterdir()
    shutil.copy(segment, writers.directory / "copy")
    (writers.directory / "copy").replace(segment)
    before = writers.syncs
    journal.settle()
    assert writers.syncs == before + 1


def test_a_log_whose_last_line_was_replaced_is_not_appended_to(
    writers: Writers,
):
    writers.append()
    reader = writers.open()
    seen = list(reader.read(GENESIS))[-1].head
    (segment,) = (writers.directory / "log").iterdir()
    other = lines.compose(b'"said":"y"', GENESIS)
    segment.write_bytes(other)  # as if the first had been truncated: inode and size are the same
    with pytest.raises(Diverged):
        reader.append(seen, writers.place)
    assert segment.read_bytes() == other
    assert [line.data for line in reader.read(GENESIS)] == [other[:-1]]


def test_a_line_that_could_not_be_synced_is_not_noted(
    writers: Writers, monkeypatch: pytest.MonkeyPatch
):
    writers.append()
    note = (writers.directory / "synced").read_bytes()
    sync = local_writer.sync

    def failing(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(local_writer, "sync", failing)
    with pytest.raises(Exception, match="Input/output error"):
        writers.append()
    assert (writers.directory / "synced").read_bytes() == note
    monkeypatch.setattr(local_writer, "sync", sync)
    assert writers.append() == 1


def test_an_unwritable_note_fails_no_writer(writers: Writers):
    (writers.directory / "synced" / "full").mkdir(parents=True)
    assert [writers.append(), writers.append()] == [1, 2]


@pytest.mark.parametrize("how", ["symlink_to", "hardlink_to"])
def test_a_link_in_place_of_the_note_is_replaced_and_its_target_is_not_written(
    note: Path, tmp_path: Path, how: str
):
    (tmp_path / "precious").write_text("my only copy")
    getattr(note, how)(tmp_path / "precious")
    told: list[str] = []
    synced = SyncedEnd(note, told.append)
    assert not synced.holds(END)
    synced.note(END)
    assert synced.holds(END)
    assert (tmp_path / "precious").read_text() == "my only copy"
    assert [text.rpartition("; ")[2] for text in told] == ["replaced"]
