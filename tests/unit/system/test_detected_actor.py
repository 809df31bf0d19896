"""The actor: the sources of its name, and their precedence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tree import write

from dspyreg.errors import UsageError
from dspyreg.system.actor import actor

if TYPE_CHECKING:
    from pathlib import Path


def test_the_sources_of_the_actor_have_a_fixed_precedence(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    assert actor() == "login"
    write(home / ".gitconfig", "[user]\n  name = Ada L\n")
    assert actor() == "Ada L"
    monkeypatch.setenv("GITHUB_ACTOR", "ci")
    assert actor() == "ci"
    monkeypatch.setenv("DSPYREG_ACTOR", "me")
    assert actor() == "me"
    assert actor("given") == "given"


@pytest.mark.parametrize(
    "name", ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "CIRCLE_USERNAME"]
)
def test_the_actor_of_every_known_ci_is_used(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "ci")
    assert actor() == "ci"


@pytest.mark.parametrize("name", ["DSPYREG_ACTOR", "GITHUB_ACTOR"])
def test_an_empty_actor_variable_is_ignored(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "")
    assert actor() == "login"


def test_the_git_user_is_named_by_email(home: Path):
    write(home / ".gitconfig", '[core]\n  email = no\n[user]\n  name = Ada\n  email = "a@b.c"\n')
    assert actor() == "a@b.c"


def test_the_git_user_of_the_repository_takes_precedence(home: Path):
    write(home / ".gitconfig", "[user]\n\temail = home@b.c\n")
    write(".git/config", "[user]\n\temail = repository@b.c\n")
    assert actor() == "repository@b.c"


def test_a_worktree_uses_the_git_user_of_its_repository():
    write("../main/.git/config", "[user]\n\temail = repository@b.c\n")
    write("../main/.git/worktrees/here/commondir", "../..\n")
    write(".git", "gitdir: ../main/.git/worktrees/here\n")
    assert actor() == "repository@b.c"


def test_the_git_user_can_be_in_the_xdg_configuration(home: Path):
    write(home / ".config/git/config", "[user]\n\temail = xdg@b.c\n")
    assert actor() == "xdg@b.c"


def test_git_environment_variables_take_precedence_over_git_files(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    write(home / ".gitconfig", "[user]\n\temail = file@b.c\n")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "environment@b.c")
    assert actor() == "environment@b.c"


def test_comments_and_other_git_sections_are_ignored(home: Path):
    write(home / ".gitconfig", '[user "x"]\nemail = a@b.c\n[user]\n# email = a@b.c\n;name = x\n')
    assert actor() == "login"


@pytest.mark.parametrize("name", ["a\nb", " ", "\x1b[31m", "x" * 201, "\udcff"])
def test_an_actor_that_is_not_one_printable_line_is_a_usage_error(name: str):
    with pytest.raises(UsageError, match="actor"):
        actor(name)


def test_an_unknown_actor_is_a_usage_error(monkeypatch: pytest.MonkeyPatch):
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    with pytest.raises(UsageError) as caught:
        actor()
    assert caught.value.command_hint == "--as=NAME or DSPYREG_ACTOR"


@pytest.mark.parametrize("given", ["b\u00f3b", "bo\u0301b", " b\u00f3b "])
def test_actor_names_are_unicode_normalized(given: str):
    assert actor(given) == "b\u00f3b"


def test_a_fifo_in_place_of_the_git_configuration_does_not_block(home: Path):
    os.mkfifo(home / ".gitconfig")
    assert actor() == "login"
