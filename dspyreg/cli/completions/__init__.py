"""The completion scripts of bash, zsh and fish, made from the commands there are.

Our own, and not click's: bash breaks words at ``@``, ``:`` and ``=``, which selectors are full
of; and commands and options stand in the script, so that no process starts for them. Only names
that a registry holds are asked for, with ``dspyreg __complete``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from dspyreg.errors import UsageError

FILES: Final = {"bash": "dspyreg.bash", "zsh": "_dspyreg", "fish": "dspyreg.fish"}


def script(shell: str) -> str:
    """Return the completion script of a shell. Raises ``UsageError`` for one we do not know."""
    if shell not in FILES:
        raise UsageError(f"no completion for {shell!r}", hint="there are bash, zsh and fish")
    from dspyreg.cli.completions.grammar import verbs

    text: str = import_module(f"dspyreg.cli.completions.{shell}").script(verbs())
    return text
