"""The completion scripts: up to date, and valid for their shells."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from shells import SCRIPTS

from dspyreg.cli.completions import FILES, script
from dspyreg.cli.completions.grammar import commands
from dspyreg.errors import UsageError

_every_shell = pytest.mark.parametrize("shell", FILES)


@_every_shell
def test_the_committed_script_is_up_to_date(shell: str) -> None:
    kept = SCRIPTS / FILES[shell]
    remedy = f"make it anew: dspyreg completion {shell} > completions/{FILES[shell]}"
    assert kept.read_text() == script(shell), remedy


@_every_shell
def test_the_shell_accepts_the_syntax_of_its_script(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: the syntax of its script is not checked")
    done = subprocess.run([shell, "-n", SCRIPTS / FILES[shell]], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@_every_shell
def test_every_option_of_every_command_is_in_the_script(shell: str) -> None:
    names = {name for verb in commands() for option in verb.options for name in option.names}
    if shell == "fish":  # -l long, -s s
        names = {f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names}
    text = script(shell)
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_contains_the_help_of_commands_and_options(shell: str) -> None:
    text = script(shell)
    assert "Move a version one rung up the ladder." in text
    assert "Register a copy and make that live." in text


def test_an_unknown_shell_is_refused() -> None:
    with pytest.raises(UsageError, match="no completion for 'tcsh'") as refusal:
        script("tcsh")
    assert refusal.value.hint == "one of: bash, zsh, fish"
