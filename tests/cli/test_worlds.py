"""Commands in unusual surroundings: their streams, directory and variables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import a_program, unprivileged
from commandline import dspyreg

COMMAND = [sys.executable, "-m", "dspyreg"]
ASCII = {
    "PYTHONIOENCODING": {"PYTHONIOENCODING": "ascii"},
    "LC_ALL=C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
REASON = "günstiger → 價 😀"


def run(*words: str | bytes, **world: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *words], env={**os.environ, **world}, capture_output=True, check=False
    )


@pytest.fixture
def _a_store(here: Path) -> None:
    Path("program.json").write_text(a_program())
    assert dspyreg("init").status == 0
    assert dspyreg("register", "qa", "program.json").status == 0
    assert dspyreg("promote", "qa@1.0.0", "--reason", REASON).status == 0


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize("world", ASCII)
def test_characters_that_a_stream_cannot_encode_are_escaped(world: str):
    done = run("log", **ASCII[world])
    assert done.returncode == 0
    assert rb"g\xfcnstiger -> \u50f9 \U0001f600" in done.stdout


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize("world", ASCII)
def test_json_in_ascii_equals_json_in_utf8(world: str):
    done = run("log", "--seq", "2", "--json", **ASCII[world])
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["reason"] == REASON


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize("world", ASCII)
def test_a_change_is_reported_on_a_stream_that_cannot_encode_its_text(world: str):
    done = run("undo", **ASCII[world])
    assert done.returncode == 0
    assert b"qa@1.0.0: staging -> development" in done.stderr


@pytest.mark.usefixtures("_a_store")
def test_an_error_is_reported_on_a_stream_that_cannot_encode_its_text():
    done = run("resolve", "qa@é", PYTHONIOENCODING="ascii")
    assert done.returncode == 3
    assert rb"\xe9" in done.stderr


@pytest.mark.usefixtures("here")
def test_commands_work_in_a_directory_whose_name_is_not_utf8():
    os.mkdir(b"caf\xe9")
    os.chdir(b"caf\xe9")
    Path("program.json").write_text(a_program())
    for words in (["init"], ["register", "qa", "program.json"], ["verify"], ["resolve", "qa"]):
        ran = dspyreg(*words)
        assert ran.status == 0, ran.err
    Path(".dspyreg/index.sqlite").write_bytes(b"damaged")
    assert "index repaired" in dspyreg("verify").out
    assert json.loads(dspyreg("verify", "--json").out)["repaired"] == []


@pytest.mark.usefixtures("_a_store")
def test_a_store_without_access_permission_is_not_skipped():
    with unprivileged(Path(".dspyreg")):
        Path(".dspyreg").chmod(0o000)
        for words in (["resolve", "qa"], ["init"]):
            ran = dspyreg(*words)
            assert (ran.status, "Permission denied" in ran.err) == (5, True), ran


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize(
    "words", ["undo {}", "log -n {}", "list --limit {}", "list qa --offset {}"]
)
def test_a_number_too_large_for_the_index_causes_no_internal_error(words: str):
    ran = dspyreg(*words.format("9" * 26).split())
    assert ran.status == (3 if "undo" in words else 0), ran.err


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize("now", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("words", ["gc --yes", "gc --yes --undo-window 999999999w", "trends qa"])
def test_the_first_and_last_representable_times_cause_no_internal_error(
    now: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    assert dspyreg("score", "qa", "em=0.5").status == 0
    monkeypatch.setenv("DSPYREG_NOW", now)
    ran = dspyreg(*words.split())
    assert ran.status in {0, 2}, ran.err


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize("columns", ["0", "-1", "1000000000", "9" * 40, "x", ""])
@pytest.mark.parametrize("terminal", [True, False])
def test_every_terminal_width_is_accepted(
    columns: str, terminal: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", columns)
    assert dspyreg("score", "qa", "em=0.5").status == 0
    for words in (["list", "qa"], ["status", "qa"], ["history", "qa", "--plot"], ["log", "--help"]):
        assert dspyreg(*words, terminal=terminal).status == 0


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize(
    "value", ["", " ", "\udcff", "é", "x" * 100_000, "-1", "/dev/null", "~", "9" * 5000]
)
@pytest.mark.parametrize(
    "name",
    [
        *("DSPYREG_STORE", "DSPYREG_ACTOR", "DSPYREG_NOW", "DSPYREG_EVENTS", "DSPYREG_HOOK_DEPTH"),
        *("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TERM", "GITHUB_ACTOR", "GITHUB_RUN_ID"),
        *("GIT_AUTHOR_EMAIL", "NO_COLOR", "LINES"),
    ],
)
def test_no_value_of_an_environment_variable_causes_an_internal_error(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
):
    for each in ("DSPYREG_ACTOR", "GITHUB_ACTOR"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, value)
    for words in (["resolve", "qa"], ["promote", "qa@1.0.0", "--to", "production"]):
        assert dspyreg(*words).status in {0, 2, 3, 5, 8}


@pytest.mark.usefixtures("_a_store")
def test_an_unwritable_store_is_readable_without_a_home_directory(monkeypatch: pytest.MonkeyPatch):
    Path(".dspyreg/index.sqlite").unlink()
    monkeypatch.setenv("HOME", "/proc/nowhere")
    with unprivileged(Path(".dspyreg")):
        assert dspyreg("resolve", "qa").out == "1.0.0\n"
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("dspyreg.system.store_location.below_home", lambda _: None)
    with unprivileged(Path(".dspyreg")):
        assert dspyreg("resolve", "qa").out == "1.0.0\n"


@pytest.mark.usefixtures("_a_store")
@pytest.mark.parametrize("stream", ["<&-", "2>&-"])
def test_a_closed_stream_does_not_stop_output(stream: str):
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m dspyreg resolve qa {stream}', sys.executable],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"1.0.0\n")


@pytest.mark.usefixtures("_a_store")
def test_a_closed_standard_input_makes_gc_require_yes():
    done = subprocess.run(
        ["sh", "-c", '"$0" -m dspyreg gc <&-', sys.executable], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"--yes confirms it" in done.stderr
