"""File system calls of the local backend: locks, and recognizing network file systems."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Never

import pytest

from dspyreg.backends.local import files as local_files
from dspyreg.backends.local.files import locked, network_kind, take_lock

if TYPE_CHECKING:
    from pathlib import Path


# Locks


def test_a_format_file_replaced_while_waiting_is_locked_again(tmp_path: Path):
    lock = tmp_path / "format"
    lock.touch()
    held = threading.Event()

    def wait() -> None:
        with locked(lock):
            held.set()

    with locked(lock):
        waiting = threading.Thread(target=wait)
        waiting.start()
        (tmp_path / "new").touch()
        (tmp_path / "new").replace(lock)  # as git does on a checkout
        second = locked(lock)
        second.__enter__()
    assert not held.wait(0.2), "it holds the lock of a file that is not there any more"
    second.__exit__(None, None, None)
    waiting.join()
    assert held.is_set()


def test_a_lock_is_released_when_its_holder_fails(tmp_path: Path):
    lock = tmp_path / "format"
    lock.touch()
    with pytest.raises(ZeroDivisionError), locked(lock):
        raise ZeroDivisionError
    with locked(lock):
        pass


def test_taking_a_held_lock_without_patience_raises_blocking_io_error(tmp_path: Path):
    lock = tmp_path / "format"
    lock.touch()
    with locked(lock), pytest.raises(BlockingIOError):
        take_lock(lock, patient=False)
    os.close(take_lock(lock, patient=False))


# Kinds of file systems


MOUNTS = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
22 21 0:5 / /dev rw - devtmpfs devtmpfs rw
30 21 0:40 / /net rw,relatime shared:2 master:3 - nfs4 server:/x rw
31 30 0:41 / /net/local rw - xfs /dev/sdb rw
32 21 0:42 / /with\\040space rw - cifs //server/share rw
33 21 0:43 / /home/ada rw - fuse.sshfs ada@host:/ rw
34 21 0:44 / /over rw - ext4 /dev/sdc rw
35 21 0:45 / /over rw - nfs server:/y rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", None),
        ("/srv/registry", None),
        ("/network", None),
        ("/net", "nfs4"),
        ("/net/registry", "nfs4"),
        ("/net/local/registry", None),
        ("/with space/registry", "cifs"),
        ("/home/ada/registry", "fuse.sshfs"),
        ("/home/adam/registry", None),
        ("/over/registry", "nfs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(
    tmp_path: Path, path: str, kind: str | None
):
    assert network_kind(type(tmp_path)(path), MOUNTS) == kind


@pytest.mark.parametrize("told", ["overlay", "tmpfs", "btrfs", "zfs", "apfs", "fuseish"])
def test_other_file_systems_count_as_local(tmp_path: Path, told: str):
    assert network_kind(tmp_path, f"21 1 0:1 / / rw - {told} none rw\n") is None


@pytest.mark.parametrize("told", ["nfs", "nfs4", "cifs", "smb3", "fuse", "fuseblk", "9p", "ceph"])
def test_network_file_systems_are_recognized(tmp_path: Path, told: str):
    assert network_kind(tmp_path, f"21 1 0:1 / / rw - {told} none rw\n") == told


def test_a_path_counts_as_local_when_the_mounts_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def unknown() -> Never:
        raise FileNotFoundError

    monkeypatch.setattr(local_files, "_mounts", unknown)
    assert network_kind(tmp_path) is None


# Failures


def test_a_failure_on_a_file_descriptor_is_reported_without_its_number():
    """The error of the system then names a descriptor instead of a path."""
    error = local_files.failure("log-unreadable", PermissionError(13, "Permission denied", 7))
    assert str(error) == "cannot read the log: Permission denied"
    assert error.exit_code == 5
