"""A log for each thread, as for each process: only the journal orders their writes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.store.log import Log


class ThreadLogs:
    """The logs of the threads that use one registry.

    A new thread takes over the log of one that ended, with its open index.
    """

    def __init__(self, make: Callable[[], Log]) -> None:
        self._make = make
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._logs: list[tuple[threading.Thread, Log]] = []

    def mine(self) -> Log:
        """Return the log of the thread that calls."""
        try:
            log: Log = self._mine.log
        except AttributeError:
            log = self._mine.log = self._assigned(threading.current_thread())
        return log

    def _assigned(self, thread: threading.Thread) -> Log:
        with self._lock:
            for nth, (owner, log) in enumerate(self._logs):
                if not owner.is_alive():
                    self._logs[nth] = thread, log
                    return log
            log = self._make()
            self._logs.append((thread, log))
            return log

    def close(self) -> None:
        """Bring the caches to the head of the log and close those of all threads."""
        with self._lock:
            logs = [log for _, log in self._logs]
        for log in logs:
            log.close()
