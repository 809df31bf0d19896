"""The real programs to test with: the few that ship with the package, and a folder of many.

``DSPYREG_CORPUS`` names the folder. It holds ``made/`` (saved by many versions of DSPy: states
in ``program.json`` and ``program.pkl``, whole programs in ``saved_program/``) and ``found/``
(states from public repositories, under names of their own).
"""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from dspyreg.model.protected import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "DSPYREG_CORPUS"
FOLDER = Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def shipped() -> list[Path]:
    """Return the states that ship with the package."""
    return sorted(Path(str(files("dspyreg").joinpath("demo", "programs"))).glob("*.json"))


def in_the_corpus() -> list[Path]:
    """Return every JSON state, pickled state and program directory; none without a corpus."""
    return [] if FOLDER is None else sorted(_below(FOLDER))


def _below(folder: Path) -> Iterator[Path]:
    yield from folder.glob("made/**/program.json")
    yield from folder.glob("made/**/program.pkl")
    yield from folder.glob("made/**/saved_program")
    yield from (path for path in folder.glob("found/**/*.json") if path.is_file())


def contents(path: Path) -> dict[str, bytes]:
    """Return the bytes of a file, or of all files of a directory by path, without the checkout
    marker.
    """
    if path.is_file():
        return {path.name: path.read_bytes()}
    below = sorted(each for each in path.rglob("*") if each.is_file() and each.name != MARKER)
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in below}
