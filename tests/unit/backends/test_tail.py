"""The tail of a log: what a crash can leave there, and the recovery from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from logs import GENESIS, Log, refuses, saying, the_next

from dspyreg.backends.interface import Diverged
from dspyreg.errors import Corrupt
from dspyreg.model.line import Head

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dspyreg.model.line import Line


# Rule 1: complete, with matching id, seq and prev


def test_an_entry_without_its_lf_is_not_counted_yet(log: Log):
    log.add(the_next(log)[:-1])
    assert log.said() == ["one", "two"]
    assert log.open().head().seq == 2


@pytest.mark.parametrize("instead", [b"", b"\0"], ids=["nothing", "NUL"])
def test_the_next_writer_adds_a_missing_lf_and_appends_after_it(log: Log, instead: bytes):
    log.add(the_next(log)[:-1] + instead)
    log.append("four")
    assert log.said() == ["one", "two", "three", "four"]
    assert log.cut == []


@pytest.mark.parametrize("instead", [b"", b"\0"], ids=["nothing", "NUL"])
def test_settle_adds_a_missing_lf(log: Log, instead: bytes):
    log.add(the_next(log)[:-1] + instead)
    log.open().settle()
    assert log.said() == ["one", "two", "three"]


def test_the_writer_that_adds_a_missing_lf_receives_the_entry(log: Log):
    log.add(the_next(log)[:-1])
    shown: list[int] = []

    def place(since: Sequence[Line], head: Head) -> bytes:
        shown[:] = [line.seq for line in since]
        return saying("four")(since, head)

    log.open().append(GENESIS, place)
    assert shown == [1, 2, 3]


def test_the_only_entry_of_a_log_gets_its_missing_lf(tmp_path: Path):
    log = Log(tmp_path)
    log.append("one")
    log.drop(1)
    assert log.said() == []
    log.append("two")
    assert log.said() == ["one", "two"]


@pytest.mark.parametrize(
    "more", [b"\0\0", b" ", b"x", b"\r\n", b"\0\n", b"\0" * 512, b"}", b'{"say":"f']
)
def test_anything_but_an_lf_after_a_complete_entry_is_corruption(log: Log, more: bytes):
    log.add(the_next(log)[:-1] + more)
    refuses(log, "entry 3")


# Rule 2: what the caller holds already


def test_a_torn_line_that_the_caller_has_read_is_corruption(log: Log):
    head = log.open().head()
    log.drop(5)
    for act in (lambda: log.open().head(head), lambda: log.open().append(head, saying("x"))):
        with pytest.raises(Corrupt, match="entry 2"):
            act()
    assert log.cut == []


def test_a_torn_line_before_the_head_of_the_caller_is_corruption(log: Log):
    head = log.append("three", after=log.open().head())
    size = len(log.last.read_bytes().split(b"\n")[2]) + 1
    log.drop(size + 5)
    with pytest.raises(Corrupt, match="entry 2"):
        log.open().head(head)


def test_a_torn_first_line_that_the_caller_has_read_is_corruption(tmp_path: Path):
    log = Log(tmp_path)
    head = log.append("one")
    log.drop(5)
    with pytest.raises(Corrupt, match="entry 1"):
        log.open().append(head, saying("x"))


def test_a_log_that_ends_before_the_head_of_the_caller_has_diverged(log: Log):
    head = log.open().head()
    log.drop(len(log.last.read_bytes().split(b"\n")[1]) + 1)
    with pytest.raises(Diverged):
        log.open().append(head, saying("x"))
    assert log.open().head(head).seq == 1


# Rule 3: torn


@pytest.mark.parametrize("kept", [1, 2, 10, 100, -2])
def test_an_incomplete_line_is_cut_off_and_kept(log: Log, kept: int):
    torn = the_next(log)[:-1][:kept]
    log.add(torn)
    assert log.said() == ["one", "two"]
    log.append("new")
    assert log.said() == ["one", "two", "new"]
    assert log.cut == [torn]


def test_every_torn_tail_is_kept(log: Log):
    for nth in range(3):
        log.add(b'{"torn":%d' % nth)
        log.append(f"new{nth}")
    assert sorted(log.cut) == [b'{"torn":0', b'{"torn":1', b'{"torn":2']


def test_readers_cut_nothing_off(log: Log):
    log.add(b"torn")
    log.open().head()
    log.said()
    assert log.last.read_bytes().endswith(b"torn")
    assert log.cut == []


def test_raw_lines_include_a_torn_tail(log: Log):
    log.add(b"torn")
    assert list(log.open().raw())[-1] == ("torn", b"torn")


@pytest.mark.parametrize("size", [1, 511, 512, 5000])
def test_nul_bytes_without_an_lf_are_a_torn_tail(log: Log, size: int):
    log.add(b"\0" * size)
    log.append("new")
    assert log.said() == ["one", "two", "new"]
    assert log.cut == [b"\0" * size]


def with_hole(log: Log, begin: int, end: int) -> bytes:
    """Return a long line without the bytes from begin to end of the file, which never reached the
    disk.
    """
    at = log.last.stat().st_size
    line = the_next(log, "x" * 3000)
    return line[: begin - at] + b"\0" * (end - begin) + line[end - at :]


@pytest.mark.parametrize(("begin", "end"), [(512, 1024), (1024, 2560)])
def test_unwritten_sectors_are_a_torn_tail(log: Log, begin: int, end: int):
    torn = with_hole(log, begin, end)
    assert torn.endswith(b"\n")
    log.add(torn)
    assert log.said() == ["one", "two"]
    log.append("new")
    assert log.said() == ["one", "two", "new"]
    assert log.cut == [torn]


def test_a_hole_from_the_beginning_of_a_line_is_a_torn_tail(log: Log):
    torn = with_hole(log, log.last.stat().st_size, 512)
    log.add(torn)
    log.append("new")
    assert log.cut == [torn]


@pytest.mark.parametrize(("begin", "end"), [(513, 1024), (512, 1023), (600, 700), (1000, 1001)])
def test_nul_bytes_that_do_not_fill_sectors_are_corruption(log: Log, begin: int, end: int):
    log.add(with_hole(log, begin, end))
    refuses(log, "entry 3")


def test_a_hole_with_a_stray_nul_byte_is_corruption(log: Log):
    torn = bytearray(with_hole(log, 512, 1024))
    torn[-100] = 0
    log.add(bytes(torn))
    refuses(log, "entry 3")


# Everything else


def test_a_complete_last_line_with_a_wrong_byte_is_corruption(log: Log):
    log.add(the_next(log).replace(b"three", b"tHree"))
    refuses(log, "entry 3")


@pytest.mark.parametrize("head", [Head(2, GENESIS.id), GENESIS, Head(7, GENESIS.id)])
def test_a_complete_line_that_does_not_follow_the_head_is_corruption(log: Log, head: Head):
    log.add(saying("strange")((), head))
    refuses(log, "entry 3")


@pytest.mark.parametrize("data", [b"\n", b"\n\n", b"rubbish\n", b"a\nb", b"\0" * 512 + b"\nx"])
def test_lines_of_another_format_are_corruption(log: Log, data: bytes):
    log.add(data)
    refuses(log, "entry 3")


def test_a_broken_line_before_other_entries_is_corruption(log: Log):
    log.last.write_bytes(log.last.read_bytes().replace(b"one", b"oNe"))
    refuses(log, "entry 1")
