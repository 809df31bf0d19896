"""Blobs as files, beyond the contract in ``tests/contracts``."""

from __future__ import annotations

import errno
import os
import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Never

import pytest
from builders import unprivileged

from dspyreg.backends.local import blobs as local_blobs
from dspyreg.backends.local import copy as local_copy
from dspyreg.backends.local import files as local_files
from dspyreg.backends.local.blobs import LocalBlobs
from dspyreg.errors import Conflict, Corrupt, Denied, StorageError, UsageError
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from pathlib import Path

BIG = bytes(range(256)) * (3 << 12)


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """Blobs in a directory that does not exist yet."""
    return LocalBlobs(tmp_path / "objects")


def refusing(number: int) -> Any:
    """Return a function that fails with an errno."""

    def fail(*_: Any, **__: Any) -> Never:
        raise OSError(number, os.strerror(number))

    return fail


def nothing_left(tmp_path: Path) -> bool:
    return [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []


def test_a_blob_is_a_file_named_by_its_digest(blobs: LocalBlobs, tmp_path: Path):
    digest = blobs.put(b"hello world")
    path = tmp_path / "objects/d7/4981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24"
    assert digest.hex == "d7" + path.name
    assert path.read_bytes() == b"hello world"


def test_put_leaves_no_file_but_the_blob(blobs: LocalBlobs, tmp_path: Path):
    blobs.put(b"hello world")
    assert sum(path.is_file() for path in (tmp_path / "objects").rglob("*")) == 1


@pytest.mark.parametrize("number", [errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL])
@pytest.mark.parametrize("start", [0, 7])
def test_put_works_when_the_kernel_refuses_to_copy(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, start: int
):
    monkeypatch.setattr(os, "copy_file_range", refusing(number), raising=False)
    path = tmp_path / "source"
    path.write_bytes(BIG)
    with open(path, "rb") as stream:
        stream.seek(start)
        assert blobs.put(stream) == Digest.of(BIG[start:])


def test_put_works_without_kernel_copies(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    path = tmp_path / "source"
    path.write_bytes(BIG)
    assert blobs.put(path) == Digest.of(BIG)


@pytest.mark.parametrize("data", [b"hello world", BIG], ids=["small", "big"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_blob_that_cannot_be_synced_is_not_stored(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, number: int
):
    path = tmp_path / "source"
    path.write_bytes(data)
    monkeypatch.setattr(local_files.os, "fdatasync", refusing(number))
    with pytest.raises(StorageError, match="cannot store a blob"):
        blobs.put(path)
    assert nothing_left(tmp_path)


def test_a_full_disk_error_hints_to_make_room(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local_blobs.os, "write", refusing(errno.ENOSPC))
    with pytest.raises(StorageError) as caught:
        blobs.put(b"hello world")
    assert caught.value.hint is not None
    assert "make room" in caught.value.hint


def test_a_file_that_changes_while_being_copied_is_a_conflict(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "source"
    path.write_bytes(BIG)
    copy = local_copy.copy_file

    def slow(*given: Any) -> Digest:
        with open(path, "ab") as file:
            file.write(b"more")
        return copy(*given)

    monkeypatch.setattr(local_copy, "copy_file", slow)
    with pytest.raises(Conflict, match="changed while it was being read"):
        blobs.put(path)


def test_the_mode_of_a_blob_follows_the_umask(blobs: LocalBlobs, tmp_path: Path):
    before = os.umask(0o027)
    try:
        digest = blobs.put(b"hello world")
    finally:
        os.umask(before)
    path = tmp_path / "objects" / digest.hex[:2] / digest.hex[2:]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_files_that_are_not_blobs_are_not_listed(blobs: LocalBlobs, tmp_path: Path):
    digest = blobs.put(b"hello world")
    objects = tmp_path / "objects"
    (objects / "README").write_text("mine")
    (objects / digest.hex[:2] / "short").write_text("mine")
    (objects / "tmp-00").write_text("left by a crash")
    assert [blob.digest for blob in blobs.list()] == [digest]


def test_sweep_removes_temporary_files_of_dead_writers(blobs: LocalBlobs, tmp_path: Path):
    digest = blobs.put(b"hello world")
    left = tmp_path / "objects/tmp-00"
    left.write_bytes(b"left by a crash")
    assert blobs.sweep(if_older_than=timedelta(hours=1)) == 0
    assert blobs.sweep(if_older_than=timedelta()) == len(b"left by a crash")
    assert not left.exists()
    assert [blob.digest for blob in blobs.list()] == [digest]


def test_the_age_of_a_blob_comes_from_the_clock_of_the_file_system(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    digest = blobs.put(b"hello world")
    monkeypatch.setattr("time.time", lambda: 0.0)
    found = blobs.stat(digest)
    assert found is not None
    assert found.age < timedelta(minutes=1)


def test_writing_to_an_unwritable_directory_is_denied(blobs: LocalBlobs, tmp_path: Path):
    digest = blobs.put(b"hello world")
    with unprivileged(tmp_path / "objects"), pytest.raises(Denied) as caught:
        blobs.put(b"another")
    assert caught.value.exit_code == 5
    with blobs.open(digest) as file:
        assert file.read() == b"hello world"


def test_no_blob_is_old_enough_to_delete_in_an_unwritable_store(blobs: LocalBlobs, tmp_path: Path):
    digest = blobs.put(b"hello world")
    path = tmp_path / "objects" / digest.hex[:2] / digest.hex[2:]
    os.utime(path, (0, 0))
    with unprivileged(tmp_path / "objects"):
        assert not blobs.delete(digest, if_older_than=timedelta(seconds=1))


def test_short_writes_are_continued_to_the_last_byte(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
):
    write = os.write
    monkeypatch.setattr(local_blobs.os, "write", lambda fd, data: write(fd, bytes(data[:3])))
    with blobs.open(blobs.put(b"hello world")) as file:
        assert file.read() == b"hello world"


def test_a_copy_that_fails_halfway_leaves_nothing_behind(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "source"
    path.write_bytes(BIG)
    kept = getattr(os, "copy_file_range", None)

    def half(source: int, fd: int, size: int, at: int, end: int) -> int:
        if kept is None or at:
            raise OSError(errno.ENOSPC, "no space")
        return int(kept(source, fd, len(BIG) // 2, at, end))

    monkeypatch.setattr(os, "copy_file_range", half, raising=False)
    with pytest.raises(StorageError, match="cannot store a blob"):
        blobs.put(path)
    assert nothing_left(tmp_path)


# Links and special files

HELLO = Digest.of(b"hello world")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A foreign directory with a file in it."""
    directory = tmp_path / "outside"
    directory.mkdir()
    (directory / "note").write_text("my only copy")
    return directory


def at(tmp_path: Path, digest: Digest = HELLO) -> Path:
    return tmp_path / "objects" / digest.hex[:2] / digest.hex[2:]


@pytest.mark.parametrize("depth", [1, 2])
def test_put_does_not_write_through_a_link(
    blobs: LocalBlobs, tmp_path: Path, outside: Path, depth: int
):
    place = [tmp_path / "objects", at(tmp_path).parent][depth - 1]
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside)
    with pytest.raises(Corrupt, match=rf"{place}: it is a link"):
        blobs.put(b"hello world")
    assert [path.name for path in outside.iterdir()] == ["note"]


def test_put_replaces_a_link_in_place_of_a_blob(blobs: LocalBlobs, tmp_path: Path, outside: Path):
    at(tmp_path).parent.mkdir(parents=True)
    at(tmp_path).symlink_to(outside / "note")
    blobs.put(b"hello world")
    assert not at(tmp_path).is_symlink()
    assert (outside / "note").read_text() == "my only copy"


def test_a_directory_in_place_of_a_blob_is_corruption(blobs: LocalBlobs, tmp_path: Path):
    at(tmp_path).mkdir(parents=True)
    with pytest.raises(Corrupt, match="it is a directory, and not a regular file"):
        blobs.put(b"hello world")
    assert not [*(tmp_path / "objects").glob("tmp-*")]


def test_the_target_of_a_link_in_place_of_a_blob_is_neither_read_nor_deleted(
    blobs: LocalBlobs, tmp_path: Path, outside: Path
):
    at(tmp_path).parent.mkdir(parents=True)
    at(tmp_path).symlink_to(outside / "note")
    before = (outside / "note").stat()
    acts: list[Any] = [
        *(blobs.open, blobs.stat),
        lambda digest: blobs.delete(digest, if_older_than=timedelta(0)),
    ]
    for act in acts:
        with pytest.raises(Corrupt):
            act(HELLO)
    assert (outside / "note").stat().st_mtime_ns == before.st_mtime_ns
    assert at(tmp_path).is_symlink()


def test_sweep_removes_only_regular_files(blobs: LocalBlobs, tmp_path: Path, outside: Path):
    blobs.put(b"hello world")
    objects = tmp_path / "objects"
    (objects / "tmp-file").touch()
    (objects / "tmp-link").symlink_to(outside / "note")
    (objects / "tmp-directory").mkdir()
    os.mkfifo(objects / "tmp-fifo")
    blobs.sweep(if_older_than=timedelta(0))
    left = {path.name for path in objects.glob("tmp-*")}
    assert left == {"tmp-link", "tmp-directory", "tmp-fifo"}


def test_putting_a_fifo_is_a_usage_error(blobs: LocalBlobs, tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="not a regular file"):
        blobs.put(tmp_path / "fifo")


def test_the_store_directory_may_be_reached_through_a_link(tmp_path: Path):
    (tmp_path / "there").mkdir()
    (tmp_path / "store").symlink_to("there")
    blobs = LocalBlobs(tmp_path / "store" / "objects")
    with blobs.open(blobs.put(b"hello world")) as file:
        assert file.read() == b"hello world"
