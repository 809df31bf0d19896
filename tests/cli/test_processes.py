"""The command as a process: installed, in pipes, on a terminal, interrupted, read-only."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import a_program
from commandline import dspyreg

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "dspyreg"]
NASTY = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m [bold]loud[/bold] [/] :boom: \u202etxet\r\x08"


@pytest.fixture(autouse=True)
def _can_be_interrupted() -> Iterator[None]:
    """Restore the interrupt handler: tests run in the background ignore interrupts, and children
    inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)


def on_a_terminal(*words: str, answer: str = "", interrupt: bool = False) -> tuple[int, str]:
    """Run a command whose three streams are one terminal; return its exit code and the text."""
    master, slave = pty.openpty()
    child = subprocess.Popen([*COMMAND, *words], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    if answer:
        os.write(master, answer.encode())
    text = b""
    for data in _read(master):
        text += data
        if interrupt and b"[y/N]" in text and b"interrupted" not in text:
            child.send_signal(signal.SIGINT)  # again, in case it came just before reading began
    os.close(master)
    return child.wait(timeout=30), text.decode()


def _read(master: int) -> Iterator[bytes]:
    """Yield output as it arrives, and an empty text twice a second otherwise, for half a minute at
    most.
    """
    idle = 0
    while idle < 60:
        if not select.select([master], [], [], 0.5)[0]:
            idle += 1
            yield b""
            continue
        try:
            data = os.read(master, 65536)
        except OSError:  # Linux reports a closed other side this way
            return
        if not data:
            return
        yield data


@pytest.mark.usefixtures("here")
def test_the_command_works_as_a_process():
    Path("program.json").write_text(a_program())
    assert run("init").returncode == 0
    assert run("register", "qa", "program.json").returncode == 0
    resolved = run("resolve", "qa")
    assert (resolved.returncode, resolved.stdout, resolved.stderr) == (0, "1.0.0\n", "")
    assert run("rollback", "qa").returncode == 1


def nasty_history() -> list[list[str]]:
    """Make a history full of terminal control text; return the commands that show it."""
    say = ["--reason", NASTY]
    Path("p\x1b[31m.json").write_text(NASTY)
    Path("program.json").write_text(NASTY)
    Path("registry.yaml").write_text("# [bold]loud[/bold] :boom:\nformat: 1\n")
    tag = "[bold]t[/bold]"
    more = ["--changelog", NASTY, "--meta", f"k={NASTY}", "--tag", tag, "--metric", "[i]m[/i]=1"]
    dspyreg("--as", "[red]eve[/red]", "register", "qa", "program.json", "--any-file", *more)
    dspyreg("promote", "qa@1.0.0", *say)
    dspyreg("demote", "qa@1.0.0", *say)
    dspyreg("rollback", "qa", *say)
    dspyreg("undo", *say)
    return [
        ["list"],
        ["list", "qa"],
        ["show", "qa"],
        ["status", "qa"],
        ["board"],
        ["log"],
        ["log", "--seq", "1"],
        ["log", "--seq", "2"],
        ["cat", "qa"],
        ["checkout", "qa"],
        ["config", "apply", "registry.yaml", "--yes"],
        ["config", "show"],
        ["verify"],
        ["promote", "qa@1.0.0", *say],
        ["archive", "qa@1.0.0", *say],
        ["restore", "qa@1.0.0", *say],
        ["redo", "99"],
        ["show", NASTY],
        ["show", f"qa@{NASTY}"],
        ["resolve", f"qa@stage:{NASTY}"],
        ["resolve", "qa@[bold]x[/bold]"],
        ["resolve", "qa", "--at", NASTY],
        ["deploy", "qa", "--env", NASTY],
        ["promote", "qa", "--to", NASTY],
        ["rollback", "qa", "--to", NASTY],
        ["register", "qa", NASTY],
        ["register", "qa", "p\x1b[31m.json"],
        ["register", "other", "program.json", "--version", NASTY],
        ["register", "other", "program.json", "--metric", f"m={NASTY}"],
        ["register", "other", "program.json", "--tag", NASTY],
        ["checkout", "qa", "-o", f"out{NASTY}"],
        ["gc", "--grace", NASTY],
        [NASTY],
        ["show", f"--{NASTY}"],
        ["--store", NASTY, "list"],
        ["--as", NASTY, "log"],
    ]


STEERING = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\r\n\t"]
STEERING += ["\u202e"]


def assert_inert(text: str, words: list[str]) -> None:
    assert not [code for code in STEERING if code in text], words
    assert "Traceback" not in text, words


@pytest.mark.usefixtures("store")
def test_user_text_cannot_control_a_terminal():
    for words in nasty_history():
        status, text = on_a_terminal(*words)
        assert_inert(text, words)
        assert "\r" not in text.replace("\r\n", ""), words
        assert status != 70, (words, text)


@pytest.mark.usefixtures("store")
def test_user_text_has_no_control_characters_in_a_pipe():
    for words in nasty_history():
        ran = dspyreg(*words)
        assert_inert(ran.err, words)
        assert ran.status != 70, (words, ran.err)
        if words[0] != "cat":  # cat writes bytes unchanged into a pipe
            assert_inert(ran.out, words)
            assert "\r" not in ran.out, words


@pytest.mark.usefixtures("store")
def test_markup_in_user_text_is_printed_literally():
    nasty_history()
    for text in (on_a_terminal("log")[1], dspyreg("log").out):
        assert "[red]eve[/red]" in text
    assert "[bold]t[/bold]" in on_a_terminal("show", "qa")[1]
    assert "[bold]t[/bold]" in dspyreg("show", "qa").out


@pytest.mark.usefixtures("store")
def test_cat_writes_bytes_unchanged_into_a_pipe():
    data = bytes(range(256)) * 100
    Path("program.bin").write_bytes(data)
    dspyreg("register", "qa", "program.bin")
    done = subprocess.run([*COMMAND, "cat", "qa"], capture_output=True, check=True)
    assert done.stdout == data


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("words", ["log", "log --json", "log qa", "cat qa"])
def test_a_pipe_closed_early_causes_no_traceback(words: str):
    Path("program.json").write_text("x" * (1 << 20))
    dspyreg("register", "qa", "program.json", "--any-file")
    for _ in range(20):
        dspyreg("deploy", "qa@1.0.0", "--env", "development", "--reason", "r" * 4000)
        dspyreg("undo", "--reason", "r" * 4000)
    line = f"{sys.executable} -m dspyreg {words} | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout[1:] == "141\n"
    assert done.stderr == ""


@pytest.mark.usefixtures("store")
def test_a_pipe_without_a_reader_is_not_an_internal_error():
    dspyreg("register", "qa", "program.json")
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen([*COMMAND, "log"], stdout=writer, stderr=subprocess.PIPE) as child:
        os.close(writer)
        assert child.stderr is not None
        assert child.stderr.read() == b""
    assert child.returncode == 141


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("words", "status"),
    [("promote qa@1.0.0", 0), ("rollback qa", 1), ("show nobody", 3), ("show nobody --json", 3)],
)
def test_a_closed_standard_error_does_not_change_the_exit_code(words: str, status: int):
    dspyreg("register", "qa", "program.json")
    reader, writer = os.pipe()
    os.close(reader)
    command = [*COMMAND, *words.split()]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writer, check=False)
    os.close(writer)
    assert done.returncode == status


@pytest.mark.usefixtures("store")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", ["log", "log --json", "cat qa"])
def test_a_full_disk_at_standard_output_is_a_storage_error(words: str):
    dspyreg("register", "qa", "program.json")
    line = f"{sys.executable} -m dspyreg {words} > /dev/full"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 8
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("store")
def test_an_interrupt_during_a_question_exits_with_130():
    dspyreg("register", "qa", "program.json")
    status, text = on_a_terminal("gc", interrupt=True)
    assert status == 130
    assert "interrupted" in text
    assert "Traceback" not in text


@pytest.mark.usefixtures("store")
def test_an_interrupt_during_work_exits_with_130():
    """Metadata that never comes: when the pipe has a reader, the command is at work."""
    os.mkfifo("slow.json")
    words = ["register", "qa", "program.json", "--meta-file", "slow.json"]
    with (
        subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True) as child,
        open("slow.json", "wb"),  # opens when the command has opened it too
    ):
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert said == "interrupted\n"
    assert dspyreg("list").out == ""


@pytest.mark.usefixtures("store")
def test_a_terminal_shows_the_consequences_before_asking():
    dspyreg("register", "qa", "program.json")
    for rung in ("staging", "production"):
        dspyreg("promote", "qa@1.0.0", "--to", rung)
    words = ["archive", "qa@1.0.0", "--force", "--reason", "leaks"]
    _, refused = on_a_terminal(*words, answer="n\n")
    assert refused.index("production: 1.0.0 → nothing") < refused.index("archive it?")
    assert dspyreg("resolve", "qa@production").out == "1.0.0\n"
    status, _ = on_a_terminal(*words, answer="y\n")
    assert status == 0
    assert dspyreg("resolve", "qa@production").status == 3


@pytest.mark.usefixtures("store")
def test_undo_asks_only_on_a_terminal():
    dspyreg("register", "qa", "program.json")
    status, asked = on_a_terminal("undo", answer="n\n")
    assert "undo that?" in asked
    assert status == 1
    assert dspyreg("undo").status == 0


@pytest.mark.usefixtures("store")
def test_promote_deploy_and_rollback_never_ask():
    dspyreg("register", "qa", "program.json")
    for words in (["promote", "qa@1.0.0"], ["deploy", "qa@1.0.0", "--env", "development"]):
        status, text = on_a_terminal(*words)
        assert status == 0
        assert "?" not in text


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "NO_COLOR"])
def test_output_has_colour_only_on_a_terminal_without_no_color(
    store: Path, colour: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TERM", "xterm-256color")
    if colour:
        monkeypatch.delenv("NO_COLOR")
    dspyreg("register", "qa", "program.json")
    assert ("\x1b[" in on_a_terminal("list")[1]) is colour
    assert "\x1b[" not in run("list").stdout


bound = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None,
    reason="root is bound by no mode, and setpriv, which would change that, is missing",
)
READS = [
    ["list"],
    ["list", "qa"],
    ["show", "qa"],
    ["status", "qa"],
    ["resolve", "qa@staging"],
    ["board"],
    ["log"],
    ["cat", "qa"],
    ["checkout", "qa"],
    ["config", "show"],
    ["verify"],
    ["promote", "qa@1.0.0", "--to", "production", "--dry-run"],
]


def read_only(store: Path) -> None:
    for path in (*store.rglob("*"), store):
        path.chmod(0o555 if path.is_dir() else 0o444)


def held_back(*words: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as a user who, unlike root, is bound by file modes."""
    without = "-dac_override,-dac_read_search,-fowner"
    bind = ["setpriv", f"--bounding-set={without}"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*bind, *COMMAND, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(home or os.environ["HOME"])},
    )


@pytest.fixture
def sealed(store: Path) -> Iterator[Path]:
    """A store without an index that nobody can write."""
    dspyreg("register", "qa", "program.json")
    dspyreg("promote", "qa@1.0.0")
    (store / "index.sqlite").unlink(missing_ok=True)
    read_only(store)
    yield store
    for path in (store, *store.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@bound
@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("home", ["writable", "read-only"])
def test_a_read_only_store_is_readable(home: str, tmp_path: Path):
    place = tmp_path / home
    place.mkdir(mode=0o777 if home == "writable" else 0o555)
    for words in READS:
        ran = held_back(*words, home=place)
        assert (ran.returncode, ran.stderr.count("error")) == (0, 0), (words, ran.stderr)


@bound
@pytest.mark.usefixtures("sealed")
def test_writing_a_read_only_store_is_denied():
    ran = held_back("promote", "qa@1.0.0", "--to", "production")
    assert ran.returncode == 5
    assert ran.stderr.startswith("error: ")
    assert "Traceback" not in ran.stderr
    assert dspyreg("resolve", "qa@production").status == 3


@bound
@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("words", ["program.json", "program.json --meta-file secret", "secret"])
def test_registering_an_unreadable_file_is_denied(words: str):
    Path("secret").mkdir() if words == "secret" else Path("secret").write_text("{}")
    Path("program.json").chmod(0o644 if "secret" in words else 0)
    Path("secret").chmod(0)
    ran = held_back("register", "qa", *words.split())
    Path("secret").chmod(0o755)
    assert ran.returncode == 5
    assert ran.stderr.startswith("error: cannot read ")
    assert dspyreg("log").out == ""
