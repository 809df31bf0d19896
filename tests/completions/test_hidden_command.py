"""``dspyreg __complete``, as a process: what the scripts rely on."""

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


def test_it_prints_one_name_a_line(dspyreg: Command) -> None:
    assert dspyreg(COMPLETE, "environment", "").stdout == "development\nstaging\nproduction\n"


def test_it_takes_the_store_that_is_given(dspyreg: Command, store: Path) -> None:
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
def test_it_says_nothing_where_there_is_nothing_to_say(
    dspyreg: Command, words: tuple[str, ...]
) -> None:
    done = dspyreg(COMPLETE, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_makes_nothing_where_there_is_no_store(dspyreg: Command, tmp_path: Path) -> None:
    dspyreg(COMPLETE, "--store", tmp_path / "store", "program", "")
    assert os.listdir(tmp_path) == []


def test_the_help_does_not_mention_it(dspyreg: Command) -> None:
    assert COMPLETE not in dspyreg("--help").stdout
