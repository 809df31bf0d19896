"""``dspyreg __complete`` as a process, as the completion scripts use it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from shells import surroundings

from dspyreg.cli.commands import COMPLETE

if TYPE_CHECKING:
    from pathlib import Path


class Command:
    """Runs ``dspyreg`` with the session's store."""

    def __init__(self, commands: Path, environ: dict[str, str], place: Path) -> None:
        self.program, self.environ, self.place = commands / "dspyreg", environ, place

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *words],
            env=self.environ,
            cwd=self.place,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def dspyreg(commands: Path, store: Path, place: Path) -> Command:
    return Command(commands, surroundings(commands, store, place), place)


def test_completion_prints_one_name_a_line(dspyreg: Command) -> None:
    assert dspyreg(COMPLETE, "environment", "").stdout == "development\nstaging\nproduction\n"


def test_completion_reads_the_store_named_by_its_option(dspyreg: Command, store: Path) -> None:
    dspyreg.environ["DSPYREG_STORE"] = "/nowhere"
    assert dspyreg(COMPLETE, "--store", store, "program", "q").stdout == "qa\n"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("program",),
        ("nosuchkind", ""),
        ("selector", "@@"),
        ("selector", "../x@"),
        ("label", "%"),
        ("label", "\udcff@"),
        ("--store", "/nowhere", "program", ""),
        ("--store", "/dev/null", "program", ""),
        ("--store",),
    ],
)
def test_completion_prints_nothing_when_there_are_no_candidates(
    dspyreg: Command, words: tuple[str, ...]
) -> None:
    done = dspyreg(COMPLETE, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_completion_does_not_create_a_store(dspyreg: Command, tmp_path: Path) -> None:
    dspyreg(COMPLETE, "--store", tmp_path / "store", "program", "")
    assert os.listdir(tmp_path) == []


def test_the_hidden_command_is_not_in_the_help(dspyreg: Command) -> None:
    assert COMPLETE not in dspyreg("--help").stdout
