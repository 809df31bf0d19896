"""The three standard streams, and the signals that end a process."""

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STREAMS = {"stdin": (0, "r"), "stdout": (1, "w"), "stderr": (2, "w")}


def reserve_closed_streams() -> None:
    """Open the null device, for reading, in place of each closed standard stream.

    Otherwise a file of the store could get its descriptor. Writing there still fails.
    """
    missing = [name for name in _STREAMS if getattr(sys, name) is None]
    if not missing:
        return
    while (fd := os.open(os.devnull, os.O_RDONLY)) < len(_STREAMS):
        os.set_inheritable(fd, True)
    os.close(fd)
    for name in missing:
        number, mode = _STREAMS[name]
        stream = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - it stays
        setattr(sys, name, stream)


@contextmanager
def exiting_on_signals() -> "Iterator[None]":
    """Turn SIGTERM and SIGHUP into ``SystemExit``, so that the process can still report."""
    import signal

    changed = []
    if _is_main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _leave)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _is_main_thread() -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)
