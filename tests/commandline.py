"""The command line, run inside the test's own process."""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH")


class Ran(NamedTuple):
    """The result of a command: its exit code and both streams."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error document, which is all of standard error."""
        assert self.out == ""
        return json.loads(self.err)["error"]


class _Stream(io.TextIOWrapper):
    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        self.flush()
        bytes_: Any = self.buffer
        return str(bytes_.getvalue().decode())


def a_plain_world(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """Work in a directory, at noon, as ada, isolated from the user who runs the tests."""
    for name in set(os.environ).difference(_KEPT):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(directory / "home"))
    monkeypatch.setenv("DSPYREG_ACTOR", "ada")
    monkeypatch.setenv("DSPYREG_NOW", "2026-11-01T12:00:00Z")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("dspyreg.system.runtime.dspy_version", lambda: None)
    work = directory / "work"
    work.mkdir()
    monkeypatch.chdir(work)


def dspyreg(*words: object, terminal: bool = False) -> Ran:
    """Run a command; with ``terminal``, standard output is one."""
    from dspyreg.cli.app import main

    out, err = _Stream(terminal=terminal), _Stream()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as done:
            status = done.code
    assert isinstance(status, int)
    return Ran(status, out.text(), err.text())
