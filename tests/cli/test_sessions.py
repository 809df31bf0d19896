"""Sessions: ``tests/cli/*.txt``, each run in a directory of its own; ``--accept`` rewrites them.

A session is blocks apart by an empty line. ``# …`` remarks, ``$ …`` acts, and the rest of the
block is what came of it: standard output as it is (tabs shown as ⇥), standard error behind
``! ``, an exit code other than 0 as ``[1]``. What differs from run to run is shown as ``…``.

Beside ``$ dspyreg …`` there are ``$ write FILE`` (the ``> `` lines below are its content),
``$ at TIME`` and ``$ as NAME`` for what follows, ``$ terminal`` and ``$ pipe`` for what standard
output is.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from commandline import Ran, dspyreg

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSIONS = sorted(Path(__file__).parent.glob("*.txt"))
_VARYING = (
    (re.compile(r"b3:[0-9a-f]{64}"), "b3:…"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "…"),
    (re.compile(r"\b([a-z]+-)?[0-9a-f]{16}\b"), r"\1…"),
    (re.compile(r"(context\.(?:host|python|dspy):? +).+"), r"\1…"),
    (re.compile(r'"(host|python|dspy)":"[^"]*"'), r'"\1":"…"'),
)


class Block(NamedTuple):
    """Remarks, one command, and its input."""

    remarks: tuple[str, ...]
    act: str
    given: tuple[str, ...]


def blocks(text: str) -> Iterator[Block]:
    """Return the blocks of a session without their output."""
    for part in re.split(r"\n\n(?=# |\$ )", text.strip("\n")):
        lines = part.split("\n")
        remarks = tuple(line for line in lines if line.startswith("# "))
        act = next((line for line in lines if line.startswith("$ ")), "")
        yield Block(remarks, act, tuple(line for line in lines if line.startswith("> ")))


class Player:
    """Plays a session, block by block."""

    def __init__(self) -> None:
        self.terminal = False

    def play(self, block: Block) -> str:
        """Return the block with its output."""
        acts = (block.act, *block.given) if block.act else ()
        return "\n".join((*block.remarks, *acts, *self._act(block)))

    def _act(self, block: Block) -> Iterator[str]:
        words = shlex.split(block.act.removeprefix("$ "))
        match words:
            case ["dspyreg", *rest]:
                yield from _shown(dspyreg(*rest, terminal=self.terminal))
            case ["write", name]:
                content = "".join(line.removeprefix("> ") + "\n" for line in block.given)
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                Path(name).write_text(content)
            case ["at", moment]:
                os.environ["DSPYREG_NOW"] = moment
            case ["as", name]:
                os.environ["DSPYREG_ACTOR"] = name
            case ["terminal" | "pipe"]:
                self.terminal = words == ["terminal"]
            case []:
                return
            case _:
                raise AssertionError(f"not an act: {block.act}")


def _shown(ran: Ran) -> Iterator[str]:
    yield from (_settled(line).replace("\t", "⇥") for line in ran.out.splitlines())
    yield from (f"! {_settled(line)}" for line in ran.err.splitlines())
    if ran.status:
        yield f"[{ran.status}]"


def _settled(line: str) -> str:
    line = line.replace(f"{Path.cwd()}/", "…/")
    for pattern, shown in _VARYING:
        line = pattern.sub(shown, line)
    return line.rstrip(" ")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("session", SESSIONS, ids=lambda path: path.stem)
def test_every_session_prints_what_its_file_shows(session: Path, request: pytest.FixtureRequest):
    written, player = session.read_text(), Player()
    played = "\n\n".join(player.play(block) for block in blocks(written)) + "\n"
    if request.config.getoption("--accept"):
        session.write_text(played)
    else:
        assert played == written
