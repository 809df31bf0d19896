"""Running a command of the user: output, exit status, timeouts, children."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dspyreg.hooks.run import EXIT, SIGNAL, TIMEOUT, UNSTARTABLE, Execution, run

MUCH = 10 << 20


def ran(command: str, *, timeout: float = 20, **more: object) -> Execution:
    told = {"stdin": b"", "cwd": None, "environment": {"PATH": os.environ["PATH"]}, **more}
    return run(command, timeout=timeout, **told)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() not in {"", "Z"} and not told.stdout.startswith("Z")


def is_gone_soon(pid: int) -> bool:
    until = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_alive(pid)


def test_a_command_with_exit_status_0_passes():
    done = ran("echo out; echo err >&2")
    assert done.passed
    assert (done.output, done.errors, done.status, done.ending) == (b"out\n", b"err\n", 0, EXIT)
    assert not done.cut


def test_a_nonzero_exit_status_is_reported_with_the_last_line_of_standard_error():
    done = ran("echo first; echo no such host >&2; exit 3")
    assert (done.passed, done.status, done.ending) == (False, 3, EXIT)
    assert done.message == "exit status 3: no such host"
    assert str(done) == "echo first; echo no such host >&2; exit 3: exit status 3: no such host"


def test_a_failure_without_errors_is_reported_with_the_last_line_of_output():
    assert ran("echo first; echo last; echo; exit 1").message == "exit status 1: last"


def test_a_silent_failure_is_reported_by_its_exit_status():
    assert ran("exit 7").message == "exit status 7"


def test_a_command_reads_its_standard_input():
    assert ran("cat", stdin=b"an entry").output == b"an entry"


def test_a_command_may_ignore_its_standard_input():
    done = ran("exit 0", stdin=b"x" * MUCH, timeout=5)
    assert done.passed


def test_a_command_that_neither_reads_nor_ends_is_stopped_at_its_timeout(tmp_path: Path):
    late = tmp_path / "late"
    done = ran(f"sleep 5; touch {late}", stdin=b"x" * MUCH, timeout=0.2)
    assert done.ending == TIMEOUT
    assert not late.exists()


def test_a_command_may_read_slowly_while_writing():
    given = bytes(range(256)) * 4096
    assert ran("cat", stdin=given, output_limit=MUCH).output == given


def test_a_command_that_closes_its_output_early_is_waited_for():
    done = ran("exec >&- 2>&-; sleep 0.3; exit 5")
    assert done.status == 5
    assert done.seconds >= 0.3


def test_a_command_that_times_out_is_terminated():
    done = ran("trap 'echo told; exit 0' TERM; while :; do sleep 0.05; done", timeout=0.3)
    assert (done.ending, done.status, done.passed) == (TIMEOUT, None, False)
    assert done.output == b"told\n"
    assert str(done).endswith(" took longer than 0.3 s")


def test_a_command_that_ignores_termination_is_killed(tmp_path: Path):
    pid, late = tmp_path / "pid", tmp_path / "late"
    ignoring = f"trap '' TERM; echo $$ > {pid}; for n in 1 2 3 4 5; do sleep 1; done; touch {late}"
    done = ran(ignoring, timeout=0.3)
    assert done.message == "took longer than 0.3 s"
    assert not late.exists()
    assert is_gone_soon(int(pid.read_text()))


def test_the_children_of_a_command_that_times_out_are_killed(tmp_path: Path):
    pid = tmp_path / "pid"
    ran(f"(trap '' TERM; sleep 60; :) & echo $! > {pid}; wait", timeout=0.3)
    assert is_gone_soon(int(pid.read_text()))


def test_excessive_output_is_drained_and_only_its_beginning_and_end_are_kept():
    command = "echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last; exit 1"
    done = ran(command, output_limit=1000)
    assert done.cut
    assert len(done.output) <= 1000
    assert done.output.startswith(b"first\nxxx")
    assert b" bytes left out]\n" in done.output
    assert done.message == "exit status 1: last"


def test_endless_output_is_stopped_at_the_timeout(tmp_path: Path):
    late = tmp_path / "late"
    endless = f"yes & (sleep 5; touch {late}) & yes >&2"
    done = ran(endless, timeout=0.3, output_limit=1000)
    assert (done.ending, done.cut) == (TIMEOUT, True)
    assert len(done.output) + len(done.errors) <= 2000
    assert not late.exists()


@pytest.mark.parametrize("limit", [0, 1, 63, 64, 65, 100])
def test_kept_output_never_exceeds_its_limit(limit: int):
    assert len(ran("printf '%0200d' 0", output_limit=limit).output) <= max(limit, 64)


def test_output_of_exactly_the_limit_is_kept_in_full():
    done = ran("printf '%0200d' 7", output_limit=200)
    assert done.output == b"0" * 199 + b"7"
    assert not done.cut


def test_a_killed_command_reports_its_signal():
    done = ran("kill -KILL $$")
    assert (done.ending, done.status, done.passed) == (SIGNAL, -signal.SIGKILL, False)
    assert str(done) == "kill -KILL $$ was killed by SIGKILL"


def test_a_shell_whose_child_was_killed_reports_the_signal():
    done = ran("sh -c 'kill -9 $$' 2>&1; exit $?")
    assert (done.ending, done.status) == (EXIT, 137)
    assert done.message.startswith("exit status 137 (SIGKILL)")


def test_a_command_that_kills_its_own_process_group_does_not_kill_the_caller():
    assert ran("kill -KILL 0").ending == SIGNAL


def test_a_background_child_that_keeps_the_pipes_open_is_killed(tmp_path: Path):
    pid, late = tmp_path / "pid", tmp_path / "late"
    done = ran(f"(sleep 0.9; touch {late}; sleep 60) & echo $! > {pid}; echo out")
    assert (done.passed, done.output, done.cut) == (True, b"out\n", True)
    assert not late.exists()
    assert is_gone_soon(int(pid.read_text()))


def test_a_background_child_that_closes_the_pipes_survives(tmp_path: Path):
    pid = tmp_path / "pid"
    done = ran(f"sleep 60 >/dev/null 2>&1 & echo $! > {pid}")
    child = int(pid.read_text())
    try:
        assert (done.passed, done.cut) == (True, False)
        assert is_alive(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_child_in_its_own_session_does_not_delay_the_caller(tmp_path: Path):
    pid, late = tmp_path / "pid", tmp_path / "late"
    code = (
        "import os, time; os.setsid(); print(os.getpid(), flush=True); "
        f"time.sleep(1.4); open('{late}', 'w'); time.sleep(60)"
    )
    done = ran(f'"{sys.executable}" -c "{code}" | tee {pid} & sleep 0.5')
    child = int(pid.read_text())
    try:
        assert done.passed
        assert not late.exists()
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_file_without_execute_permission_is_reported(tmp_path: Path):
    (tmp_path / "check.sh").write_text("#!/bin/sh\n")
    done = ran("./check.sh", cwd=tmp_path)
    assert done.status == 126
    assert "denied" in done.message


def test_a_missing_command_is_reported():
    assert ran("no-such-command-anywhere").status == 127


def test_a_missing_working_directory_is_reported(tmp_path: Path):
    done = ran("true", cwd=tmp_path / "nowhere")
    assert (done.ending, done.status, done.passed) == (UNSTARTABLE, None, False)
    assert done.message == f"could not be started: {os.strerror(errno.ENOENT)}"


def test_a_command_that_cannot_be_started_is_reported():
    assert ran("true\0").ending == UNSTARTABLE
    assert ran("true #" + "x" * (4 << 20)).ending == UNSTARTABLE


def test_a_command_runs_in_its_directory_with_its_environment(tmp_path: Path):
    done = ran("echo $WORD; pwd -P", cwd=tmp_path, environment={"WORD": "given"})
    assert done.output.decode().split() == ["given", str(tmp_path.resolve())]


def test_a_command_leads_its_own_session():
    leader = ran("exec ps -o sid= -p $$").output.split()
    assert leader != [str(os.getsid(0)).encode()]


def test_a_command_inherits_no_open_files(tmp_path: Path):
    with open(tmp_path / "store", "w") as file:
        os.set_inheritable(file.fileno(), True)
        open_there = ran("ls -l /dev/fd/ 2>/dev/null").output.decode()
    assert " 0 ->" in open_there
    assert str(tmp_path) not in open_there


def test_a_background_child_does_not_hold_a_lock_of_the_caller(tmp_path: Path):
    pid = tmp_path / "pid"
    with open(tmp_path / "format", "w") as file:
        os.set_inheritable(file.fileno(), True)
        fcntl.flock(file, fcntl.LOCK_EX)
        ran(f"sleep 60 >/dev/null 2>&1 & echo $! > {pid}")
    try:
        with open(tmp_path / "format") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)


def test_running_commands_leaks_no_file_descriptors():
    before = os.listdir("/dev/fd")
    for command in ("true", "exit 1", "kill -9 $$", "sleep 60 & :"):
        ran(command)
    ran("sleep 60", timeout=0.05)
    ran("true", cwd=Path("/nowhere"))
    assert len(os.listdir("/dev/fd")) == len(before)


def test_an_interrupt_kills_the_running_command(tmp_path: Path):
    pid = tmp_path / "pid"

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            ran(f"trap '' TERM INT; echo $$ > {pid}; sleep 60; :")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert is_gone_soon(int(pid.read_text()))


def test_an_unknown_exit_status_is_a_failure():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        done = ran("exit 0")
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert (done.passed, done.status) == (False, None)
    assert "exit status is lost" in str(done)


def test_a_termination_signal_kills_the_running_command(tmp_path: Path):
    pid = tmp_path / "pid"
    code = (
        "import os; from dspyreg.hooks.run import run;"
        f"run('''trap '' TERM; echo $$ > {pid}; sleep 60; :''', stdin=b'', cwd=None,"
        " environment=os.environ, timeout=60)"
    )
    us = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 10
    while not (pid.exists() and pid.read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    us.terminate()
    assert us.wait(10) == 128 + signal.SIGTERM
    assert is_gone_soon(int(pid.read_text()))


def test_running_a_command_restores_the_signal_handlers():
    before = signal.getsignal(signal.SIGTERM)
    ran("true")
    assert signal.getsignal(signal.SIGTERM) is before
