"""The segments of a log: names, gaps, links and hard links."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from logs import GENESIS, Log, refuses, saying

from dspyreg.errors import Corrupt, Denied

if TYPE_CHECKING:
    from pathlib import Path


# Segments


def test_each_segment_is_named_by_its_first_seq(segments: Log):
    assert [path.name for path in segments.segments] == [f"{n:020d}.jsonl" for n in (1, 2, 3)]
    assert segments.said() == ["one", "two", "three"]


@pytest.mark.parametrize("damage", ["cut", "empty", "flip"])
def test_a_broken_line_in_an_earlier_segment_is_corruption(segments: Log, damage: str):
    second = segments.segments[1]
    data = second.read_bytes()
    left = {"cut": data[:-5], "empty": b"", "flip": data.replace(b"two", b"tWo")}[damage]
    second.write_bytes(left)
    refuses(segments, "entry 2")


def test_only_the_last_segment_may_lack_its_lf(segments: Log):
    second = segments.segments[1]
    second.write_bytes(second.read_bytes()[:-1])
    refuses(segments, "entry 2")


def test_a_missing_segment_is_corruption(segments: Log):
    segments.segments[1].unlink()
    refuses(segments, "entry 2")


def test_a_missing_first_segment_is_corruption(segments: Log):
    segments.segments[0].unlink()
    refuses(segments, "entry 1")


def test_an_empty_last_segment_is_valid(segments: Log):
    (segments.directory / "log" / f"{4:020d}.jsonl").touch()
    assert segments.said() == ["one", "two", "three"]
    segments.append("four")
    assert segments.said() == ["one", "two", "three", "four"]
    assert len(segments.segments) == 4


def test_a_log_whose_only_segment_is_empty_is_empty(tmp_path: Path):
    log = Log(tmp_path)
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / f"{1:020d}.jsonl").touch()
    assert log.said() == []
    log.append("one")
    assert log.said() == ["one"]


def test_an_empty_last_segment_with_a_wrong_number_is_corruption(segments: Log):
    (segments.directory / "log" / f"{9:020d}.jsonl").touch()
    refuses(segments, "entry 4")


def test_a_torn_line_at_the_beginning_of_a_segment_is_cut_off(segments: Log):
    (segments.directory / "log" / f"{4:020d}.jsonl").write_bytes(b"torn")
    segments.append("four")
    assert segments.said() == ["one", "two", "three", "four"]
    assert segments.cut == [b"torn"]


def test_other_files_in_the_log_directory_are_left_alone(log: Log):
    for name in ("README", "1.jsonl", f"{3:020d}.jsonl.bak"):
        (log.directory / "log" / name).write_text("mine")
    log.append("three")
    assert log.said() == ["one", "two", "three"]


def test_a_missing_log_directory_is_created_again(tmp_path: Path):
    log = Log(tmp_path)
    assert log.open().head().same(GENESIS)
    log.append("one")
    assert log.said() == ["one"]


# Links


def test_no_segment_is_created_through_a_link(segments: Log, tmp_path: Path):
    head = segments.open().head()
    made = segments.directory / "log" / f"{4:020d}.jsonl"
    made.symlink_to(tmp_path / "to-be-made")
    with pytest.raises(Corrupt, match=f"{made}: it is a link"):
        segments.open().append(head, saying("four"))
    assert not (tmp_path / "to-be-made").exists()


def test_a_torn_tail_is_not_kept_through_a_link(log: Log, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (log.directory / "log" / "cut").symlink_to(tmp_path / "outside")
    log.add(b"torn")
    before = log.last.read_bytes()
    with pytest.raises(Corrupt, match="cut: it is a link"):
        log.append("three")
    assert [*(tmp_path / "outside").iterdir()] == []
    assert log.last.read_bytes() == before


def test_a_segment_with_a_second_hard_link_is_read_and_not_written(log: Log, tmp_path: Path):
    os.link(log.last, tmp_path / "backup")
    before = log.last.read_bytes()
    with pytest.raises(Denied, match="has 2 names") as caught:
        log.append("three", after=log.open().head())
    assert "cp -p" in (caught.value.hint or "")
    assert log.said() == ["one", "two"]
    assert (tmp_path / "backup").read_bytes() == before


def test_a_foreign_file_named_like_a_segment_is_not_truncated(tmp_path: Path):
    log = Log(tmp_path)
    (tmp_path / "log").mkdir()
    (tmp_path / "note").write_text("no line break")
    os.link(tmp_path / "note", tmp_path / "log" / f"{1:020d}.jsonl")
    with pytest.raises(Denied):
        log.append("one")
    assert (tmp_path / "note").read_text() == "no line break"
