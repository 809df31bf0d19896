"""``--events FILE``: each event is appended to a file as a line of JSON, or written to stderr."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dspyreg.cli.streams import talk
from dspyreg.render import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STANDARD_ERROR = "-"


class EventFile:
    """Append events to a file. A failure is told once and is no error."""

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._lost = False

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Write an event in one piece."""
        line = as_json.text(event)
        if self._path == STANDARD_ERROR:
            talk(line.encode("ascii", "dspyreg.json").decode())  # any stream takes that
        elif not self._lost:
            try:
                self._append(line.encode(errors="backslashreplace"))
            except (OSError, ValueError) as error:
                self._lost = True
                reason = getattr(error, "strerror", None) or error
                self._tell(f"events are not written to {self._path}: {reason}")

    def _append(self, line: bytes) -> None:
        # O_NONBLOCK: the path may be a pipe without a reader.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
        file = os.open(self._path, flags, 0o666)
        try:
            os.write(file, line)
        finally:
            os.close(file)
