"""Play the ``console`` blocks of a page, each page in its own directory.

    python tests/docs/console_blocks.py docs/tutorial/first-registry.md

writes into the page what its commands print today; a test only compares. In a block ``$ …`` is a
command, ``> …`` its next lines, the rest its output as a terminal of 100 columns shows it. A
comment ``<!-- given: … -->`` holds commands that come first, one a line, and are not shown.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_GIVEN = re.compile(r"^<!-- given:\n(.*?)^-->$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ .*\n(?:> .*\n)*", re.MULTILINE)
_UNSEEN = re.compile(r" +$|^context\..*\n", re.MULTILINE)  # blanks, and the name of this machine
_VARYING = (
    (re.compile(r"b3:[0-9a-f]{6,64}"), "b3:…"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "…"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "…"),
    (re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"), "TIME"),
)


def pages() -> list[Path]:
    """Return the pages with blocks to play."""
    return [page for page in sorted(DOCS.rglob("*.md")) if "```console\n" in page.read_text()]


def normalised(text: str) -> str:
    """Return a page without what differs from run to run."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text


def played(page: str, directory: Path) -> str:
    """Return the page with the current output of its commands."""
    for lines in _GIVEN.findall(page):
        for line in lines.splitlines():
            status, output = _run(line, directory)
            assert status == 0, f"{line}\n{output}"

    def block(match: re.Match[str]) -> str:
        return "".join(_with_output(command, directory) for command in _commands(match[0]))

    return _BLOCK.sub(block, page)


def _commands(text: str) -> list[str]:
    return _COMMAND.findall(text)


def _with_output(shown: str, directory: Path) -> str:
    command = "\n".join(line[2:] for line in shown.splitlines())
    return shown + _UNSEEN.sub("", _run(command, directory)[1])


def _run(command: str, directory: Path) -> tuple[int, str]:
    """Run a command with a terminal as its output and no input; return both streams."""
    ours, its = pty.openpty()
    script = f'dspyreg() {{ "{sys.executable}" -m dspyreg "$@"; }}\n{command}'
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "DSPYREG_ACTOR": "ada",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    child = subprocess.Popen(
        ["bash", "-c", script],
        cwd=directory,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    told = b""
    with suppress(OSError):  # the other end is closed
        while some := os.read(ours, 1 << 16):
            told += some
    os.close(ours)
    return child.wait(), told.decode().replace("\r\n", "\n")


def main(paths: list[str]) -> None:
    """Write the current output of the commands into each page."""
    for path in map(Path, paths):
        with tempfile.TemporaryDirectory() as directory:
            path.write_text(played(path.read_text(), Path(directory)))


if __name__ == "__main__":
    main(sys.argv[1:])
