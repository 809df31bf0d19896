"""Signals that ask this process to end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Never

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHELL_OFFSET: Final = 128  # a shell adds it to the number of the signal that ended a command


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise ``SystemExit``, where they would end this process at once.

    ``finally`` blocks run then: a command of the user is ended, and what happened is reported.
    """
    import signal
    import threading

    changed = []
    if threading.current_thread() is threading.main_thread():  # no other may set handlers
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _exit)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, _: object) -> Never:
    raise SystemExit(_SHELL_OFFSET + number)
