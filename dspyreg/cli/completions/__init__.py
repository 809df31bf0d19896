"""The completion scripts of bash, zsh and fish, generated from the commands.

click's own are not used: bash breaks words at ``@``, ``:`` and ``=``, which selectors are full of.
Commands and options are in the script, so that no process starts for them. Only names in a
registry are asked for, with ``dspyreg __complete``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from dspyreg.errors import UsageError

FILES: Final = {"bash": "dspyreg.bash", "zsh": "_dspyreg", "fish": "dspyreg.fish"}


def script(shell: str) -> str:
    """Return the completion script of a shell. Raises ``UsageError``."""
    if shell not in FILES:
        raise UsageError("shell-unknown", shell=shell)
    from dspyreg.cli.completions.grammar import commands

    text: str = import_module(f"dspyreg.cli.completions.{shell}").script(commands())
    return text
