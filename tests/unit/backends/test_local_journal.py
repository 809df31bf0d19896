"""The log as files: write permission, and the view of one process on the writes of another."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from typing import TYPE_CHECKING

import pytest
from builders import unprivileged
from logs import GENESIS, Log, saying

from dspyreg.backends.interface import Diverged
from dspyreg.backends.local import files as local_files
from dspyreg.backends.local import journal as local_journal
from dspyreg.errors import Denied
from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dspyreg.model.line import Line


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
