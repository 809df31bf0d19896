"""The command as a real child under strace: record its system calls, or let one fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STRACE = shutil.which("strace")

# Calls that change something, or decide who may: only there does a kill make a difference.
CHANGING = [
    *(
        "openat",
        "write",
        "pwrite64",
        "fsync",
        "fdatasync",
        "syncfs",
        "rename",
        "renameat",
        "renameat2",
    ),
    *("link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "ftruncate"),
    *("copy_file_range", "utimensat", "flock", "fchmod", "fchown"),
]
READING = ["read", "pread64", "newfstatat", "getdents64"]
NEEDS_ROOM = {
    *("write", "pwrite64", "mkdir", "mkdirat", "rename", "renameat"),
    *("fsync", "fdatasync", "syncfs", "copy_file_range"),
}

_CALL = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)")
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>")
_PATH = re.compile(r'(?:"|\d<)(/[^">]*)')
_BELOW = re.compile(r'\d<(/[^>]*)>, "(?!/)([^"]+)"')  # a name in a directory that is open
_DRAWN = re.compile(r"tmp-[0-9a-f]{16}|(?<=\.)[0-9a-f]{8}$|[0-9a-f]{2}/[0-9a-f]{62}")


class Call(NamedTuple):
    """A system call: the how manieth of its name in its thread, and the paths below the store
    that it names; ``paths`` are those without what is drawn at random. ``begun`` and ``ended`` are
    lines of the trace.
    """

    name: str
    nth: int
    paths: tuple[str, ...]
    named: tuple[str, ...]
    text: str
    begun: int
    ended: int

    def __str__(self) -> str:
        return f"{self.name} #{self.nth} {' '.join(self.paths)}"

    @property
    def is_print(self) -> bool:
        """Whether the call prints something."""
        return self.name == "write" and re.search(r"write\([12]<", self.text) is not None

    @property
    def is_of_the_index(self) -> bool:
        """Whether SQLite made the call."""
        return any(path.startswith("index.sqlite") for path in self.paths)


class Run(NamedTuple):
    """The result of a command."""

    status: int
    stdout: str
    stderr: str
    trace: str


class Desk(NamedTuple):
    """A store, and a command line for it that leaves nothing elsewhere."""

    root: Path
    pycache: Path

    @property
    def store(self) -> Path:
        """The directory of the registry."""
        return self.root / ".dspyreg"

    def environment(self) -> dict[str, str]:
        """Return an environment in which a command makes the same system calls each time."""
        kept = {
            key: os.environ[key]
            for key in ("PATH", "HOME", "LANG", "PYTHONPATH")
            if key in os.environ
        }
        return {
            **kept,
            "DSPYREG_STORE": str(self.store),
            "DSPYREG_ACTOR": "ada",
            "DSPYREG_NOW": "2026-11-01T12:00:00Z",
            "PYTHONHASHSEED": "0",
            "PYTHONPYCACHEPREFIX": str(self.pycache),
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }

    def run(self, *words: str, strace: Sequence[str] = ()) -> Run:
        """Run a command as a child, under strace if given options for it."""
        return self.python("-m", "dspyreg", *words, strace=strace)

    def python(self, *words: str, strace: Sequence[str] = ()) -> Run:
        """Run Python as a child."""
        trace = self.root / "trace"
        before = [STRACE or "strace", "-f", "-y", "-o", str(trace), *strace] if strace else []
        done = subprocess.run(
            [*before, sys.executable, *words],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        told = trace.read_text(errors="replace") if strace else ""
        return Run(done.returncode, done.stdout, done.stderr, told)

    def record(self, *words: str, reads: bool = False) -> list[Call]:
        """Run a command that must succeed; return the calls that touch the store or print."""
        return self._record("-m", "dspyreg", *words, reads=reads)

    def record_python(self, source: str) -> list[Call]:
        """Run a program that must succeed; return the calls that touch the store or print."""
        return self._record("-c", source, reads=False)

    def _record(self, *words: str, reads: bool) -> list[Call]:
        watched = ",".join(CHANGING + READING * reads)
        done = self.python(*words, strace=["--seccomp-bpf", "-e", f"trace={watched}"])
        assert done.status == 0, done.stderr
        return [call for call in self.calls(done.trace) if call.paths or call.is_print]

    def fail(self, call: Call, fault: str, *words: str) -> tuple[Run, Call | None]:
        """Run a command and let one call fail; return its result and the call."""
        # With --seccomp-bpf strace sees only the calls it asks for, but cannot send signals.
        quick = [] if fault.startswith("signal") else ["--seccomp-bpf"]
        inject = f"inject={call.name}:{fault}:when={call.nth}"
        done = self.run(*words, strace=[*quick, "-e", f"trace={call.name}", "-e", inject])
        calls = self.calls(done.trace)
        if fault.startswith("signal"):
            return done, calls[-1] if done.status == -9 else None
        return done, next((each for each in calls if "(INJECTED)" in each.text), None)

    def calls(self, trace: str) -> list[Call]:
        """Return the calls of a trace in order."""
        counts: dict[tuple[str, str], int] = {}
        found, open_ones = list[Call](), dict[str, int]()
        for row, text in enumerate(trace.splitlines()):
            if (resumed := _RESUMED.match(text)) is not None:
                nth = open_ones.pop(resumed["pid"])
                found[nth] = found[nth]._replace(text=found[nth].text + text, ended=row)
            elif (match := _CALL.match(text)) is not None:
                key = match["pid"], match["name"]
                counts[key] = counts.get(key, 0) + 1
                open_ones[match["pid"]] = len(found)
                named = self._named(match["name"], match["rest"])
                paths = tuple(_DRAWN.sub("*", path) for path in named)
                found.append(Call(match["name"], counts[key], paths, named, text, row, row))
        return found

    def _named(self, call: str, text: str) -> tuple[str, ...]:
        arguments = text.rpartition(" = ")[0] or text  # -y names what openat returned as well
        if "at" in call:
            arguments = _BELOW.sub(r'"\1/\2"', arguments)
        below = str(self.store) + "/"
        paths = (f"{path}/" for path in _PATH.findall(arguments))
        mine = (path.removeprefix(below) for path in paths if path.startswith(below))
        return tuple(path.rstrip("/") or "." for path in mine)
