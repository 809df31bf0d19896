"""``dspyreg trust`` on a terminal: it shows the commands before it asks."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from commandline import dspyreg

if TYPE_CHECKING:
    from pathlib import Path


LONG = "true " + "# nothing to see here " * 40 + "; touch it-ran"


@pytest.fixture
def asked(store: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A registry with an untrusted command, on a terminal."""
    hooks = {"hooks": {"before": {"promote": [LONG]}}}
    (here / "registry.yaml").write_text(json.dumps(hooks))
    dspyreg("config", "apply", "registry.yaml", "--yes")
    (here.parent / "home/.config/dspyreg/known_registries").unlink()
    for module in ("session", "care.trust"):
        monkeypatch.setattr(f"dspyreg.cli.{module}.is_interactive", lambda: True, raising=False)
    assert store.exists()
    return monkeypatch


@pytest.mark.parametrize("more", [[], ["--quiet"], ["--json"]])
def test_the_commands_are_shown_before_the_question(asked: pytest.MonkeyPatch, more: list[str]):
    asked.setattr("sys.stdin", io.StringIO("n\n"))
    done = dspyreg("trust", *more)
    assert done.status == 1
    shown, question, _ = done.err.partition("run these commands as you?")
    assert question
    assert LONG in shown
    assert dspyreg("trust", "--dry-run", "--json").document["trusted"] is False


def test_answering_yes_trusts_the_commands(asked: pytest.MonkeyPatch):
    asked.setattr("sys.stdin", io.StringIO("y\n"))
    assert dspyreg("trust").status == 0
    assert dspyreg("trust", "--json").document["trusted"] is True
