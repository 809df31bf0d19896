"""The Makefile of the page, run by make."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from repositories import a_program, need, some_commands
from workflows import MAKE_PAGE, blocks

if TYPE_CHECKING:
    from pathlib import Path

EVIL = 'it\'s "$(touch injected)" `touch injected`; touch injected #'


class Workshop:
    """A directory with the Makefile, a program and a registry in it."""

    def __init__(self, home: Path) -> None:
        self.home = home / "work"
        self.home.mkdir()
        self._commands = some_commands(home / "commands")
        self.write("Makefile", blocks(MAKE_PAGE, "make")[0])
        self.write("evaluate.py", "print('{\"accuracy\": 0.9}')\n")
        self.write("program.json", a_program())
        self.run("dspyreg", "init")

    def write(self, name: str, text: str) -> None:
        (self.home / name).write_text(text)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self._commands), os.environ["PATH"]])
        environ = {
            "PATH": path,
            "HOME": str(self.home),
            "DSPYREG_ACTOR": "ada",
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            command, cwd=self.home, env=environ, capture_output=True, text=True, check=False
        )

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = self.run("make", "--warn-undefined-variables", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "warning: undefined" not in done.stderr
        return done

    def live(self) -> str:
        return self.run("dspyreg", "resolve", "qa@production").stdout.strip()

    def entry(self) -> dict[str, str]:
        return json.loads(self.run("dspyreg", "log", "--json", "-n", "1").stdout)["entries"][0]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    need("make")
    return Workshop(tmp_path)


def release(workshop: Workshop) -> None:
    for words in (["register"], ["promote", "TO=staging"], ["check"], ["promote"]):
        workshop.make(*words)


def test_the_commands_on_the_page_release_and_roll_back(workshop: Workshop):
    release(workshop)
    workshop.write("program.json", a_program("Answer in one word."))
    for line in blocks(MAKE_PAGE, "sh")[0].splitlines():
        done = workshop.run("bash", "-c", line)
        assert done.returncode == 0, done.stderr
    assert workshop.live() == "1.0.0"
    assert workshop.entry()["reason"] == "wrong on dates; don't use"


def test_a_repeated_release_changes_nothing(workshop: Workshop):
    release(workshop)
    release(workshop)
    assert workshop.live() == "1.0.0"
    assert workshop.entry()["operation"] == "promote"


def test_a_failing_check_stops_make_and_prints_the_reason(workshop: Workshop):
    policy = 'format: 1\npolicies: {production: {metrics: ["accuracy >= 0.95"]}}\n'
    workshop.write("registry.yaml", policy)
    workshop.run("dspyreg", "config", "apply", "registry.yaml", "--yes")
    workshop.make("register")
    workshop.make("promote", "TO=staging")
    done = workshop.run("make", "check", "promote")
    assert done.returncode == 2
    assert "accuracy 0.9 does not meet >= 0.95" in done.stdout
    assert "dspyreg promote" not in done.stdout


def test_a_breaking_difference_is_printed_and_stops_make(workshop: Workshop):
    release(workshop)
    workshop.write("program.json", a_program(output="reply"))
    done = workshop.run("make", "diff")
    assert done.returncode == 2
    assert "`answer`" in done.stdout


def test_a_reason_is_never_run_as_code(workshop: Workshop):
    release(workshop)
    workshop.make("register", f"CHANGELOG={EVIL}".replace("$", "$$"))
    workshop.run("dspyreg", "register", "qa", "evaluate.py", "--any-file")
    workshop.make("promote", "TO=staging")
    workshop.make("promote")
    workshop.make("rollback", f"REASON={EVIL}".replace("$", "$$"))
    assert workshop.entry()["reason"] == EVIL
    assert not (workshop.home / "injected").exists()


def test_the_live_version_is_written_to_a_file_only_if_there_is_one(workshop: Workshop):
    assert workshop.run("make", "live.json").returncode == 2
    assert not (workshop.home / "live.json").exists()
    release(workshop)
    workshop.make("live.json")
    assert (workshop.home / "live.json").read_text() == a_program()


@pytest.mark.parametrize("target", ["help", "status", "approve"])
def test_the_remaining_targets_run(workshop: Workshop, target: str):
    workshop.make("register")
    workshop.make("promote", "TO=staging")
    assert workshop.make(target, "VERSION=1.0.0").stdout
