"""``config edit``: the configuration in the user's own editor."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commandline import dspyreg

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "dspyreg", "config", "edit"]


@pytest.fixture(autouse=True)
def drafts(store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The directory for texts being edited."""
    assert store.exists()
    directory = tmp_path / "drafts"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return directory


def an_editor(monkeypatch: pytest.MonkeyPatch, *turns: str, variable: str = "EDITOR") -> None:
    """Set an editor that runs the next of these commands on the text ``$1`` at each start."""
    script = Path("editor.sh")
    cases = "\n".join(f"{nth}) {turn};;" for nth, turn in enumerate(turns, 1))
    script.write_text(f'echo >> turns\ncase $(wc -l < turns | tr -d " ") in\n{cases}\nesac\n')
    monkeypatch.setenv(variable, f"sh '{script.resolve()}'")


def the_order(program: str) -> str:
    return f'sed -i.old "{program}" "$1"; rm "$1.old"'


PRIMARY = the_order("s/primary: null/primary: em/")
MISTAKE = the_order("s/primary: null/pimary: em/")
MENDED = the_order("s/pimary:/primary:/")


def kept(text: str) -> Path:
    """Return the file that a message names."""
    [path] = re.findall(r"your text is in (\S+)", text)
    return Path(path)


def test_the_edited_configuration_is_applied(monkeypatch: pytest.MonkeyPatch, drafts: Path):
    an_editor(monkeypatch, PRIMARY)
    ran = dspyreg("config", "edit", "--yes", "--reason", "exact match")
    assert ran.status == 0
    assert "metrics.primary: nothing → em" in ran.err
    assert "primary: em\n" in dspyreg("config", "show").out
    assert dspyreg("log", "--json").document["entries"][0]["reason"] == "exact match"
    assert list(drafts.iterdir()) == []


def test_the_editor_opens_the_text_as_it_was_applied(monkeypatch: pytest.MonkeyPatch):
    Path("registry.yaml").write_text("# ours\nmetrics: {primary: em}\n")
    dspyreg("config", "apply", "registry.yaml", "--yes")
    an_editor(monkeypatch, 'cp "$1" seen')
    dspyreg("config", "edit")
    assert Path("seen").read_text() == "# ours\nmetrics: {primary: em}\n"


def test_an_unchanged_text_changes_nothing(monkeypatch: pytest.MonkeyPatch, drafts: Path):
    an_editor(monkeypatch, ":")
    ran = dspyreg("config", "edit")
    assert (ran.status, ran.out, ran.err) == (0, "", "already: you changed nothing\n")
    assert dspyreg("log").out == ""
    assert list(drafts.iterdir()) == []


def test_an_unchanged_text_has_a_null_entry_in_json(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, ":")
    told = dspyreg("config", "edit", "--json").document
    assert told["entry"] is None
    assert told["notices"] == ["already: you changed nothing"]


def test_adding_only_a_final_line_end_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    Path("registry.yaml").write_text("metrics: {primary: em}")
    dspyreg("config", "apply", "registry.yaml", "--yes")
    an_editor(monkeypatch, 'echo >> "$1"')
    assert dspyreg("config", "edit").err == "already: you changed nothing\n"


def test_visual_takes_precedence_over_editor(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EDITOR", "false")
    an_editor(monkeypatch, PRIMARY, variable="VISUAL")
    assert dspyreg("config", "edit", "--yes").status == 0


def test_output_of_the_editor_goes_to_standard_error(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, f"echo noise; {PRIMARY}")
    ran = subprocess.run([*COMMAND, "--yes", "--json"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("{")
    assert ran.stderr == "noise\n"


def test_an_invalid_configuration_fails_without_a_terminal(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, MISTAKE)
    ran = dspyreg("config", "edit", "--yes")
    assert ran.status == 2
    assert "unknown key `pimary`; did you mean `primary`?" in ran.err
    assert "pimary: em" in kept(ran.err).read_text()
    assert dspyreg("log").out == ""


def test_the_json_error_names_the_file_with_the_kept_text(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, MISTAKE)
    error = dspyreg("config", "edit", "--yes", "--json").error
    assert error["code"] == "usage"
    assert kept(error["hint"]).exists()


def test_text_that_is_not_utf8_is_a_usage_error(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, "printf '\\377' > \"$1\"")
    ran = dspyreg("config", "edit", "--yes")
    assert ran.status == 2
    assert kept(ran.err).read_bytes() == b"\xff"


def test_a_configuration_that_removes_a_stage_in_use_is_refused_and_kept(
    monkeypatch: pytest.MonkeyPatch,
):
    dspyreg("register", "qa", "program.json")
    dspyreg("promote", "qa@1.0.0")
    an_editor(monkeypatch, "echo 'stages: {development: , production: }' > \"$1\"")
    ran = dspyreg("config", "edit", "--yes")
    assert ran.status == 1
    assert "qa@1.0.0 is in staging, which would be removed" in ran.err
    assert kept(ran.err).exists()


def test_config_edit_without_a_terminal_needs_yes_and_keeps_the_text(
    monkeypatch: pytest.MonkeyPatch,
):
    an_editor(monkeypatch, PRIMARY)
    ran = dspyreg("config", "edit")
    assert ran.status == 2
    assert "metrics.primary: nothing → em" in ran.err
    assert "primary: em" in kept(ran.err).read_text()


def test_a_dry_run_applies_nothing_and_keeps_the_text(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, PRIMARY)
    ran = dspyreg("config", "edit", "--dry-run")
    assert ran.status == 0
    assert "dry run: nothing was written" in ran.err
    assert "primary: em" in kept(ran.err).read_text()
    assert dspyreg("log").out == ""


def test_a_configuration_applied_during_the_edit_is_a_conflict(monkeypatch: pytest.MonkeyPatch):
    Path("theirs.yaml").write_text("metrics: {primary: f1}\n")
    theirs = f"'{sys.executable}' -m dspyreg config apply theirs.yaml --yes >&2"
    an_editor(monkeypatch, f"{PRIMARY}; {theirs}")
    ran = dspyreg("config", "edit", "--yes")
    assert ran.status == 4
    assert "another configuration was put in force meanwhile" in ran.err
    assert kept(ran.err).exists()
    assert dspyreg("config", "show").out == "metrics: {primary: f1}\n"


@pytest.mark.parametrize(
    ("editor", "status", "told"),
    [
        ("false", 1, "the editor exited with status 1; nothing was changed"),
        ("no-such-editor", 2, "cannot start the editor no-such-editor"),
        ("'", 2, "invalid editor command"),
        ("", 2, "no editor is set"),
    ],
)
def test_a_failing_editor_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, drafts: Path, editor: str, status: int, told: str
):
    monkeypatch.setenv("EDITOR", editor)
    ran = dspyreg("config", "edit", "--yes")
    assert ran.status == status
    assert told in ran.err
    assert list(drafts.iterdir()) == []


# On a terminal


def on_a_terminal(*answers: str) -> tuple[int, str]:
    """Run the command on a terminal; type one answer at each question."""
    master, slave = pty.openpty()
    child = subprocess.Popen(COMMAND, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    text, left = "", list(answers)
    for data in _read(master):
        text += data
        if left and text.count("]: ") > len(answers) - len(left):
            os.write(master, f"{left.pop(0)}\n".encode())
    os.close(master)
    return child.wait(timeout=30), text


def _read(master: int) -> Iterator[str]:
    with suppress(OSError):  # Linux reports a closed other side this way
        while select.select([master], [], [], 30)[0]:
            data = os.read(master, 65536)
            if not data:
                return
            yield data.decode(errors="replace")


def test_a_terminal_shows_the_differences_before_asking(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, PRIMARY)
    status, text = on_a_terminal("y")
    assert status == 0
    assert text.index("metrics.primary: nothing → em") < text.index("apply that? [y/N]")
    assert "primary: em\n" in dspyreg("config", "show").out


def test_answering_no_keeps_the_text(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, PRIMARY)
    status, text = on_a_terminal("n")
    assert status == 1
    assert "primary: em" in kept(text).read_text()
    assert dspyreg("log").out == ""


def test_an_invalid_configuration_can_be_edited_again_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, drafts: Path
):
    an_editor(monkeypatch, MISTAKE, MENDED)
    status, text = on_a_terminal("y", "y")
    assert status == 0
    assert "did you mean `primary`?" in text
    assert "primary: em\n" in dspyreg("config", "show").out
    assert list(drafts.iterdir()) == []


def test_declining_to_edit_an_invalid_configuration_keeps_the_text(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, MISTAKE)
    status, text = on_a_terminal("n")
    assert status == 2
    assert "pimary: em" in kept(text).read_text()


def test_removing_the_invalid_key_again_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    an_editor(monkeypatch, MISTAKE, the_order("s/pimary: em/primary: null/"))
    status, text = on_a_terminal("y")
    assert status == 0
    assert "already: you changed nothing" in text
