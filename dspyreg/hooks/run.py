"""The run of one of the user's own commands, whatever it does.

The command leads a process group of its own, so that the processes it starts can be ended with it.
It inherits nothing but three pipes: no lock of the store can live on in it. It is waited for
without reaping it (``waitid`` with ``WNOWAIT``), so that its number, which is that of the group,
cannot be reused before the group has been signalled.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.hooks.pipes import Pipes
from dspyreg.system.signals import deferred_signals, exit_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

EXIT: Final = "exit"
TIMEOUT: Final = "timeout"
SIGNAL: Final = "signal"
UNSTARTABLE: Final = "unstartable"
OUTPUT_LIMIT: Final = 64 << 10  # bytes

TERM_GRACE_S: Final = 1.0  # between SIGTERM and SIGKILL
KILL_GRACE_S: Final = 0.3  # the same if this process must end: its parent waits for it
DRAIN_S: Final = 0.4  # for the rest in the pipes after the command has ended
POLL_S: Final = 0.02  # between two checks whether it has ended
_SHELL_OFFSET: Final = 128  # a shell adds it to the number of the signal that ended a command
_LOST: Final = "ended, but its exit status is lost: this process does not wait for its children"


class Execution(NamedTuple):
    """The result of a command. ``status`` is its exit status, minus the number of the signal that
    killed it, or None without either. ``output`` and ``errors`` are what it wrote, without the
    middle if that was too much; ``cut`` says that something is missing.
    """

    command: str
    status: int | None
    output: bytes
    errors: bytes
    seconds: float
    ending: str
    cut: bool = False
    fault: str | None = None

    @property
    def passed(self) -> bool:
        """True if it ended by itself, with exit status 0."""
        return self.ending == EXIT and self.status == 0

    @property
    def last_line(self) -> str | None:
        """The last line that it wrote, except for hints; of its errors if there are any."""
        for data in (self.errors, self.output):
            lines = map(str.strip, reversed(data.decode(errors="replace").splitlines()))
            last = next((line for line in lines if line and not line.startswith("hint:")), None)
            if last:
                return last
        return None

    @property
    def message(self) -> str:
        """The result in words: ``took longer than 30 s``, ``exit status 3: no such host``."""
        if self.fault is not None:
            return self.fault
        status = self.status or 0
        if status < 0:
            return f"was killed by {_signal_name(-status)}"
        killed = _signal_name(status - _SHELL_OFFSET) if status > _SHELL_OFFSET else None
        shown = f"exit status {status} ({killed})" if killed else f"exit status {status}"
        return f"{shown}: {self.last_line}" if status and self.last_line else shown

    def __str__(self) -> str:
        separator = ": " if self.ending == EXIT and self.fault is None else " "
        return f"{self.command}{separator}{self.message}"


def run(
    command: str,
    *,
    stdin: bytes,
    cwd: Path | None,
    environment: Mapping[str, str],
    timeout: float,
    output_limit: int = OUTPUT_LIMIT,
) -> Execution:
    """Run a command with ``/bin/sh`` and return its result; no failure of it is raised.

    It may leave ``stdin`` unread. ``output_limit`` bytes of each stream are kept. After ``timeout``
    seconds its process group gets SIGTERM, and SIGKILL soon after. A process that it leaves behind
    is not waited for, and killed if it holds the pipes. If this process is interrupted, or gets
    SIGTERM or SIGHUP, the command is ended first.
    """
    start = monotonic()
    with exit_on_signals(), deferred_signals() as deliver_signals:
        try:
            child = _start(command, cwd, environment)
        except (OSError, ValueError) as error:
            fault = f"could not be started: {getattr(error, 'strerror', None) or error}"
            seconds = monotonic() - start
            return Execution(command, None, b"", b"", seconds, UNSTARTABLE, fault=fault)
        pipes = Pipes(child, stdin, output_limit)
        try:
            is_in_time = _supervise(child, pipes, deliver_signals, until=start + timeout)
        finally:
            pipes.close()
            status = _reap(child)
    seconds = monotonic() - start
    execution = Execution(command, status, *pipes.outputs(), seconds, EXIT, pipes.is_cut)
    if not is_in_time:
        fault = f"took longer than {timeout:g} s"
        return execution._replace(status=None, ending=TIMEOUT, fault=fault)
    if status is None:
        return execution._replace(fault=_LOST)
    return execution._replace(ending=SIGNAL) if status < 0 else execution


def _start(
    command: str, cwd: Path | None, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - to run what the user configured is the purpose
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=dict(environment),
        start_new_session=True,
        close_fds=True,
    )


def _supervise(
    child: subprocess.Popen[bytes],
    pipes: Pipes,
    deliver_signals: Callable[[], None],
    *,
    until: float,
) -> bool:
    """Serve a command until it has ended; return False if it had to be ended."""
    try:
        deliver_signals()
        is_in_time = _serve(child, pipes, until=until)
    except BaseException:  # such as ^C, which does not reach another session
        _end(child, pipes, grace=KILL_GRACE_S)
        raise
    if not is_in_time:
        _end(child, pipes, grace=TERM_GRACE_S)
    if not pipes.drain(until=monotonic() + DRAIN_S):
        _signal_group(child, signal.SIGKILL)
    return is_in_time


def _end(child: subprocess.Popen[bytes], pipes: Pipes, *, grace: float) -> None:
    """Send SIGTERM to the process group of a command, and SIGKILL after ``grace`` seconds."""
    until = monotonic() + grace
    try:
        _signal_group(child, signal.SIGTERM)
        _serve(child, pipes, until=until)
        pipes.drain(until=until)  # others of the group may still hold the pipes
    finally:
        _signal_group(child, signal.SIGKILL)


def _serve(child: subprocess.Popen[bytes], pipes: Pipes, *, until: float) -> bool:
    """Feed and read a command until it ends; return False if it has not by then."""
    interval = 0.001
    while not _has_ended(child):
        remaining = until - monotonic()
        if remaining <= 0:
            return False
        interval = min(POLL_S, 2 * interval)
        pipes.step(min(interval, remaining))
    return True


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Return whether a command has ended, without reaping it where the system can do that."""
    if not hasattr(os, "waitid"):
        return child.poll() is not None
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, child.pid, flags) is not None
    except ChildProcessError:  # SIGCHLD is ignored, or another thread waits for every child
        return True


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _reap(child: subprocess.Popen[bytes]) -> int | None:
    """Reap the child; return its exit status. None if that is lost, or not even SIGKILL ends it."""
    until = monotonic() + TERM_GRACE_S
    while child.returncode is None:
        try:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
        except ChildProcessError:  # subprocess would report exit status 0
            child.returncode = 0
            return None
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
        elif monotonic() > until:
            return None
        else:
            sleep(0.001)
    return int(child.returncode)


def _signal_name(number: int) -> str | None:
    try:
        return signal.Signals(number).name
    except ValueError:
        return None
