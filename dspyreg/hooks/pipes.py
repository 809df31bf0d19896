"""The three pipes of a command: its input is fed, its output and errors are read, and no call
waits for the other end longer than it is told to.
"""

from __future__ import annotations

import os
import selectors
from time import monotonic
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess

_CHUNK: Final = 64 << 10  # bytes of one read or write
_MARK_SIZE: Final = 64  # bytes for the mark where something was left out


class Pipes:
    """The pipes of a running command, of which ``limit`` bytes of each output are kept."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: bytes, limit: int) -> None:
        assert child.stdin  # noqa: S101 - all three are pipes
        assert child.stdout  # noqa: S101
        assert child.stderr  # noqa: S101
        self._stdin, self._unsent = child.stdin, memoryview(stdin)
        self._excerpts = {child.stdout: Excerpt(limit), child.stderr: Excerpt(limit)}
        self._has_unread = False
        self._selector = selectors.DefaultSelector()
        for pipe in (child.stdin, *self._excerpts):
            os.set_blocking(pipe.fileno(), False)
            events = selectors.EVENT_WRITE if pipe is child.stdin else selectors.EVENT_READ
            self._selector.register(pipe, events)

    def step(self, timeout: float) -> None:
        """Write and read once where that is possible within ``timeout`` seconds."""
        for key, _ in self._selector.select(timeout):
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            try:
                has_more = self._write() if pipe is self._stdin else self._read(pipe)
            except BlockingIOError:
                continue
            except OSError:  # the other end is closed
                has_more = False
            if not has_more:
                self._close(pipe)

    def drain(self, *, until: float) -> bool:
        """Read the rest; return False if a process still holds a pipe at the time ``until``."""
        self._close(self._stdin)
        while (seconds := until - monotonic()) > 0 and self._selector.get_map():
            self.step(seconds)
        self._has_unread = bool(self._selector.get_map())
        return not self._has_unread

    def outputs(self) -> tuple[bytes, bytes]:
        """Return what was kept of output and errors."""
        output, errors = self._excerpts.values()
        return bytes(output), bytes(errors)

    @property
    def is_cut(self) -> bool:
        """True if more was written than was kept, or may have been."""
        return self._has_unread or any(excerpt.is_cut for excerpt in self._excerpts.values())

    def close(self) -> None:
        """Close the pipes that are still open."""
        for pipe in (self._stdin, *self._excerpts):
            self._close(pipe)
        self._selector.close()

    def _write(self) -> int:
        if self._unsent:
            count = os.write(self._stdin.fileno(), self._unsent[:_CHUNK])
            self._unsent = self._unsent[count:]
        return len(self._unsent)

    def _read(self, pipe: IO[bytes]) -> int:
        data = os.read(pipe.fileno(), _CHUNK)
        self._excerpts[pipe].add(data)
        return len(data)

    def _close(self, pipe: IO[bytes]) -> None:
        if not pipe.closed:
            self._selector.unregister(pipe)
            pipe.close()


class Excerpt:
    """The beginning and the end of a stream, of at most ``limit`` bytes together."""

    def __init__(self, limit: int) -> None:
        self._limit, self._half = limit, max(limit - _MARK_SIZE, 0) // 2
        self._head, self._tail = bytearray(), bytearray()
        self._total = 0

    def add(self, data: bytes) -> None:
        """Add the next bytes of the stream."""
        room = self._half - len(self._head)
        self._total += len(data)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > self._limit - self._half:
            del self._tail[: self._half - self._limit]

    @property
    def is_cut(self) -> bool:
        """True if the stream had more than ``limit`` bytes."""
        return self._total > self._limit

    def __bytes__(self) -> bytes:
        if not self.is_cut:
            return bytes(self._head + self._tail)
        mark = f"\n[{self._total - 2 * self._half} bytes left out]\n".encode()
        return bytes(self._head + mark + self._tail[len(self._tail) - self._half :])
