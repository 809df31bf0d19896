"""Checking for a dirty checkout runs nothing that the repository configures."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dspyreg.system import user
from dspyreg.system.actor import actor
from dspyreg.system.provenance import context, provenance

if TYPE_CHECKING:
    from collections.abc import Callable

_USED_TO_RUN = ["git", "status", "--porcelain", "--untracked-files=no"]


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit to work in, and the file that a hostile command would create."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    try:
        git("init", "-q")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no git here")
    Path("program.json").write_text("{}")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    return tmp_path / "it-ran"


def git(*words: object) -> None:
    subprocess.run(["git", *map(str, words)], check=True, capture_output=True)


def a_command(marker: Path, then: str = "cat") -> Path:
    """Write a script that creates the marker."""
    script = marker.with_name("evil")
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\n{then}\n")
    script.chmod(0o755)
    return script


def touched() -> None:
    """Make git examine a file that may have changed."""
    os.utime("program.json", (1, 1))


def fsmonitor(marker: Path) -> None:
    git("config", "core.fsmonitor", a_command(marker, "exit 1"))


def a_filter(marker: Path, kind: str = "clean") -> None:
    git("config", f"filter.evil.{kind}", a_command(marker))
    Path(".git/info/attributes").write_text("*.json filter=evil\n")
    touched()


def a_process_filter(marker: Path) -> None:
    a_filter(marker, "process")


def a_filter_that_is_included(marker: Path) -> None:
    Path(".git/more").write_text(f'[filter "evil"]\n\tclean = "{a_command(marker)}"\n')
    git("config", "include.path", "more")
    Path(".gitattributes").write_text("*.json filter=evil\n")
    touched()


def a_filter_of_the_worktree(marker: Path) -> None:
    git("config", "extensions.worktreeConfig", "true")
    git("config", "--worktree", "filter.evil.clean", a_command(marker))
    Path(".gitattributes").write_text("*.json filter=evil\n")
    touched()


def a_filter_with_a_name_that_no_option_can_spell(marker: Path) -> None:
    git("config", "filter.e=vil.clean", a_command(marker))
    Path(".gitattributes").write_text("*.json filter=e=vil\n")
    touched()


def a_hook_of_the_index(marker: Path) -> None:
    Path(".git/hooks").mkdir(exist_ok=True)
    a_command(marker).rename(".git/hooks/post-index-change")
    touched()


def hooks_elsewhere(marker: Path) -> None:
    Path("hooks").mkdir()
    a_command(marker).rename("hooks/post-index-change")
    git("config", "core.hooksPath", Path("hooks").resolve())
    touched()


def a_submodule(marker: Path) -> None:
    git("init", "-q", "sub")
    git("-C", "sub", "commit", "-q", "--allow-empty", "-m", "x")
    git("add", "sub")
    git("-C", "sub", "config", "core.fsmonitor", a_command(marker, "exit 1"))
    Path(".gitmodules").write_text('[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n')


def a_lazy_fetch(marker: Path) -> None:
    """Prepare a clone without some of its objects, which it fetches with a configured command."""
    git("config", "extensions.partialClone", "origin")
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "remote.origin.url", Path.cwd())
    git("config", "remote.origin.promisor", "true")
    git("config", "protocol.file.allow", "always")
    git("config", "remote.origin.uploadpack", a_command(marker, "exit 1"))
    tree = subprocess.run(
        ["git", "rev-parse", "HEAD^{tree}"], check=True, capture_output=True, text=True
    ).stdout.strip()
    Path(f".git/objects/{tree[:2]}/{tree[2:]}").unlink()


def a_pager(marker: Path) -> None:
    git("config", "pager.status", a_command(marker))
    git("config", "core.pager", a_command(marker))


def a_tool_for_differences(marker: Path) -> None:
    git("config", "diff.external", a_command(marker))
    git("config", "diff.evil.textconv", a_command(marker))
    git("config", "diff.evil.command", a_command(marker))
    Path(".gitattributes").write_text("*.json diff=evil\n")
    Path("program.json").write_text("[]")


def a_summary_of_submodules(marker: Path) -> None:
    a_submodule(marker)
    git("config", "status.submoduleSummary", "true")
    git("config", "alias.status", f"!{a_command(marker)}")
    git("config", "core.sshCommand", a_command(marker))


def a_bare_repository_within(marker: Path) -> None:
    """Add a bare repository with a configuration, as a clone may contain one."""
    git("init", "-q", "--bare", "within")
    git("-C", "within", "config", "core.bare", "false")
    git("-C", "within", "config", "core.worktree", Path.cwd())
    git("-C", "within", "config", "core.fsmonitor", a_command(marker, "exit 1"))
    os.chdir("within")


ATTACKS: list[Callable[[Path], None]] = [
    *(fsmonitor, a_filter, a_process_filter, a_filter_that_is_included),
    *(a_filter_of_the_worktree, a_filter_with_a_name_that_no_option_can_spell),
    *(a_hook_of_the_index, hooks_elsewhere, a_submodule, a_lazy_fetch),
    *(a_bare_repository_within,),
]
HARMLESS_TODAY = [a_pager, a_tool_for_differences, a_summary_of_submodules]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_plain_git_runs_the_commands_a_repository_configures(
    marker: Path, attack: Callable[[Path], None]
):
    """Otherwise the tests below would prove nothing."""
    attack(marker)
    subprocess.run(_USED_TO_RUN, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert marker.exists()


@pytest.mark.parametrize("attack", ATTACKS + HARMLESS_TODAY, ids=lambda attack: attack.__name__)
def test_commands_that_a_repository_configures_are_not_run(
    marker: Path, attack: Callable[[Path], None]
):
    attack(marker)
    provenance()
    context()
    assert not marker.exists()


def test_a_git_found_through_a_relative_path_entry_is_not_run(
    marker: Path, monkeypatch: pytest.MonkeyPatch
):
    a_command(marker).rename("git")
    for path in (".", "", "../work"):
        monkeypatch.setenv("PATH", f"{path}{os.pathsep}/bin")
        provenance()
    assert not marker.exists()


def test_git_environment_variables_are_not_passed_on(marker: Path, monkeypatch: pytest.MonkeyPatch):
    """They are set in a git hook; which commit is checked out depends on the directory."""
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(a_command(marker)))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")
    assert provenance()["dirty"] is False
    assert not marker.exists()


@pytest.mark.usefixtures("marker")
def test_filters_configured_by_the_user_are_used():
    """A git lfs file differs from the commit's content without being changed."""
    git("config", "--global", "filter.shout.clean", "tr a-z A-Z")
    git("config", "--global", "filter.shout.required", "true")
    Path(".gitattributes").write_text("*.txt filter=shout\n")
    Path("note.txt").write_text("quiet")
    git("add", ".")
    git("commit", "-q", "-m", "y")
    os.utime("note.txt", (1, 1))
    assert provenance()["dirty"] is False


@pytest.mark.usefixtures("marker")
def test_checking_for_a_dirty_checkout_writes_nothing():
    before = Path(".git/index").read_bytes()
    touched()
    assert provenance()["dirty"] is False
    assert Path(".git/index").read_bytes() == before
    Path("program.json").write_text("[]")
    assert provenance()["dirty"] is True


@pytest.mark.parametrize("name", ["HEAD", "packed-refs", "config", "commondir"])
def test_a_pipe_in_place_of_a_git_file_does_not_block(
    marker: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    monkeypatch.setenv("LOGNAME", "login")
    path = Path(".git") / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    context()
    assert actor()
    assert not marker.exists()


def test_the_git_configuration_of_a_repository_of_another_user_does_not_name_the_actor(
    marker: Path, monkeypatch: pytest.MonkeyPatch
):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    monkeypatch.setenv("LOGNAME", "login")
    git("config", "user.email", "mallory@example.org")
    assert actor() == "mallory@example.org"
    monkeypatch.setattr(user, "own_uids", lambda: frozenset({4711}))
    assert actor() == "login"
    assert not marker.exists()
