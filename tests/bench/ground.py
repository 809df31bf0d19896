"""What is measured, and what it is measured against: an installed package, stores, floors."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SOURCE = HERE.parent.parent
PACKAGED = ("pyproject.toml", "README.md", "LICENSE", "dspyreg")
GIB = 1 << 30
MANY_FILES = 100_000
MANY_MEASUREMENTS = 1_000_000
HELLO = """\
import typer

app = typer.Typer()


@app.command()
def main(name: str = "world") -> None:
    print(f"hello {name}")


app()
"""


def a_program(instructions: str = "Answer.") -> str:
    """Return a small saved state."""
    signature = {"instructions": instructions, "fields": []}
    return json.dumps({"predict": {"demos": [], "signature": signature}})


class Process(NamedTuple):
    """How long a process took, in seconds, and the most memory that it had, in bytes."""

    seconds: float
    peak: int


class Ground:
    """A directory with all that the rows share; each part is made when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("DSPYREG_") and name != "PYTHONDONTWRITEBYTECODE"
        }
        self.environment["DSPYREG_ACTOR"] = "ada"

    @cached_property
    def python(self) -> str:
        """The interpreter of an environment that has the package, compiled, and not editable."""
        self.say("installing the package")
        environment, source = self.directory / "environment", self.directory / "source"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        source.mkdir()
        for name in PACKAGED:
            whole = SOURCE / name
            copy = shutil.copytree if whole.is_dir() else shutil.copy
            copy(whole, source / name)
        python = str(environment / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--compile", source], check=True, env=self.environment)
        return python

    @cached_property
    def hello(self) -> list[str]:
        """The floor of a command: a typer hello world, on the same typer."""
        program = self.directory / "hello.py"
        program.write_text(HELLO)
        return [self.python, str(program)]

    @cached_property
    def small(self) -> Path:
        """A store with 300 versions and 1,500 entries."""
        return self.store("small", 300, 1_500)

    @cached_property
    def large(self) -> Path:
        """A store with 10,000 versions and 100,000 entries."""
        return self.store("large", 10_000, 100_000)

    @cached_property
    def gigabyte(self) -> Path:
        """A file of 1 GiB."""
        path = self.directory / "gigabyte.bin"
        with open(path, "wb") as file:
            file.writelines(os.urandom(1 << 24) for _ in range(GIB >> 24))
            file.flush()
            os.fsync(file.fileno())
        return path

    @cached_property
    def many_files(self) -> Path:
        """A directory of 100,000 small files."""
        self.say(f"making {MANY_FILES:,} files")
        root = self.directory / "many"
        for nth in range(MANY_FILES):
            path = root / f"{nth // 1000:03d}" / f"{nth:06d}.txt"
            if nth % 1000 == 0:
                path.parent.mkdir(parents=True)
            path.write_text(f"file {nth}\n" * 40)
        return root

    @cached_property
    def measured(self) -> Path:
        """A store with one version that was measured a million times."""
        self.say(f"making a store of {MANY_MEASUREMENTS:,} measurements")
        path = self.directory / "measured"
        self.inside("inside.py", "measured", path, MANY_MEASUREMENTS)
        return path

    def store(self, name: str, versions: int, entries: int) -> Path:
        """Return a store, made through the public API."""
        self.say(f"making a store of {versions:,} versions and {entries:,} entries")
        path = self.directory / name
        begun = time.perf_counter()
        self.inside("stores.py", path, versions, entries)
        self.say(f"made in {time.perf_counter() - begun:.0f} s")
        return path

    def fresh_store(self) -> Path:
        """Return an empty store that nobody else uses."""
        path = self.directory / f"fresh-{time.monotonic_ns()}"
        self.dspyreg(path, "init")
        return path

    def inside(self, program: str, *words: object) -> str:
        """Run one of the programs beside this one on the installed package; return its output."""
        command = [self.python, str(HERE / program), *map(str, words)]
        done = subprocess.run(
            command, check=True, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()

    @property
    def script(self) -> str:
        """The installed command."""
        return str(Path(self.python).with_name("dspyreg"))

    def dspyreg(self, store: Path, *words: object) -> Process:
        """Run a command of the package as users do: its script, a process of its own."""
        return self.run([self.script, "--store", str(store), *map(str, words)])

    def told(self, store: Path, *words: object) -> str:
        """Run a command and return what it prints."""
        command = [self.script, "--store", str(store), *map(str, words)]
        return subprocess.run(
            command, check=True, env=self.environment, stdout=subprocess.PIPE, text=True
        ).stdout

    def run(self, command: list[str]) -> Process:
        """Run a whole process and measure it. Raises ``CalledProcessError``."""
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        unit = 1 if sys.platform == "darwin" else 1024
        return Process(seconds, usage.ru_maxrss * unit)

    def say(self, text: str) -> None:
        """Tell whoever waits what is being done."""
        print(f"… {text}", file=sys.stderr, flush=True)


def medians(runs: int, *measures: Callable[[], float]) -> list[float]:
    """Return the median of each measure, taken in turns: A B A B, after one round unheard."""
    found: list[list[float]] = [[] for _ in measures]
    for nth in range(runs + 1):
        for measure, values in zip(measures, found, strict=True):
            value = measure()
            if nth:
                values.append(value)
    return [statistics.median(values) for values in found]
