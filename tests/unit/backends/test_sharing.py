"""The modes of a store that a group shares; for two users see contracts/test_shared_stores.py."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry

import dspyreg
from dspyreg.backends import sharing
from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.errors import Denied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _a_umask_that_shares_nothing() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def modes(directory: Path) -> set[int]:
    every = (path.lstat() for path in (directory, *directory.rglob("*")))
    return {stat.S_IMODE(each.st_mode) for each in every if not stat.S_ISLNK(each.st_mode)}


def some_history(store: Path, directory: Path) -> None:
    with a_local_registry(store) as registry:
        Programs(registry, directory).in_production("qa", "1.0.0")


def test_a_store_created_as_shared_stays_shared_after_every_write(tmp_path: Path):
    local.create_store(Location.of(tmp_path / "store"), shared=True)
    some_history(tmp_path / "store", tmp_path)
    assert modes(tmp_path / "store") == {0o664, 0o2775}


def test_a_store_that_is_not_shared_follows_the_umask(tmp_path: Path):
    local.create_store(Location.of(tmp_path / "store"))
    some_history(tmp_path / "store", tmp_path)
    assert modes(tmp_path / "store") <= {0o600, 0o644 & ~0o077, 0o700, 0o2700}


def test_an_existing_store_can_be_shared(tmp_path: Path):
    identity = dspyreg.init(tmp_path / "store")
    some_history(tmp_path / "store", tmp_path)
    assert dspyreg.init(tmp_path / "store", shared=True) == identity
    assert modes(tmp_path / "store") == {0o664, 0o2775}


def test_sharing_a_store_does_not_follow_links_in_it(tmp_path: Path):
    local.create_store(Location.of(tmp_path / "store"))
    (tmp_path / "mine").write_text("")
    (tmp_path / "store" / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "outside").mkdir()
    (tmp_path / "store" / "other").symlink_to(tmp_path / "outside")
    local.share_store(Location.of(tmp_path / "store"))
    assert modes(tmp_path / "mine") == {0o600}
    assert modes(tmp_path / "outside") == {0o700}


def test_sharing_a_store_through_a_link_shares_its_directory(tmp_path: Path):
    local.create_store(Location.of(tmp_path / "store"))
    (tmp_path / "link").symlink_to("store")
    local.share_store(Location.of(tmp_path / "link"))
    assert modes(tmp_path / "store") == {0o664, 0o2775}


def test_a_store_with_files_of_another_user_cannot_be_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def forbid(_: int, __: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    local.create_store(Location.of(tmp_path / "store"))
    monkeypatch.setattr("os.fchmod", forbid)
    with pytest.raises(Denied, match="cannot share"):
        local.share_store(Location.of(tmp_path / "store"))


def test_a_user_who_cannot_write_their_own_store_gets_a_hint(tmp_path: Path):
    local.create_store(Location.of(tmp_path / "store"))
    store = tmp_path / "store"
    hint, facts = sharing.access_hint(store / "log" / "absent")
    error = Denied("log-not-writable", reason="", hint=hint, **facts)
    assert error.hint == f"{store} is yours: `chmod -R u+rwX {store}`"
