"""The writer of a log on a disk that fails."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from builders import a_local_registry
from logs import GENESIS, Log, failing, saying

from dspyreg.backends.interface import SyncFailed
from dspyreg.backends.local import files as local_files
from dspyreg.backends.local import writer as local_writer
from dspyreg.errors import OutcomeUnknown, StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs


# Disks that fail


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
        entry = registry.log(limit=1)[0]  # it did happen, and can be found by that name
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
