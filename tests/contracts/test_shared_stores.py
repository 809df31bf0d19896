"""A store shared by a group: two users of one group, each with their own umask.

Real users are needed, and so root; elsewhere nothing of this is tested, and that is said.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from builders import a_program
from commandline import Ran, a_plain_world, dspyreg

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA, BEA, EVE = 54001, 54002, 54003
TEAM, OTHERS = 54100, 54101

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="root is needed to be two users; sharing a store with a group was not tested",
)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A directory of Ada and her team that everybody may enter."""
    a_plain_world(monkeypatch, tmp_path)
    monkeypatch.setenv("HOME", "/nonexistent")
    _import_everything()
    with TemporaryDirectory(dir="/tmp") as name:  # pytest's own directory is closed to other users
        directory = Path(name)
        directory.chmod(0o2755)
        os.chown(directory, ADA, TEAM)
        directory.chmod(0o2755)
        for nth in "123":
            (directory / f"p{nth}.json").write_text(a_program(nth))
        yield directory


def _import_everything() -> None:
    """Run the commands once: another user may not be able to read the code."""
    import grp  # noqa: F401
    import pwd  # noqa: F401

    Path("p.json").write_text(a_program())
    for words in (
        *("init --shared", "register qa p.json", "promote qa", "rollback qa", "list elsewhere"),
        *("resolve qa", "undo 2", "gc --yes --grace 0s", "verify"),
    ):
        dspyreg(*words.split())
    Path(".dspyreg/index.sqlite").resolve().unlink()
    dspyreg("verify")


def run(desk: Path, uid: int, *words: str, group: int = TEAM, umask: int = 0o077) -> Ran:
    """Run a command as a user, by default with a umask that excludes everybody else."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(uid)
            os.umask(umask)
            os.chdir(desk)
            ran = dspyreg("--store", desk / "store", *words)
            os.write(writer, json.dumps(ran).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as file:
        told = file.read()
    os.waitpid(child, 0)
    return Ran(*json.loads(told))


def done(desk: Path, uid: int, *words: str) -> str:
    ran = run(desk, uid, *words)
    assert ran.status == 0, ran.err
    return ran.out


def modes(store: Path) -> dict[str, int]:
    """Return the modes in a store that differ from those of a shared one, by path."""
    found = {}
    for path in (store, *store.rglob("*")):
        there = path.lstat()
        wanted = 0o2775 if stat.S_ISDIR(there.st_mode) else 0o664
        if not stat.S_ISLNK(there.st_mode) and stat.S_IMODE(there.st_mode) != wanted:
            found[str(path.relative_to(store))] = stat.S_IMODE(there.st_mode)
        assert there.st_gid == TEAM, path
    return found


def test_every_member_can_write_a_shared_store_whatever_the_umasks(desk: Path):
    done(desk, ADA, "init", "--shared")
    done(desk, BEA, "register", "qa", "p1.json")
    done(desk, BEA, "promote", "qa@1.0.0")
    done(desk, ADA, "promote", "qa@1.0.0", "--to", "production")
    done(desk, ADA, "register", "qa", "p2.json")
    done(desk, BEA, "promote", "qa@1.0.1")
    done(desk, BEA, "promote", "qa@1.0.1", "--to", "production")
    done(desk, ADA, "rollback", "qa")
    assert (desk / "store/refs/qa/environments/production").read_text() == "1.0.0\n"
    assert modes(desk / "store") == {}
    for user in (ADA, BEA):
        assert done(desk, user, "resolve", "qa@production") == "1.0.0\n"
        done(desk, user, "verify")


def test_rarely_created_files_of_a_shared_store_are_shared_too(desk: Path):
    done(desk, ADA, "init", "--shared")
    done(desk, ADA, "register", "qa", "p1.json")
    segment = desk / "store/log/00000000000000000001.jsonl"
    with segment.open("ab") as file:
        file.write(b'{"time":"torn')
    (desk / "store/index.sqlite").resolve().unlink()
    done(desk, BEA, "promote", "qa@1.0.0")
    assert list((desk / "store/log/cut").iterdir())
    done(desk, BEA, "gc", "--yes", "--grace", "0s")
    assert modes(desk / "store") == {}


def test_all_members_can_write_the_journal_of_a_shared_index(desk: Path):
    done(desk, ADA, "init", "--shared")
    done(desk, ADA, "register", "qa", "p1.json")
    index = (desk / "store/index.sqlite").resolve()
    before = os.umask(0o077)
    try:
        with sqlite3.connect(index) as db:
            db.execute("begin immediate")
            db.execute("create table more (x)")
            journal = index.with_name(f"{index.name}-journal").stat()
            assert stat.S_IMODE(journal.st_mode) == 0o664
        db.close()
    finally:
        os.umask(before)


def test_the_owner_of_a_store_can_share_it_later(desk: Path):
    done(desk, ADA, "init")
    done(desk, ADA, "register", "qa", "p1.json")
    assert run(desk, BEA, "promote", "qa@1.0.0").status == 5
    assert run(desk, BEA, "init", "--shared").status == 5
    done(desk, ADA, "init", "--shared")
    assert modes(desk / "store") == {}
    done(desk, BEA, "promote", "qa@1.0.0")


def test_a_user_who_cannot_write_a_store_learns_its_owner_and_the_fix(desk: Path):
    assert run(desk, ADA, "init", umask=0o022).status == 0
    ran = run(desk, BEA, "register", "qa", "p1.json")
    store = desk / "store"
    assert ran.status == 5
    assert f"hint: {store} belongs to user {ADA}, group {TEAM}" in ran.err
    assert f"`chgrp -R GROUP {store}`, then `dspyreg --store {store} init --shared`" in ran.err


def test_a_user_outside_the_group_learns_which_group_to_join(desk: Path):
    done(desk, ADA, "init", "--shared")
    ran = run(desk, EVE, "register", "qa", "p1.json", group=OTHERS)
    assert ran.status == 5
    assert f"is shared by the group {TEAM}: join it" in ran.err


def test_a_store_that_is_not_shared_follows_the_umask(desk: Path):
    done(desk, ADA, "init")
    done(desk, ADA, "register", "qa", "p1.json")
    for path in (desk / "store").rglob("*"):
        assert path.is_symlink() or not path.lstat().st_mode & 0o077, path
