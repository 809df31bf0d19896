"""The actor: where its name comes from, and in which order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tree import write

from dspyreg.errors import UsageError
from dspyreg.system.actor import actor

if TYPE_CHECKING:
    from pathlib import Path


def test_each_source_of_the_actor_goes_before_those_after_it(
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
def test_the_actor_of_each_ci_is_known(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "ci")
    assert actor() == "ci"


@pytest.mark.parametrize("name", ["DSPYREG_ACTOR", "GITHUB_ACTOR"])
def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "")
    assert actor() == "login"


def test_gits_user_is_named_by_the_address(home: Path):
    write(home / ".gitconfig", '[core]\n  email = no\n[user]\n  name = Ada\n  email = "a@b.c"\n')
    assert actor() == "a@b.c"


def test_the_repositorys_user_goes_before_the_users_own(home: Path):
    write(home / ".gitconfig", "[user]\n\temail = home@b.c\n")
    write(".git/config", "[user]\n\temail = repository@b.c\n")
    assert actor() == "repository@b.c"


def test_a_worktree_has_the_user_of_its_repository():
    write("../main/.git/config", "[user]\n\temail = repository@b.c\n")
    write("../main/.git/worktrees/here/commondir", "../..\n")
    write(".git", "gitdir: ../main/.git/worktrees/here\n")
    assert actor() == "repository@b.c"


def test_the_user_may_stand_in_the_other_place_of_gits_configuration(home: Path):
    write(home / ".config/git/config", "[user]\n\temail = xdg@b.c\n")
    assert actor() == "xdg@b.c"


def test_gits_environment_goes_before_its_files(home: Path, monkeypatch: pytest.MonkeyPatch):
    write(home / ".gitconfig", "[user]\n\temail = file@b.c\n")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "environment@b.c")
    assert actor() == "environment@b.c"


def test_comments_and_other_sections_are_no_user(home: Path):
    write(home / ".gitconfig", '[user "x"]\nemail = a@b.c\n[user]\n# email = a@b.c\n;name = x\n')
    assert actor() == "login"


@pytest.mark.parametrize("name", ["a\nb", " ", "\x1b[31m", "x" * 201, "\udcff"])
def test_an_actor_is_one_printable_line(name: str):
    with pytest.raises(UsageError, match="actor"):
        actor(name)


def test_nobody_is_a_usage_error(monkeypatch: pytest.MonkeyPatch):
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    with pytest.raises(UsageError) as caught:
        actor()
    assert caught.value.command_hint == "--as=NAME or DSPYREG_ACTOR"


@pytest.mark.parametrize("given", ["b\u00f3b", "bo\u0301b", " b\u00f3b "])
def test_one_person_is_spelt_one_way(given: str):
    assert actor(given) == "b\u00f3b"


def test_neither_is_a_configuration_that_is_one(home: Path):
    os.mkfifo(home / ".gitconfig")
    assert actor() == "login"
