"""``--events FILE``: each event is one line of JSON at the end of a file, or on standard error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dspyreg.render import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STANDARD_ERROR = "-"


class EventFile:
    """Appends events to a file. That this cannot be done is said once, and no failure."""

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._lost = False

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Write an event, whole or not at all."""
        line = as_json.render(event)
        if self._path == STANDARD_ERROR:
            from dspyreg.cli.session import talk

            talk(line.encode("ascii", "dspyreg.json").decode())  # any stream takes that
        elif not self._lost:
            try:
                self._append(line.encode(errors="backslashreplace"))
            except (OSError, ValueError) as error:
                self._lost = True
                why = getattr(error, "strerror", None) or error
                self._tell(f"events are not written to {self._path}: {why}")

    def _append(self, line: bytes) -> None:
        # A pipe that nobody reads may stand there: it is not waited for.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
        file = os.open(self._path, flags, 0o666)
        try:
            os.write(file, line)
        finally:
            os.close(file)
