"""A store of another user found while searching upward: a real one, so this needs root."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from builders import a_program
from commandline import a_plain_world, dspyreg

import dspyreg as package
from dspyreg.errors import Denied

if TYPE_CHECKING:
    from pathlib import Path

MALLORY = 4711


@pytest.fixture
def below(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory of ours below one that contains a store of another user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a store to another user")
    a_plain_world(monkeypatch, tmp_path)
    here = tmp_path / "work"
    (here / "one.json").write_text(a_program(1))
    (here / "registry.yaml").write_text(
        "policies: {staging: {command: 'touch it-ran'}}\n"
        "hooks: {before: {register: ['touch it-ran']}, after: {score: ['touch it-ran']}}\n"
    )
    dspyreg("init")
    dspyreg("register", "qa", "one.json")
    dspyreg("config", "apply", "registry.yaml", "--yes")
    (tmp_path / "home/.config/dspyreg/known_registries").unlink()
    for directory, names, files in os.walk(here):
        for name in (".", *names, *files):
            os.chown(os.path.join(directory, name), MALLORY, MALLORY)
    mine = here / "mine"
    mine.mkdir()
    monkeypatch.chdir(mine)
    return mine


def store_of(below: Path) -> Path:
    return below.parent / ".dspyreg"


@pytest.mark.parametrize(
    "line",
    [
        *("list", "resolve qa", "status qa", "log", "verify", "config show", "trust", "undo"),
        *("check qa", "plan qa", "promote qa@1.0.0 --dry-run", "register qa ../one.json"),
        *("score qa em=1", "gc --yes", "show qa", "diff ../one.json ../one.json"),
    ],
)
def test_a_store_of_another_user_is_refused_during_discovery(below: Path, line: str):
    done = dspyreg(*line.split(), "--json")
    assert done.status == 5
    assert done.error["code"] == "denied"
    assert str(store_of(below)) in done.error["message"]
    assert f"dspyreg trust --place --store {store_of(below)}" in done.error["hint"]
    assert not (below.parent / "it-ran").exists()


def test_a_store_of_another_user_is_used_when_named(below: Path, monkeypatch: pytest.MonkeyPatch):
    assert dspyreg("--store", store_of(below), "resolve", "qa").out == "1.0.0\n"
    monkeypatch.setenv("DSPYREG_STORE", str(store_of(below)))
    assert dspyreg("resolve", "qa").out == "1.0.0\n"
    assert dspyreg("check", "qa@1.0.0").status == 1
    assert not (below.parent / "it-ran").exists()


def test_a_store_of_another_user_is_used_when_the_environment_lists_it_as_safe(
    below: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DSPYREG_SAFE_STORES", f"/nowhere:{store_of(below)}")
    assert dspyreg("resolve", "qa").out == "1.0.0\n"


@pytest.mark.usefixtures("below")
def test_root_may_use_the_store_of_the_user_who_called_sudo(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SUDO_UID", str(MALLORY))
    assert dspyreg("resolve", "qa").out == "1.0.0\n"
    monkeypatch.setenv("SUDO_UID", str(MALLORY + 1))
    assert dspyreg("resolve", "qa").status == 5


def test_the_trust_command_in_the_hint_works_and_runs_nothing(below: Path):
    hint = dspyreg("resolve", "qa", "--json").error["hint"]
    words = hint.split("`")[1].split()[1:]
    assert dspyreg(*words).status == 2  # there is no terminal to ask on
    asked = dspyreg(*words, "--yes")
    assert asked.status == 0
    assert "owner\tuid 4711" in asked.out.replace(": ", "\t")
    assert dspyreg("resolve", "qa").out == "1.0.0\n"
    assert dspyreg("check", "qa@1.0.0").status == 1
    assert not (below.parent / "it-ran").exists()
    assert dspyreg("trust", "--yes").status == 0
    assert dspyreg("check", "qa@1.0.0").status == 0
    assert (below.parent / "it-ran").exists()


def test_trusting_a_store_also_marks_its_location_safe(below: Path):
    done = dspyreg("trust", "--store", store_of(below), "--yes", "--json")
    assert (done.document["safe"], done.document["trusted"]) == (True, True)
    assert done.document["owner"] == f"uid {MALLORY}"
    assert dspyreg("check", "qa@1.0.0").status == 0


@pytest.mark.usefixtures("below")
def test_completion_prints_nothing_and_runs_nothing_in_a_store_of_another_user():
    for kind in ("program", "selector", "label", "environment", "rung", "stage"):
        done = dspyreg("__complete", kind, "")
        assert (done.status, done.out, done.err) == (0, "", "")


def test_the_python_interface_refuses_a_store_of_another_user_unless_named(below: Path):
    with pytest.raises(Denied):
        package.open()
    with package.open(store_of(below)) as registry:
        assert registry.resolve("qa").label == "1.0.0"
        assert not registry.trust_report().trusted
    with package.open(store_of(below), trust="all") as registry:
        assert registry.trust_report().trusted


def test_files_that_root_writes_in_the_home_of_a_user_belong_to_that_user(
    below: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    os.chown(tmp_path / "home", MALLORY, MALLORY)
    os.chown(tmp_path / "home/.config", MALLORY, MALLORY)
    (tmp_path / "home/.config/dspyreg").rmdir()
    monkeypatch.setenv("SUDO_UID", str(MALLORY))
    assert dspyreg("trust", "--yes").status == 0
    for path in ("", "known_registries"):
        assert (tmp_path / "home/.config/dspyreg" / path).stat().st_uid == MALLORY
    assert dspyreg("check", "qa@1.0.0").status == 0
    assert below.exists()
