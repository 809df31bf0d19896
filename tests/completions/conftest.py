"""A store to complete from, and the shells to complete in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry, a_program
from shells import SHELLS, Shell, a_command, surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS = "from dspyreg.cli.app import main; main()"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with ``qa``, live in production for the second time, and ``promote``, a program named
    like a command.
    """
    directory = tmp_path_factory.mktemp("registry")
    with a_local_registry(directory / "store") as registry:
        programs = Programs(registry, directory)
        programs.in_production("qa", "1.0.0")
        programs.in_production("qa", "1.1.0-rc.1+b.7")
        programs.register("qa", "2.0.0")
        programs.register("promote", "1.0.0")
    return directory / "store"


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for PATH with ``dspyreg`` in it."""
    return a_command(tmp_path_factory.mktemp("commands"), OURS)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a few files in it."""
    directory = tmp_path_factory.mktemp("place")
    (directory / "program.json").write_text(a_program())
    (directory / "metrics.yaml").write_text("em: 1")
    (directory / "out").mkdir()
    return directory


@pytest.fixture(scope="module", params=SHELLS, ids=lambda kind: kind.__name__)
def shell(
    request: pytest.FixtureRequest, commands: Path, store: Path, place: Path
) -> Iterator[Shell]:
    """Each shell in turn."""
    opened = request.param(surroundings(commands, store, place), place)
    yield opened
    opened.close()
