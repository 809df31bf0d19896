"""The log ends within its last line, at every byte of it, as a power cut may leave it.

Where there is an index to be brought up to date each time, writers meet every ninth byte.
"""

from __future__ import annotations

from contextlib import closing
from shutil import copytree
from sqlite3 import connect
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry

from dspyreg.errors import Corrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

pytestmark = pytest.mark.usefixtures("_disk_without_power_cuts")

SEGMENT = "00000000000000000001.jsonl"


class Torn:
    """A store of two entries, and a third whose line can be torn. The index may have read it."""

    def __init__(self, directory: Path, index: str) -> None:
        self.store = directory / ".dspyreg"
        self.log = self.store / "log" / SEGMENT
        self.told: list[str] = []
        self._index = self.store / "index.sqlite"
        with a_local_registry(self.store) as registry:
            Programs(registry, directory).register(label="1.0.0")
            Programs(registry, directory).register(label="1.1.0")
        seen = self._index.read_bytes()
        self.whole = self.log.read_bytes()
        with a_local_registry(self.store) as registry:
            registry.promote("qa@1.0.0")
        self._seen = {"none": None, "behind": seen, "ahead": self._index.read_bytes()}[index]
        self.line = self.log.read_bytes()[len(self.whole) :]

    def at(self, length: int) -> Registry:
        """Tear the last line after so many bytes, and open the store."""
        self.told.clear()
        self.log.write_bytes(self.whole + self.line[:length])
        caches = []
        if self._seen is not None:
            self._index.write_bytes(self._seen)  # over the old bytes: the inode stays
            caches = [self._index]
        return a_local_registry(self.store, caches=caches, tell=self.told.append)

    def lengths(self) -> range:
        """Return the lengths to tear at, up to all but two bytes: more than the LF is missing."""
        return range(1, len(self.line) - 1, 1 if self._seen is None else 9)

    def kept(self) -> Iterator[bytes]:
        """Yield the kept torn tails, and delete them."""
        for path in sorted((self.store / "log" / "cut").glob("*")):
            yield path.read_bytes()
            path.unlink()


without_its_entry = pytest.mark.parametrize("index", ["none", "behind"])


@without_its_entry
def test_readers_ignore_a_torn_line(index: str, tmp_path: Path):
    torn = Torn(tmp_path, index)
    for length in range(len(torn.line)):
        with torn.at(length) as registry:
            assert [entry.seq for entry in registry.log()] == [2, 1]
        assert torn.log.read_bytes() == torn.whole + torn.line[:length]


@without_its_entry
def test_verify_reports_a_torn_tail_and_changes_nothing_without_repair(index: str, tmp_path: Path):
    torn = Torn(tmp_path, index)
    for length in (*torn.lengths(), len(torn.line) - 1):
        with torn.at(length) as registry:
            assert "tail" in {each.kind for each in registry.verify(repair=False).problems}
            assert torn.log.read_bytes() == torn.whole + torn.line[:length]


def writes(registry: Registry) -> object:
    return registry.promote("qa@1.1.0")


def answers_already(registry: Registry) -> object:
    return registry.promote("qa@1.0.0", to="development")


def verifies(registry: Registry) -> object:
    assert registry.verify().ok
    return None


@without_its_entry
@pytest.mark.parametrize("act", [writes, answers_already, verifies])
def test_a_torn_line_is_cut_off_and_kept(
    act: Callable[[Registry], object], index: str, tmp_path: Path
):
    torn = Torn(tmp_path, index)
    for length in torn.lengths():
        with torn.at(length) as registry:
            act(registry)
            assert length % 10 or registry.verify().ok
        assert list(torn.kept()) == [torn.line[:length]]
        assert torn.log.read_bytes().startswith(torn.whole)
        assert torn.log.read_bytes().count(b"\n") == (3 if act is writes else 2)


@without_its_entry
@pytest.mark.parametrize("end", [b"", b"\0"])
def test_an_entry_without_its_line_end_gets_it_from_the_next_writer(
    end: bytes, index: str, tmp_path: Path
):
    torn = Torn(tmp_path, index)
    with torn.at(len(torn.line) - 1) as registry:
        torn.log.write_bytes(torn.whole + torn.line[:-1] + end)
        registry.promote("qa@1.1.0")
        assert registry.verify().ok
        assert [entry.seq for entry in registry.log()] == [4, 3, 2, 1]
    assert torn.log.read_bytes().startswith(torn.whole + torn.line)
    assert list(torn.kept()) == []


def test_a_torn_line_already_in_the_index_is_damage_and_is_not_cut(tmp_path: Path):
    torn = Torn(tmp_path, "ahead")
    for length in torn.lengths():
        with torn.at(length) as registry, pytest.raises(Corrupt, match="entry 3"):
            registry.promote("qa@1.1.0")
        with torn.at(length) as registry:
            verdict = registry.verify()
            assert ("log", "entry 3") in {each[:2] for each in verdict.problems}
        assert torn.log.read_bytes() == torn.whole + torn.line[:length]
        assert list(torn.kept()) == []


def test_an_indexed_entry_without_its_line_end_is_not_lost(tmp_path: Path):
    torn = Torn(tmp_path, "ahead")
    with torn.at(len(torn.line) - 1) as registry:
        assert registry.verify().ok
        registry.promote("qa@1.1.0")
        assert [entry.seq for entry in registry.log()] == [4, 3, 2, 1]


def test_an_index_ahead_of_a_log_that_ends_with_a_whole_line_is_rebuilt_with_a_notice(
    tmp_path: Path,
):
    torn = Torn(tmp_path, "ahead")
    with torn.at(0) as registry:
        assert "index" in {each.kind for each in registry.verify(repair=False).problems}
    with torn.at(0) as registry:
        assert [entry.seq for entry in registry.log()] == [2, 1]
        assert "the index is ahead of the log" in torn.told[0]
        assert registry.verify().ok


@pytest.mark.parametrize("act", [writes, verifies])
def test_a_store_copied_during_an_append_is_torn_and_not_damaged(
    act: Callable[[Registry], object], tmp_path: Path
):
    torn = Torn(tmp_path, "ahead")
    copy = tmp_path / "copy"
    copytree(torn.store, copy, symlinks=True)  # the log before the entry was whole, the index after
    log = copy / "log" / SEGMENT
    log.write_bytes(torn.whole + torn.line[:100])
    index = copy / "index.sqlite"
    with closing(connect(index)) as db:  # the worst case: an inode is reused
        db.execute("update meta set inode = ?", (index.stat().st_ino,))
        db.commit()
    told: list[str] = []
    with a_local_registry(copy, tell=told.append) as registry:
        act(registry)
        assert registry.verify().ok
    assert [path.read_bytes() for path in (copy / "log" / "cut").iterdir()] == [torn.line[:100]]
    assert act is verifies or told == [
        "the index is ahead of the log, which ends with entry 2; rebuilt"
    ]
    with a_local_registry(torn.store) as registry:
        assert registry.verify().ok
        assert len(registry.log()) == 3
