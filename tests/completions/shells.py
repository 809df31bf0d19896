"""bash, zsh and fish with our script loaded: their candidates, and the effect of TAB."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPTS = Path(__file__).parents[2] / "completions"
_BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
    "/usr/local/etc/profile.d/bash_completion.sh",
)
_ZSH = f"""\
zstyle ':completion:*' menu no; zstyle ':completion:*' insert yes; LISTMAX=1000
fpath=({SCRIPTS} $fpath); autoload -U compinit; compinit -u -D; bindkey -e
zle -C every complete-word _generic; bindkey '^X^A' every
zstyle ':completion:every:*' completer _all_matches _complete"""


def a_command(directory: Path, body: str) -> Path:
    """Create a directory for PATH with a ``dspyreg`` that uses this Python."""
    directory.mkdir(parents=True, exist_ok=True)
    command = directory / "dspyreg"
    command.write_text(f"#!{sys.executable}\n{body}\n")
    command.chmod(0o755)
    return directory


def surroundings(commands: Path, store: Path, home: Path) -> dict[str, str]:
    """Return an environment with only ``dspyreg`` and a store."""
    return {
        "PATH": f"{commands}:/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin",
        "DSPYREG_STORE": str(store),
        "DSPYREG_ACTOR": "ada",
        "HOME": str(home),
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }


class Shell:
    """A running shell; lines are given without the leading ``dspyreg``."""

    name: ClassVar[str]

    def __init__(self, environ: Mapping[str, str], directory: Path) -> None:
        self.require()
        self.environ, self.directory = dict(environ), directory
        self.terminal = Terminal([self.name, *self.arguments()], self.environ, directory)
        self.prepare()

    def require(self) -> None:
        """Skip with a message if the shell is not available."""
        if shutil.which(self.name) is None:
            pytest.skip(f"{self.name} is not installed: its completion is not tested")

    def arguments(self) -> list[str]:
        raise NotImplementedError

    def prepare(self) -> None:
        raise NotImplementedError

    def offers(self, line: str) -> set[str]:
        """Return every candidate for the end of the line."""
        raise NotImplementedError

    def after_tab(self, keys: str) -> list[str]:
        """Return the words of a line typed with tabs."""
        return self.terminal.words(f"dspyreg {keys}")[1:]

    def close(self) -> None:
        self.terminal.close()

    def _inserted(self, line: str, key: str) -> list[str]:
        """Press a key that inserts every candidate; return the candidates."""
        before = [word for word in line.split(" ") if word]
        typed = "" if not line or line.endswith(" ") else before.pop()
        found = self.after_tab(line + key)[len(before) :]
        return [] if found == [typed] else [_whole(typed, word) for word in found]


def _whole(typed: str, word: str) -> str:
    """Complete a candidate of bash, which omits what precedes the last break in the typed word."""
    heads = (typed[:at] for at in range(len(typed) + 1))
    return next(head + word for head in heads if (head + word).startswith(typed))


class Bash(Shell):
    """bash without additions."""

    name = "bash"

    def arguments(self) -> list[str]:
        return ["--norc", "--noprofile", "-i"]

    def prepare(self) -> None:
        self.terminal.run(f"source {SCRIPTS}/dspyreg.bash")

    def offers(self, line: str) -> set[str]:
        return set(self._inserted(line, "\x1b*"))


class BashWithBashCompletion(Bash):
    """bash with the package bash-completion loaded."""

    def require(self) -> None:
        super().require()
        if self._package() is None:
            pytest.skip("bash-completion is not installed: bash is tested without it only")

    def prepare(self) -> None:
        self.terminal.run(f"source {self._package()}")
        super().prepare()

    def _package(self) -> str | None:
        return next((path for path in _BASH_COMPLETION if Path(path).exists()), None)


class BashWithoutBreaks(Bash):
    """bash with our characters removed from COMP_WORDBREAKS."""

    def prepare(self) -> None:
        self.terminal.run("COMP_WORDBREAKS=${COMP_WORDBREAKS//[@:=]}")
        super().prepare()


class Zsh(Shell):
    """zsh with its completion system."""

    name = "zsh"

    def arguments(self) -> list[str]:
        return ["-f", "-i"]

    def prepare(self) -> None:
        for line in _ZSH.splitlines():
            self.terminal.run(line)

    def offers(self, line: str) -> set[str]:
        return set(self._inserted(line, "\x18\x01"))


class Fish(Shell):
    """fish, queried with ``complete -C``; TAB is pressed on a terminal."""

    name = "fish"

    def arguments(self) -> list[str]:
        return ["--no-config", "-i"]

    def prepare(self) -> None:
        self.terminal.run("set -g fish_autosuggestion_enabled 0")
        self.terminal.run(f"source {SCRIPTS}/dspyreg.fish")

    def offers(self, line: str) -> set[str]:
        command = f"source {SCRIPTS}/dspyreg.fish; complete -C $argv[1]"
        told = subprocess.run(
            [self.name, "--no-config", "-c", command, f"dspyreg {line}"],
            env=self.environ,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=True,
        )
        return {row.partition("\t")[0] for row in told.stdout.splitlines()}


SHELLS = (Bash, BashWithBashCompletion, BashWithoutBreaks, Zsh, Fish)
