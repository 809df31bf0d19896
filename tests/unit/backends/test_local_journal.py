"""The log as files: recovery from crashes, full disks and foreign changes (DESIGN: the rules for
the last line, in their order).
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from typing import TYPE_CHECKING, Any, Never

import pytest
from builders import a_local_registry, unprivileged

from dspyreg.backends.interface import Diverged, SyncFailed
from dspyreg.backends.local import files as local_files
from dspyreg.backends.local import journal as local_journal
from dspyreg.backends.local import writer as local_writer
from dspyreg.backends.local.journal import LocalJournal
from dspyreg.backends.local.segments import START
from dspyreg.errors import Corrupt, Denied, OutcomeUnknown, StorageError
from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head, genesis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from builders import Programs

    from dspyreg.model.line import Line

GENESIS = genesis(b"a registry\n")._replace(hint=START)


class Log:
    """A log in a directory, opened again for each access, as commands do."""

    def __init__(self, directory: Path, **more: Any) -> None:
        self.directory, self._more = directory, more
        self.lock = directory / "format"
        self.lock.touch()

    def open(self) -> LocalJournal:
        return LocalJournal(self.directory / "log", self.lock, GENESIS, **self._more)

    def append(self, *texts: str, after: Head = GENESIS) -> Head:
        head = after
        for text in texts:
            head = self.open().append(head, saying(text))
        return head

    def said(self) -> list[str]:
        return [line.data.split(b'"')[3].decode() for line in self.open().read(GENESIS)]

    @property
    def segments(self) -> list[Path]:
        return sorted((self.directory / "log").glob("*.jsonl"))

    @property
    def last(self) -> Path:
        return self.segments[-1]

    def add(self, data: bytes) -> None:
        """Append bytes to the last segment, as a crash would leave them."""
        with open(self.last, "ab") as file:
            file.write(data)

    def drop(self, count: int) -> None:
        """Remove bytes from the end of the last segment."""
        os.truncate(self.last, self.last.stat().st_size - count)

    @property
    def cut(self) -> list[bytes]:
        """The torn tails that were cut off and kept."""
        kept = self.directory / "log" / "cut"
        return [path.read_bytes() for path in sorted(kept.iterdir())] if kept.exists() else []


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A log of two entries, one and two."""
    log = Log(tmp_path)
    log.append("one", "two")
    return log


@pytest.fixture
def segments(tmp_path: Path) -> Log:
    """A log of three entries, each in its own segment."""
    log = Log(tmp_path, roll_over=1)
    log.append("one", "two", "three")
    return log


def saying(text: str) -> Callable[[Sequence[Line], Head], bytes]:
    return lambda _, head: lines.compose(f'"say":"{text}"'.encode(), head)


def the_next(log: Log, text: str = "three") -> bytes:
    """Return the line, with its LF, that the next writer would append."""
    return lines.compose(f'"say":"{text}"'.encode(), log.open().head())


def refuses(log: Log, entry: str) -> None:
    """Require that the log is neither read past the damage nor written."""
    before = [path.read_bytes() for path in log.segments]
    for act in (lambda: log.append("more"), log.open().settle, log.said, log.open().head):
        with pytest.raises(Corrupt) as caught:
            act()
        assert (caught.value.where, caught.value.exit_code) == (entry, 6)
    assert [path.read_bytes() for path in log.segments] == before
    assert log.cut == []


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


# Rule 2: lines that the caller has read


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


# Disks that fail


def failing(number: int) -> Callable[..., Never]:
    def fail(*_: Any, **__: Any) -> Never:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
def test_a_failed_write_is_truncated(
    log: Log, monkeypatch: pytest.MonkeyPatch, call: str, number: int
):
    before = log.last.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(local_files.os, call, failing(number))
        with pytest.raises(StorageError) as caught:
            log.append("three")
    assert caught.value.exit_code == 8
    assert not isinstance(caught.value, OutcomeUnknown)
    assert log.last.read_bytes() == before
    log.append("three")
    assert log.said() == ["one", "two", "three"]


@pytest.mark.parametrize("taken", [0, 1, 100])
def test_a_short_write_is_truncated(log: Log, monkeypatch: pytest.MonkeyPatch, taken: int):
    pwrite = os.pwrite
    before = log.last.read_bytes()

    def short(fd: int, data: bytes, offset: int) -> int:
        return pwrite(fd, data[:taken], offset)

    with monkeypatch.context() as patch:
        patch.setattr(local_files.os, "pwrite", short)
        with pytest.raises(StorageError, match="taken"):
            log.append("three")
    assert log.last.read_bytes() == before


def test_a_failed_write_of_the_first_line_leaves_an_empty_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    log = Log(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(local_files.os, "fdatasync", failing(errno.EIO))
        with pytest.raises(StorageError):
            log.append("one")
    assert log.said() == []
    log.append("one")
    assert log.said() == ["one"]


def test_a_write_that_can_be_neither_synced_nor_truncated_has_an_unknown_outcome(
    log: Log, monkeypatch: pytest.MonkeyPatch
):
    journal = log.open()
    head = journal.append(GENESIS, saying("three"))
    monkeypatch.setattr(local_files.os, "fdatasync", failing(errno.EIO))
    monkeypatch.setattr(local_writer.os, "ftruncate", failing(errno.EIO))
    with pytest.raises(SyncFailed):
        journal.append(head, saying("four"))


def test_a_registry_names_the_operation_with_an_unknown_outcome(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    with a_local_registry(tmp_path / "store") as registry:
        registry.register("qa", programs.file())
        with monkeypatch.context() as patch:
            patch.setattr(local_files.os, "fdatasync", failing(errno.EIO))
            patch.setattr(local_writer.os, "ftruncate", failing(errno.EIO))
            with pytest.raises(OutcomeUnknown) as caught:
                registry.promote("qa@1.0.0")
        assert caught.value.exit_code == 8
        assert caught.value.hint is not None
        assert caught.value.operation_id in caught.value.hint
        entry = registry.log(limit=1)[0]  # it did happen, and is found by that id
        assert entry.operation_id == caught.value.operation_id


def test_an_operation_on_a_full_disk_changes_nothing(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    with a_local_registry(tmp_path / "store") as registry:
        registry.register("qa", programs.file())
        with monkeypatch.context() as patch:
            patch.setattr(local_files.os, "pwrite", failing(errno.ENOSPC))
            with pytest.raises(StorageError) as caught:
                registry.promote("qa@1.0.0")
        assert not isinstance(caught.value, OutcomeUnknown)
        assert registry.show("qa@1.0.0").stage == "development"
        registry.promote("qa@1.0.0")
        assert registry.show("qa@1.0.0").stage == "staging"


# Permissions


def test_a_read_only_log_can_be_read(log: Log):
    with unprivileged(log.directory / "log", log.directory):
        assert log.said() == ["one", "two"]
        assert log.open().head().seq == 2


def test_writing_a_read_only_log_is_denied(segments: Log):
    """An open file might still be writable; a new segment needs the directory."""
    with unprivileged(segments.directory / "log"), pytest.raises(Denied) as caught:
        segments.append("four")
    assert caught.value.exit_code == 5
    assert segments.said() == ["one", "two", "three"]


def test_a_log_on_a_network_file_system_is_read_only(log: Log, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local_journal, "network_kind", lambda _: "nfs4")
    with pytest.raises(Denied, match="nfs4") as caught:
        log.append("three")
    assert caught.value.hint is not None
    assert "allow_network_fs=True" in caught.value.hint
    assert "--allow-network-fs" in caught.value.command_hint
    assert log.said() == ["one", "two"]


def test_a_log_on_a_network_file_system_is_written_when_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(local_journal, "network_kind", lambda _: "nfs4")
    log = Log(tmp_path, allow_network=True)
    log.append("one")
    assert log.said() == ["one"]


# Several journals


def test_head_notices_a_replaced_segment_file(log: Log):
    journal = log.open()
    head = journal.head()
    copy = log.directory / "copy"
    copy.write_bytes(log.last.read_bytes())
    copy.replace(log.last)
    assert journal.head(head).same(head)


def test_head_notices_a_log_with_another_history(log: Log):
    journal = log.open()
    head = journal.head()
    one = log.last.read_bytes().split(b"\n")[0] + b"\n"
    log.last.write_bytes(one)
    other = log.append("another", after=Head(1, Digest(lines.parse(one[:-1]).id)))  # type: ignore[union-attr]
    assert journal.head(head).same(other)
    with pytest.raises(Diverged):
        journal.append(head, saying("x"))


def test_two_journals_of_one_process_do_not_share_a_lock(log: Log):
    """Each lock is taken on a newly opened file, so threads exclude each other too."""
    journals = [log.open() for _ in range(4)]
    threads = [
        threading.Thread(target=lambda j=j: [j.append(GENESIS, saying("x")) for _ in range(20)])
        for j in journals
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.said()) == 2 + 80


# Waiting for the lock


def test_a_waiting_writer_judges_before_the_lock_is_released(log: Log):
    judged = threading.Event()

    def place(since: Sequence[Line], head: Head) -> bytes:
        judged.set()
        return saying("three")(since, head)

    with local_files.locked(log.lock):
        writer = threading.Thread(target=lambda: log.open().append(GENESIS, place))
        writer.start()
        assert judged.wait(10)
    writer.join()
    assert log.said() == ["one", "two", "three"]


def test_a_line_truncated_before_the_lock_is_released_is_forgotten(log: Log):
    shown: list[list[int]] = []
    judged = threading.Event()

    def place(since: Sequence[Line], head: Head) -> bytes:
        shown.append([line.seq for line in since])
        judged.set()
        return saying("three")(since, head)

    with local_files.locked(log.lock):
        writer = threading.Thread(target=lambda: log.open().append(GENESIS, place))
        writer.start()
        assert judged.wait(10)
        log.drop(len(log.last.read_bytes().splitlines(keepends=True)[-1]))  # that write failed
    writer.join()
    assert shown == [[1, 2], [1]]
    assert log.said() == ["one", "three"]


def test_a_writer_that_finds_the_lock_free_judges_once(log: Log):
    shown: list[list[int]] = []

    def place(since: Sequence[Line], head: Head) -> bytes:
        shown.append([line.seq for line in since])
        return saying("three")(since, head)

    log.open().append(GENESIS, place)
    assert shown == [[1, 2]]


def test_failing_to_close_a_file_after_its_sync_is_no_error(
    log: Log, monkeypatch: pytest.MonkeyPatch
):
    head, close = log.open().head(), os.close

    def fails(fd: int) -> None:
        is_written = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_WRONLY
        is_lock = os.path.samestat(os.fstat(fd), log.lock.stat())
        close(fd)
        if is_written or is_lock:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "close", fails)
    log.append("three", after=head)
    monkeypatch.undo()
    assert log.said() == ["one", "two", "three"]


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
