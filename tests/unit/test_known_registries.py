"""The user's list of known registries: nothing is lost, even with concurrent writers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dspyreg import known_registries
from dspyreg.backends.location import Location
from dspyreg.errors import Denied, StorageError
from dspyreg.known_registries import KnownRegistries, KnownRegistry
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from pathlib import Path

ID, PLACE = "0" * 32, "/srv/team/.dspyreg"
MAKE, TEST = Digest.of(b"make"), Digest.of(b"test")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "dspyreg" / "known_registries"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def known(path: Path, told: list[str]) -> KnownRegistries:
    return KnownRegistries(path, told.append)


def one(known: KnownRegistries, place: str = PLACE, **more: Any) -> KnownRegistry:
    return KnownRegistry(known, ID, Location.of(place), **more)


def written(path: Path, *lines: Any, mode: int = 0o600) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"".join(text + b"\n" for text in texts))
    path.chmod(mode)
    return path.read_bytes()


def test_nothing_is_trusted_by_default(known: KnownRegistries, path: Path, told: list[str]):
    assert MAKE not in one(known)
    assert not known.is_safe(PLACE)
    assert told == []
    assert not path.exists()


def test_a_trusted_registry_is_one_line_of_the_list(known: KnownRegistries, path: Path):
    one(known).add(MAKE)
    one(known).add(MAKE)
    one(known).add(TEST)
    one(known).mark_safe()
    [line] = path.read_text().splitlines()
    assert json.loads(line) == {"id": ID, "place": PLACE, "trusted": [MAKE, TEST], "safe": True}
    assert MAKE in one(known)
    assert known.is_safe(PLACE)


def test_only_the_user_can_read_the_list(known: KnownRegistries, path: Path):
    before = os.umask(0)
    try:
        one(known).add(MAKE)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == [path.name]


def test_a_registry_at_another_location_or_with_another_id_is_not_trusted(known: KnownRegistries):
    one(known).add(MAKE)
    assert MAKE not in one(known, "/home/ada/clone/.dspyreg")
    assert MAKE not in KnownRegistry(known, "1" * 32, Location.of(PLACE))
    assert not known.is_safe(PLACE)


def test_trust_for_one_run_is_not_written_to_the_list(known: KnownRegistries, path: Path):
    assert MAKE in one(known, explicit=MAKE)
    assert TEST not in one(known, explicit=MAKE)
    assert TEST in one(known, explicit="all")
    assert not path.exists()


def test_unknown_members_and_lines_of_the_list_are_kept(known: KnownRegistries, path: Path):
    ours = {"id": ID, "place": PLACE, "head": {"seq": 7}, "trusted": [TEST], "checkpoint": "x"}
    others = [{"id": ID, "root": "SHA256:x"}, {"later": 1}, {"id": "1" * 32, "place": PLACE}]
    written(path, others[0], ours, b"", b'{"id": 5}', b"not JSON \xff", *others[1:])
    lines = path.read_bytes().splitlines()
    one(known).add(MAKE)
    after = path.read_bytes().splitlines()
    assert json.loads(after[1]) == {**ours, "trusted": [TEST, MAKE]}
    assert [*after[:1], *after[2:]] == [*lines[:1], *lines[2:]]


def test_a_damaged_line_is_reported_and_ignored(
    known: KnownRegistries, path: Path, told: list[str]
):
    deep = b"[" * 100_000
    good = {"id": ID, "place": PLACE, "trusted": [MAKE]}
    bad = [b"rubbish", b"[]", b'{"id":1}', b'{"trusted":"b3"}', b'{"safe":1}', deep, b"\xff"]
    written(path, *bad, good, {"later": [1]})
    assert MAKE in one(known)
    assert MAKE in one(known)
    assert [notice.rpartition(": ")[2] for notice in told] == [
        f"line {at} is damaged, and not used" for at in range(1, 8)
    ]


def test_a_list_without_a_final_line_end_is_complete(known: KnownRegistries, path: Path):
    written(path)
    path.write_text(json.dumps({"id": ID, "place": PLACE, "trusted": [TEST]}))
    one(known, "/elsewhere").add(MAKE)
    assert TEST in one(known)
    assert MAKE in one(known, "/elsewhere")


def test_a_location_that_is_not_utf8_can_be_trusted(known: KnownRegistries):
    place = os.fsdecode(b"/srv/\xff/.dspyreg")
    one(known, place).add(MAKE)
    assert MAKE in one(known, place)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_list_that_others_can_write_is_ignored(
    known: KnownRegistries, path: Path, told: list[str], mode: int
):
    before = written(path, {"id": ID, "place": PLACE, "trusted": [MAKE], "safe": True}, mode=mode)
    assert MAKE not in one(known)
    assert not known.is_safe(PLACE)
    assert told == [f"others may write {path}; it is not used"]
    with pytest.raises(Denied):
        one(known).add(TEST)
    assert path.read_bytes() == before


def test_a_list_owned_by_another_user_is_ignored(
    known: KnownRegistries, path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
):
    written(path, {"id": ID, "place": PLACE, "trusted": [MAKE]})
    monkeypatch.setattr(known_registries, "own_uids", lambda: frozenset({4711}))
    assert MAKE not in one(known)
    assert told == [f"{path} belongs to another user; it is not used"]


def test_a_pipe_in_place_of_the_list_does_not_block(
    known: KnownRegistries, path: Path, told: list[str]
):
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    assert MAKE not in one(known)
    assert told == [f"{path} is not a regular file; it is not used"]
    with pytest.raises(Denied):
        one(known).add(MAKE)


def test_an_unwritable_list_still_trusts_for_the_run(known: KnownRegistries, path: Path):
    path.parent.parent.mkdir()
    path.parent.write_text("in the way")
    registry = one(known)
    with pytest.raises(StorageError, match="known_registries"):
        registry.add(MAKE)
    assert MAKE in registry


def test_a_link_of_another_user_is_marked_safe_by_its_target(
    known: KnownRegistries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to("store")
    told = {tmp_path / "link": "mallory"}
    monkeypatch.setattr(known_registries, "foreign_owner", told.get)
    registry = KnownRegistry(known, ID, Location.of(tmp_path / "link"))
    assert (registry.owner, registry.is_safe) == ("mallory", False)
    registry.mark_safe()
    assert registry.is_safe
    assert known.is_safe(str(tmp_path / "store"))


def test_a_user_without_a_home_has_no_list():
    homeless = KnownRegistries(None, print)
    assert MAKE not in one(homeless)
    with pytest.raises(Denied) as caught:
        one(homeless).add(MAKE)
    assert "DSPYREG_TRUST" in str(caught.value.hint)


def test_a_link_in_place_of_the_list_is_kept(known: KnownRegistries, path: Path, tmp_path: Path):
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "dotfiles")
    one(known).add(MAKE)
    assert path.is_symlink()
    assert MAKE in one(known)


def test_concurrent_writers_lose_no_lines(known: KnownRegistries, path: Path):
    code = (
        "import sys; from pathlib import Path;"
        "from dspyreg.backends.location import Location;"
        "from dspyreg.known_registries import *;"
        "from dspyreg.model.digest import Digest;"
        "known = KnownRegistries(Path(sys.argv[1]), print);"
        f"[KnownRegistry(known, '{ID}', Location.of(f'/{{n % 3}}')).add("
        "Digest.of(f'{sys.argv[2]} {n}'.encode())) for n in range(20)]"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, path, str(w)]) for w in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert len(path.read_bytes().splitlines()) == 3
    for writer in range(4):
        for n in range(20):
            assert Digest.of(f"{writer} {n}".encode()) in one(known, f"/{n % 3}")
