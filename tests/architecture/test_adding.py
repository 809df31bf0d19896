"""Adding one of a kind touches what docs/contributing.md promises: a new file and a line or two.

Each test adds something to a copy of the package, uses it, and counts the files that differ.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dspyreg

ROOT = Path(dspyreg.__file__).parent


class Copy:
    """A copy of the package that something is added to."""

    def __init__(self, parent: Path) -> None:
        self.parent, self.package = parent, parent / "dspyreg"
        shutil.copytree(ROOT, self.package, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, path: str, text: str) -> None:
        """Add a file."""
        file = self.package / path
        assert not file.exists()
        file.write_text(text, encoding="utf-8")

    def insert(self, path: str, after: str, line: str) -> None:
        """Add a line after another one."""
        file = self.package / path
        text = file.read_text(encoding="utf-8")
        assert text.count(after) == 1, f"{after!r} is not in {path} once"
        file.write_text(text.replace(after, after + line), encoding="utf-8")

    def touched(self) -> dict[str, int]:
        """Return the added lines of each file that differs; a new file counts as 0."""
        changed = {}
        for file in self.package.rglob("*.py"):
            path = file.relative_to(self.package)
            if not (ROOT / path).exists():
                changed[path.as_posix()] = 0
            elif file.read_bytes() != (ROOT / path).read_bytes():
                before = (ROOT / path).read_text(encoding="utf-8").count("\n")
                changed[path.as_posix()] = file.read_text(encoding="utf-8").count("\n") - before
        return changed

    def run(self, *words: str) -> str:
        """Run Python on the copy, in an empty directory, and return what it prints."""
        environment = {**os.environ, "PYTHONPATH": str(self.parent), "DSPYREG_ACTOR": "ada"}
        place = self.parent / "work"
        place.mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, *words],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


BACKEND = '''
"""Stores on a shelf: they last as long as the process."""

from dspyreg.backends import memory
from dspyreg.errors import NotFound

SHELF = {}

def create_store(location, *, shared):
    SHELF[str(location)] = memory.create()
    return SHELF[str(location)].registry_id

def open_store(location, *, allow_network, tell):
    if str(location) not in SHELF:
        raise NotFound("registry", str(location))
    return SHELF[str(location)]
'''
USING_IT = """
import dspyreg
made = dspyreg.init("shelf://one")
with dspyreg.open("shelf://one") as registry:
    print(registry.registry_id == made)
"""


def test_adding_a_backend_takes_a_file_and_a_row(copy: Copy):
    copy.write("backends/shelf.py", BACKEND)
    row = '    "shelf": "dspyreg.backends.shelf",\n'
    copy.insert("backends/known.py", "BACKENDS: Final[dict[str, str]] = {\n", row)
    assert copy.run("-c", USING_IT) == "True\n"
    assert copy.touched() == {"backends/shelf.py": 0, "backends/known.py": 1}


FORMAT = '''
"""Results as names and values with a colon between."""

from dspyreg.render.results import document

def render(result, options):
    return "".join(f"{name}: {value}\\n" for name, value in document(result).items())
'''
RENDERING = """
from dspyreg.model.digest import Digest
from dspyreg.registry.read.resolve import Resolution
from dspyreg.render.known import render
print(render(Resolution("qa", "1.0.0", 1, Digest.of(b""), None, 3), "colons"), end="")
"""


def test_adding_an_output_format_takes_a_file_and_a_row(copy: Copy):
    copy.write("render/as_colons.py", FORMAT)
    copy.insert("render/known.py", '    "csv": "as_csv",\n', '    "colons": "as_colons",\n')
    assert copy.run("-c", RENDERING).startswith("program: qa\nlabel: 1.0.0\nnumber: 1\n")
    assert copy.touched() == {"render/as_colons.py": 0, "render/known.py": 1}


USE_CASE = '''
"""The length of the log."""

def count(context):
    """Return how many entries there are."""
    return sum(1 for _ in context.entries.all_lines())
'''
COMMAND = '''
"""``count``."""

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

app = typer.Typer()


@app.command("count")
def count(ctx: params.Context) -> None:
    """Count the entries."""
    session = Session.of(ctx)
    print(session.registry.count())
'''
LOOK = '''class LookMethods(MethodFamily):
    """Answers about programs, versions and the log."""
'''
METHOD = '''
    @reading
    def count(self) -> int:
        """Return how many entries there are."""
        return use.counting.count(self.context)

'''
ROW = '    "count": CliCommand("look.counting", "Count the entries."),\n'


def test_adding_a_command_takes_a_use_case_a_method_and_rows(copy: Copy):
    copy.write("registry/read/counting.py", USE_CASE)
    copy.write("cli/look/counting.py", COMMAND)
    copy.insert("cli/commands.py", "COMMANDS: Final = {\n", ROW)
    copy.insert("registry/facade/use.py", '    "registry.read": "', "counting ")
    copy.insert("registry/facade/look.py", LOOK, METHOD)
    assert "  count" in copy.run("-m", "dspyreg", "--help")
    copy.run("-m", "dspyreg", "init")
    assert copy.run("-m", "dspyreg", "count") == "0\n"
    assert copy.touched() == {
        "registry/read/counting.py": 0,
        "cli/look/counting.py": 0,
        "cli/commands.py": 1,
        "registry/facade/use.py": 0,
        "registry/facade/look.py": 6,
    }
