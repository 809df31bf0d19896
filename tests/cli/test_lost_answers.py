"""A command whose output cannot be written reports whether it happened, and as which entry."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import a_program
from commandline import dspyreg

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "dspyreg"]
FULL = Path("/dev/full")

WRITES = [
    "register qa other.json",
    "promote qa@1.1.0",
    "demote qa@1.0.0 --force --reason x --yes",
    "archive qa@1.1.0",
    "deploy qa@1.1.0 --env development",
    "score qa@1.1.0 em=1",
    "approve qa@1.1.0 --to staging",
    "evidence add qa@1.1.0 load",
    "undo",
    "redo",
    "config apply registry.yaml --yes",
    "gc --grace 0s --undo-window 0s --yes",
]
READS = ["resolve qa", "list", "show qa", "status qa", "log", "cat qa", "check qa@1.1.0", "verify"]


@pytest.fixture(autouse=True)
def _can_be_interrupted() -> Iterator[None]:
    """Restore the interrupt handler: tests run in the background ignore interrupts, and children
    inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def busy(store: Path) -> Path:
    """A store with 1.0.0 in production, 1.1.0 beside it, and an undone registration."""
    Path("other.json").write_text(a_program("Answer briefly."))
    Path("registry.yaml").write_text("versioning: {max_versions: 9}\n")
    dspyreg("register", "qa", "program.json")
    dspyreg("promote", "qa@1.0.0")
    dspyreg("promote", "qa@1.0.0", "--to", "production")
    Path("gone.json").write_text(a_program("Gone."))
    dspyreg("register", "gone", "gone.json")
    dspyreg("undo")
    dspyreg("register", "qa", "program.json", "--version", "1.1.0")
    return store


def in_the_shell(line: str) -> subprocess.CompletedProcess[str]:
    whole = f"{sys.executable} -m dspyreg {line}"
    return subprocess.run(["sh", "-c", whole], capture_output=True, text=True, check=False)


def entries() -> int:
    return len(dspyreg("log", "--json").document["entries"])


@pytest.mark.usefixtures("busy")
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", WRITES)
def test_a_change_whose_output_fails_reports_its_entry(words: str, monkeypatch: pytest.MonkeyPatch):
    if words == "redo":
        dspyreg("undo")
    monkeypatch.setenv("DSPYREG_NOW", "2027-01-01T00:00:00Z")  # out of the undo window
    before = entries()
    ran = in_the_shell(f"{words} >/dev/full")
    assert ran.returncode == 8
    assert entries() == before + 1
    whole = f"cannot write the result: No space left on device; it happened: entry {before + 1}"
    assert f"error: {whole}\nhint: `dspyreg log --seq {before + 1}` shows it\n" in ran.stderr


@pytest.mark.usefixtures("busy")
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_the_error_document_of_a_failed_output_contains_the_entry():
    ran = in_the_shell("promote qa@1.1.0 --json >/dev/full")
    error = json.loads(ran.stderr)["error"]
    assert error["code"] == "storage"
    assert error["message"].endswith("it happened: entry 7")
    assert error["entries"] == [dspyreg("log", "--seq", "7", "--json").document]


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("words", READS)
@pytest.mark.parametrize("where", ["/dev/full", "&-"])
def test_a_read_whose_output_fails_is_a_storage_error(words: str, where: str):
    if where == "/dev/full" and not FULL.exists():
        pytest.skip("there is no /dev/full here")
    ran = in_the_shell(f"{words} >{where}")
    assert ran.returncode == 8
    assert ran.stderr.startswith("error: cannot write the result: ")
    assert "happened" not in ran.stderr


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("words", ["--help", "--version", "promote --help", "completion bash"])
@pytest.mark.parametrize("where", ["/dev/full", "&-"])
def test_failing_to_print_help_is_a_storage_error(words: str, where: str):
    if where == "/dev/full" and not FULL.exists():
        pytest.skip("there is no /dev/full here")
    ran = in_the_shell(f"{words} >{where}")
    assert ran.returncode == 8
    assert ran.stderr.startswith("error: cannot write the result: ")


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("where", ["/dev/full", "&-"])
def test_failing_to_print_completion_candidates_is_no_error(where: str):
    ran = in_the_shell(f"__complete program q >{where}")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("words", ["promote qa@1.1.0", "score qa em=1", "undo"])
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_standard_output_is_not_replaced_by_a_file_of_the_store(words: str, closed: str):
    before = entries()
    assert in_the_shell(f"{words} {closed}").returncode == 8
    assert entries() == before + 1
    assert dspyreg("verify").status == 0


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_closing_the_other_streams_changes_nothing(closed: str):
    ran = in_the_shell(f"promote qa@1.1.0 {closed}")
    assert ran.returncode == 0
    assert "promote" in ran.stdout


@pytest.mark.usefixtures("busy")
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_checkout_whose_output_fails_reports_where_the_files_are():
    ran = in_the_shell("checkout qa@1.0.0 -o out >/dev/full")
    assert ran.returncode == 8
    assert "; the files are in out\n" in ran.stderr
    assert Path("out", "program.json").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_an_init_whose_output_fails_reports_that_the_registry_was_created():
    ran = in_the_shell("init --preset simple >/dev/full")
    assert ran.returncode == 8
    assert "; the registry .dspyreg was made; it happened: entry 1\n" in ran.stderr


@pytest.mark.usefixtures("busy")
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_rollback_retried_with_its_operation_key_happens_once():
    dspyreg("promote", "qa@1.1.0")
    dspyreg("promote", "qa@1.1.0", "--to", "production")
    line = "rollback qa --operation-id run-7"
    assert in_the_shell(f"{line} >/dev/full").returncode == 8
    again = in_the_shell(line)
    assert again.returncode == 0
    assert "already: entry 9" in again.stderr
    assert dspyreg("resolve", "qa@production").out == "1.0.0\n"
    assert entries() == 9


def hooked(*words: str, stop: signal.Signals) -> tuple[int, str]:
    """Run a command and end it while its after hook runs."""
    Path("hooks.yaml").write_text('hooks: {after: {score: ["touch running; sleep 30"]}}\n')
    dspyreg("config", "apply", "hooks.yaml", "--yes")
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True) as child:
        while not Path("running").exists():
            time.sleep(0.01)
        child.send_signal(stop)
        _, said = child.communicate(timeout=30)
    return child.returncode, said


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("stop", "status", "word"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "terminated"),
        (signal.SIGHUP, 129, "terminated"),
    ],
)
def test_a_change_stopped_after_its_commit_reports_that_it_happened(
    stop: signal.Signals, status: int, word: str
):
    ended, said = hooked("score", "qa", "em=1", stop=stop)
    assert ended == status
    assert said.startswith(f"{word}; it happened: entry 8; nothing more was changed\n")
    assert dspyreg("show", "qa", "--json").document["metrics"] == {"em": 1}


@pytest.mark.usefixtures("busy")
def test_an_interrupt_prints_an_error_document():
    ended, said = hooked("score", "qa", "em=1", "--json", stop=signal.SIGINT)
    error = json.loads(said)["error"]
    assert ended == 130
    assert error["code"] == "interrupted"
    assert [entry["seq"] for entry in error["entries"]] == [8]
