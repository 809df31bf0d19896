"""A shell on a pseudo-terminal, driven by keystrokes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LINE_START, _LINE_END = "\x01", "\x05"
_PATIENCE = 30.0


def _take_the_terminal() -> None:
    """Make the shell control its terminal; fish exits otherwise."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """One interactive shell, driven by keystrokes."""

    def __init__(self, argv: list[str], environ: Mapping[str, str], directory: Path) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self._process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(environ),
            cwd=directory,
            start_new_session=True,
            preexec_fn=_take_the_terminal,  # noqa: PLW1509 - no threads here
        )
        os.close(slave)

    def close(self) -> None:
        """End the shell."""
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def run(self, line: str) -> None:
        """Run a command, and wait until it is done."""
        self._type(f"{line}; echo 'do''ne'\n")
        self._until(r"done\r?\n")

    def words(self, keys: str) -> list[str]:
        """Type keys; return the words of the resulting line as the shell reads them, without
        running the line.
        """
        self._type(f"{keys}{_LINE_START}printf '<%s>' begin {_LINE_END} end\n")
        return re.findall(r"<(.*?)>", self._until(r"<begin>(.*?)<end>"), re.DOTALL)

    def _type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def _until(self, pattern: str) -> str:
        """Return the last group of the pattern in the output from now on."""
        seen, end = "", time.monotonic() + _PATIENCE
        while (match := re.search(pattern, seen, re.DOTALL)) is None:
            ready, _, _ = select.select([self._master], [], [], max(0, end - time.monotonic()))
            assert ready, f"the shell never wrote {pattern!r}, only {seen!r}"
            seen += os.read(self._master, 65536).decode(errors="replace")
        return match[match.lastindex or 0]
