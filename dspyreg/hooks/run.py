"""Run one of the user's own commands, and come back whatever it does.

The command leads a process group of its own, so that what it starts can be ended with it. It gets
nothing of ours but three pipes; no lock of the store can live on in it.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from contextlib import contextmanager, suppress
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, NamedTuple, Never

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import IO

EXIT: Final = "exit"
TIMEOUT: Final = "timeout"
SIGNAL: Final = "signal"
UNSTARTABLE: Final = "unstartable"
OUTPUT_LIMIT: Final = 64 << 10

_GRACE: Final = 1.0  # between telling a command to end and ending it
_HASTE: Final = 0.3  # the same, where we are told to end: shorter, for whoever tells us waits
_LINGER: Final = 0.4  # for what is still in the pipes when the command is gone
_GLANCE: Final = 0.02  # so often we look whether it is gone
_CHUNK: Final = 64 << 10
_MARK: Final = 64  # room for the words that stand where something was left out
_SHELLS_ADD: Final = 128  # to the number of the signal that killed what a shell ran
_LOST: Final = "ended, but its exit status is lost: this process does not wait for its children"


class Ran(NamedTuple):
    """What a command came to. ``status`` is its exit status, minus the number of the signal that
    killed it, or None where there is neither. ``output`` and ``errors`` are what it wrote, the
    middle left out if that was too much; ``cut`` says that something is missing.
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
        """Did it end by itself, with exit status 0?"""
        return self.ending == EXIT and self.status == 0

    @property
    def last_line(self) -> str | None:
        """The last line that it wrote, but no hint; among its errors if there are any."""
        for data in (self.errors, self.output):
            lines = map(str.strip, reversed(data.decode(errors="replace").splitlines()))
            told = next((line for line in lines if line and not line.startswith("hint:")), None)
            if told:
                return told
        return None

    @property
    def message(self) -> str:
        """What happened, in words: ``took longer than 30 s``, ``exit status 3: no such host``."""
        if self.fault is not None:
            return self.fault
        status = self.status or 0
        if status < 0:
            return f"was killed by {_signal_named(-status)}"
        killed = _signal_named(status - _SHELLS_ADD) if status > _SHELLS_ADD else None
        shown = f"exit status {status} ({killed})" if killed else f"exit status {status}"
        return f"{shown}: {self.last_line}" if status and self.last_line else shown

    def __str__(self) -> str:
        between = ": " if self.ending == EXIT and self.fault is None else " "
        return f"{self.command}{between}{self.message}"


def run(
    command: str,
    *,
    stdin: bytes,
    cwd: Path | None,
    environment: Mapping[str, str],
    timeout: float,
    output_limit: int = OUTPUT_LIMIT,
) -> Ran:
    """Give a command to ``/bin/sh`` and return what it came to; nothing it does is an error here.

    It may read ``stdin`` or not, and write what it likes: ``output_limit`` bytes of each stream
    are kept. After ``timeout`` seconds its process group is told to end, and soon after killed.
    What it leaves running is not waited for, and killed if it still holds the pipes. When this
    process is interrupted, or told to end, the command ends first.
    """
    began = monotonic()
    with _unwinding():
        try:
            child = _started(command, cwd, environment)
        except (OSError, ValueError) as error:
            fault = f"could not be started: {getattr(error, 'strerror', None) or error}"
            return Ran(command, None, b"", b"", monotonic() - began, UNSTARTABLE, fault=fault)
        pipes = _Pipes(child, stdin, output_limit)
        try:
            in_time = _attend(child, pipes, until=began + timeout)
        finally:
            pipes.close()
            status = _reaped(child)
    ran = Ran(command, status, *pipes.kept(), monotonic() - began, EXIT, pipes.cut)
    if not in_time:
        fault = f"took longer than {timeout:g} s"
        return ran._replace(status=None, ending=TIMEOUT, fault=fault)
    if status is None:
        return ran._replace(fault=_LOST)
    return ran._replace(ending=SIGNAL) if status < 0 else ran


def _started(
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


@contextmanager
def _unwinding() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this process by an exception, where they would end it at once.

    A command leads a session of its own, so nobody else would tell it; above all not where it is
    dspyreg itself, told to end by a command around it.
    """
    changed = []
    for number in (signal.SIGTERM, signal.SIGHUP):
        with suppress(ValueError):  # only the main thread has a say in that
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _leave)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _leave(number: int, _: object) -> Never:
    raise SystemExit(_SHELLS_ADD + number)


def _attend(child: subprocess.Popen[bytes], pipes: _Pipes, *, until: float) -> bool:
    """Serve a command until it is gone; False if it had to be told to go."""
    try:
        in_time = _serve(child, pipes, until=until)
    except BaseException:  # above all ^C, which a session of its own does not hear
        _end(child, pipes, grace=_HASTE)
        raise
    if not in_time:
        _end(child, pipes, grace=_GRACE)
    if not pipes.drain(until=monotonic() + _LINGER):
        _tell_group(child, signal.SIGKILL)
    return in_time


def _end(child: subprocess.Popen[bytes], pipes: _Pipes, *, grace: float) -> None:
    """Tell a command and all it has started to end; end them if they do not."""
    until = monotonic() + grace
    try:
        _tell_group(child, signal.SIGTERM)
        _serve(child, pipes, until=until)
        pipes.drain(until=until)  # as long as somebody is there
    finally:
        _tell_group(child, signal.SIGKILL)


def _serve(child: subprocess.Popen[bytes], pipes: _Pipes, *, until: float) -> bool:
    """Feed and read a command until it ends; False if it has not by then."""
    glance = 0.001
    while not _has_ended(child):
        left = until - monotonic()
        if left <= 0:
            return False
        glance = min(_GLANCE, 2 * glance)
        pipes.step(min(glance, left))
    return True


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Is it gone? Where the system can tell without burying it, its group keeps its number."""
    if not hasattr(os, "waitid"):
        return child.poll() is not None
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, child.pid, flags) is not None
    except ChildProcessError:  # SIGCHLD is ignored, or somebody else waits for every child
        return True


def _tell_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _reaped(child: subprocess.Popen[bytes]) -> int | None:
    """Bury it; the status as ``Ran`` has it. One that not even SIGKILL ends is not waited for."""
    until = monotonic() + _GRACE
    while child.returncode is None:
        try:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
        except ChildProcessError:  # subprocess would call that exit status 0
            child.returncode = 0
            return None
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
        elif monotonic() > until:
            return None
        else:
            sleep(0.001)
    return int(child.returncode)


def _signal_named(number: int) -> str | None:
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


class _Kept:
    """The beginning and the end of a stream, as much as there is room for."""

    def __init__(self, limit: int) -> None:
        self._limit, self._half = limit, max(limit - _MARK, 0) // 2
        self._head, self._tail = bytearray(), bytearray()
        self._total = 0

    def add(self, data: bytes) -> None:
        """Take in some more."""
        room = self._half - len(self._head)
        self._total += len(data)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > self._limit - self._half:
            del self._tail[: self._half - self._limit]

    @property
    def cut(self) -> bool:
        """Is there more than there is room for?"""
        return self._total > self._limit

    def __bytes__(self) -> bytes:
        if not self.cut:
            return bytes(self._head + self._tail)
        mark = f"\n[{self._total - 2 * self._half} bytes left out]\n".encode()
        return bytes(self._head + mark + self._tail[len(self._tail) - self._half :])


class _Pipes:
    """The three pipes of a command; nothing here ever waits for the other end."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: bytes, limit: int) -> None:
        assert child.stdin  # noqa: S101 - all three are pipes
        assert child.stdout  # noqa: S101
        assert child.stderr  # noqa: S101
        self._stdin, self._left = child.stdin, memoryview(stdin)
        self._kept = {child.stdout: _Kept(limit), child.stderr: _Kept(limit)}
        self._unread = False
        self._selector = selectors.DefaultSelector()
        for pipe in (child.stdin, *self._kept):
            os.set_blocking(pipe.fileno(), False)
            events = selectors.EVENT_WRITE if pipe is child.stdin else selectors.EVENT_READ
            self._selector.register(pipe, events)

    def step(self, timeout: float) -> None:
        """Write and read once where that is possible, if it is before some seconds are over."""
        for key, _ in self._selector.select(timeout):
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            try:
                more = self._feed() if pipe is self._stdin else self._take(pipe)
            except BlockingIOError:
                continue
            except OSError:  # whoever was at the other end is gone
                more = False
            if not more:
                self._drop(pipe)

    def drain(self, *, until: float) -> bool:
        """Read what is left; False if somebody still holds a pipe by then."""
        self._drop(self._stdin)
        while (left := until - monotonic()) > 0 and self._selector.get_map():
            self.step(left)
        self._unread = bool(self._selector.get_map())
        return not self._unread

    def kept(self) -> tuple[bytes, bytes]:
        """Return what was written to either stream."""
        output, errors = self._kept.values()
        return bytes(output), bytes(errors)

    @property
    def cut(self) -> bool:
        """Was there more, or may there have been?"""
        return self._unread or any(kept.cut for kept in self._kept.values())

    def close(self) -> None:
        """Let go of all that is still open."""
        for pipe in (self._stdin, *self._kept):
            self._drop(pipe)
        self._selector.close()

    def _feed(self) -> int:
        if self._left:
            self._left = self._left[os.write(self._stdin.fileno(), self._left[:_CHUNK]) :]
        return len(self._left)

    def _take(self, pipe: IO[bytes]) -> int:
        data = os.read(pipe.fileno(), _CHUNK)
        self._kept[pipe].add(data)
        return len(data)

    def _drop(self, pipe: IO[bytes]) -> None:
        if not pipe.closed:
            self._selector.unregister(pipe)
            pipe.close()
