"""The location of the store: where it is searched for, and what is refused."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from tree import write

from dspyreg.backends.location import Location
from dspyreg.errors import Denied
from dspyreg.model.digest import Digest
from dspyreg.system.actor import actor
from dspyreg.system.provenance import context
from dspyreg.system.store_location import (
    cache_path,
    known_registries,
    new_store_location,
    store_location,
)
from dspyreg.system.user import own_uids


def stored_at(*arguments: Any, **options: Any) -> Path | None:
    return store_location(*arguments, **options).directory


def created_at(*arguments: Any) -> Path | None:
    return new_store_location(*arguments).directory


def a_store(path: str) -> Path:
    write(f"{path}/.dspyreg/format", "")
    return (Path(path) / ".dspyreg").resolve()


def test_the_sources_of_the_store_location_have_a_fixed_precedence(monkeypatch: pytest.MonkeyPatch):
    assert stored_at() == Path.cwd() / ".dspyreg"
    found = a_store(".")
    assert stored_at() == found
    monkeypatch.setenv("DSPYREG_STORE", "elsewhere")
    assert stored_at() == Path("elsewhere")
    assert stored_at("given") == Path("given")


def test_the_nearest_store_upward_is_used(monkeypatch: pytest.MonkeyPatch):
    a_store(".")
    near = a_store("a/b")
    Path("a/b/c/d").mkdir(parents=True)
    monkeypatch.chdir("a/b/c/d")
    assert stored_at() == near


def test_a_directory_that_is_not_a_store_is_skipped(monkeypatch: pytest.MonkeyPatch):
    found = a_store(".")
    Path("a/.dspyreg").mkdir(parents=True)
    monkeypatch.chdir("a")
    assert stored_at() == found


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make another user own everything here."""
    monkeypatch.setattr(os, "geteuid", lambda: 4711)


@pytest.mark.usefixtures("stranger")
def test_a_store_of_another_user_ends_the_search(monkeypatch: pytest.MonkeyPatch):
    found = a_store(".")
    Path("a b").mkdir()
    monkeypatch.chdir("a b")
    with pytest.raises(Denied, match=r"\.dspyreg belongs to another user") as caught:
        stored_at()
    assert caught.value.exit_code == 5
    assert f"`dspyreg trust --place --store {found}`" in str(caught.value.hint)
    assert stored_at(str(found)) == found
    monkeypatch.setenv("DSPYREG_STORE", str(found))
    assert stored_at() == found


@pytest.mark.usefixtures("stranger")
def test_the_hint_is_a_valid_shell_command(monkeypatch: pytest.MonkeyPatch):
    found = a_store("a b$(touch x)")
    monkeypatch.chdir("a b$(touch x)")
    with pytest.raises(Denied) as caught:
        stored_at()
    command = str(caught.value.hint).split("`")[1]
    assert shlex.split(command) == ["dspyreg", "trust", "--place", "--store", str(found)]


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize("listed", ["*", "{}", "/nowhere:{}", "../here/.dspyreg", ":*:", "../link"])
def test_a_store_of_another_user_listed_as_safe_is_used(
    monkeypatch: pytest.MonkeyPatch, listed: str
):
    found = a_store(".")
    Path("../link").symlink_to(found)
    monkeypatch.setenv("DSPYREG_SAFE_STORES", listed.format(found))
    assert stored_at() == found


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize("listed", ["", ":", "/", "/srv", "{}/", "{}x", "**"])
def test_a_store_is_not_safe_because_another_location_is(
    monkeypatch: pytest.MonkeyPatch, listed: str
):
    found = a_store(".")
    monkeypatch.setenv("DSPYREG_SAFE_STORES", listed.format(found.parent))
    with pytest.raises(Denied):
        stored_at()
    assert stored_at(is_listed=lambda place: place == str(found)) == found


@pytest.mark.usefixtures("stranger")
def test_init_refuses_an_existing_store_of_another_user():
    assert created_at() == Path(".dspyreg")
    a_store(".")
    with pytest.raises(Denied):
        created_at()
    assert created_at(".dspyreg") == Path(".dspyreg")


def test_a_link_owned_by_another_user_counts_as_a_store_of_another_user(
    monkeypatch: pytest.MonkeyPatch,
):
    found = a_store("mine")
    Path(".dspyreg").symlink_to(found)
    assert stored_at() == Path.cwd() / ".dspyreg"
    link, lstat = Path.cwd() / ".dspyreg", os.lstat

    def told(path: Any) -> Any:
        status = lstat(path)
        if Path(path) != link:
            return status
        return os.stat_result([*status[:4], 4711, *status[5:10]])

    monkeypatch.setattr(os, "lstat", told)
    with pytest.raises(Denied, match="uid 4711"):
        stored_at()


@pytest.mark.parametrize(
    ("user", "caller", "known"),
    [
        (0, "", False),
        (0, "4711", True),
        (0, "４７１１", False),
        (0, "-4711", False),
        (4712, "4711", False),
        (4711, "", True),
    ],
)
def test_root_may_use_the_store_of_the_user_who_called_sudo(
    monkeypatch: pytest.MonkeyPatch, user: int, caller: str, known: bool
):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("SUDO_UID", caller)
    assert (4711 in own_uids()) is known


def test_the_list_of_known_registries_is_in_the_configuration_of_the_user(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    own = home / ".config/dspyreg/known_registries"
    assert known_registries() == own
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert known_registries() == own
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    assert known_registries() == Path("/c/dspyreg/known_registries")


def test_init_creates_a_store_here_even_below_another_one(monkeypatch: pytest.MonkeyPatch):
    a_store(".")
    Path("a").mkdir()
    monkeypatch.chdir("a")
    assert created_at() == Path(".dspyreg")
    monkeypatch.setenv("DSPYREG_STORE", "elsewhere")
    assert created_at() == Path("elsewhere")
    assert created_at("given") == Path("given")


def test_a_removed_working_directory_causes_no_internal_error(monkeypatch: pytest.MonkeyPatch):
    Path("gone").mkdir()
    monkeypatch.chdir("gone")
    Path("../gone").resolve().rmdir()
    assert stored_at() == Path(".dspyreg")
    assert stored_at("given") == Path("given")
    assert "git" not in context()
    assert actor() == "login"
    monkeypatch.chdir("/")


def test_the_index_of_an_unwritable_store_is_in_the_cache_of_the_user(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    address = Digest.of(b"/srv/store").hex[:8]
    there = cache_path("ab12", Location.of("/srv/store"))
    assert there == home / f".cache/dspyreg/ab12-{address}/index.sqlite"
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    there = cache_path("ab12", Location.of("/srv/store"))
    assert there == Path(f"/cache/dspyreg/ab12-{address}/index.sqlite")


def test_copies_of_a_registry_have_separate_caches_and_links_share_one():
    Path("a").mkdir()
    Path("b").mkdir()
    Path("link").symlink_to("a")
    one, other, same = (cache_path("ab12", Location.of(name)) for name in ("a", "b", "link"))
    assert one == same != other
