"""The checked-out commit, read from git's files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tree import write

from dspyreg.system.actor import actor
from dspyreg.system.directory import text_of
from dspyreg.system.provenance import context

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def commit() -> str | None:
    found: str | None = context().get("git")
    return found


def test_there_is_no_commit_outside_a_git_repository():
    assert commit() is None


def test_the_commit_of_a_detached_head_is_read():
    write(".git/HEAD", f"{COMMIT}\n")
    assert commit() == COMMIT


def test_the_commit_of_a_branch_is_read_from_its_file():
    write(".git/HEAD", "ref: refs/heads/a/b\n")
    write(".git/refs/heads/a/b", f"{COMMIT}\n")
    assert commit() == COMMIT


PACKED = f"""\
# pack-refs with: peeled fully-peeled sorted
{OTHER} refs/heads/ma
{COMMIT} refs/heads/main
{OTHER} refs/tags/v1
^{OTHER}
"""


def test_the_commit_of_a_branch_is_read_from_packed_refs():
    write(".git/HEAD", "ref: refs/heads/main\n")
    write(".git/packed-refs", PACKED)
    assert commit() == COMMIT


def test_the_file_of_a_branch_takes_precedence_over_packed_refs():
    write(".git/HEAD", "ref: refs/heads/main\n")
    write(".git/packed-refs", PACKED.replace(COMMIT, OTHER))
    write(".git/refs/heads/main", f"{COMMIT}\n")
    assert commit() == COMMIT


@pytest.mark.parametrize("packed", [False, True])
def test_a_worktree_uses_the_branches_of_its_repository(packed: bool):
    write("../main/.git/worktrees/here/HEAD", "ref: refs/heads/main\n")
    write("../main/.git/worktrees/here/commondir", "../..\n")
    write(".git", "gitdir: ../main/.git/worktrees/here\n")
    if packed:
        write("../main/.git/packed-refs", PACKED)
    else:
        write("../main/.git/refs/heads/main", f"{COMMIT}\n")
    assert commit() == COMMIT


def test_the_git_repository_is_searched_for_upward(monkeypatch: pytest.MonkeyPatch):
    write(".git/HEAD", f"{COMMIT}\n")
    Path("a/b").mkdir(parents=True)
    monkeypatch.chdir("a/b")
    assert commit() == COMMIT


def test_a_sha256_commit_is_read():
    write(".git/HEAD", "0" * 64)
    assert commit() == "0" * 64


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".git/HEAD", ""),
        (".git/HEAD", "ref: refs/heads/main"),
        (".git/HEAD", "rubbish"),
        (".git", ""),
        (".git", "gitdir: nowhere"),
    ],
)
def test_a_repository_without_a_commit_has_none(path: str, text: str):
    write(path, text)
    assert commit() is None


def test_the_commit_read_from_files_agrees_with_git(monkeypatch: pytest.MonkeyPatch):
    try:
        _git("init", "-q")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no git here to compare with")
    _git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "x")
    assert commit() == _git("rev-parse", "HEAD")
    _git("pack-refs", "--all")
    assert commit() == _git("rev-parse", "HEAD")
    _git("worktree", "add", "-q", "-b", "side", "../side")
    monkeypatch.chdir("../side")
    assert commit() == _git("rev-parse", "HEAD")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", [".git/HEAD", ".git/config", ".git/packed-refs", ".git/commondir"])
def test_fifos_in_place_of_git_files_do_not_block(name: str):
    write(".git/HEAD", "ref: refs/heads/main\n")
    Path(name).unlink(missing_ok=True)
    os.mkfifo(name)
    assert "git" not in context()
    assert actor() == "login"


def test_a_device_in_place_of_a_git_file_is_read_as_empty():
    Path("zero").symlink_to("/dev/zero")
    assert text_of(Path.cwd() / "zero") == ""
