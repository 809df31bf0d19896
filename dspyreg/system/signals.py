"""Signals that ask this process to end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHELL_OFFSET: Final = 128  # a shell adds it to the number of the signal that ended a command


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise ``SystemExit``, where they would end this process at once.

    ``finally`` blocks run then: a command of the user is ended, and what happened is reported.
    """
    import signal

    changed = []
    if _may_set_handlers():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _exit)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def deferred_signals() -> Iterator[Callable[[], None]]:
    """Hold back SIGINT, SIGTERM and SIGHUP; yield the function that delivers them from then on.

    A handler that raises while a child is being started would leave the child without an owner.
    """
    import signal

    handlers: dict[int, Any] = {}
    received: list[int] = []

    def hold(number: int, _: object) -> None:
        received.append(number)

    def deliver() -> None:
        while handlers:
            signal.signal(*handlers.popitem())
        while received:
            signal.raise_signal(received.pop())

    if _may_set_handlers():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            handler = signal.getsignal(number)
            if callable(handler):
                handlers[number] = handler
                signal.signal(number, hold)
    try:
        yield deliver
    finally:
        deliver()


def _may_set_handlers() -> bool:
    import threading

    return threading.current_thread() is threading.main_thread()


def _exit(number: int, _: object) -> Never:
    raise SystemExit(_SHELL_OFFSET + number)
