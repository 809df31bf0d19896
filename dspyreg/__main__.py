"""The ``dspyreg`` command, also as ``python -m dspyreg``: a process that lives for milliseconds."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line; nothing is done twice for a process that is about to end."""
    gc.set_threshold(100_000)  # or collecting takes a twentieth of the time of `resolve`
    from dspyreg.cli.app import main as run

    try:
        run()
    except SystemExit as done:
        _leave(done.code if isinstance(done.code, int) else 0)


def _leave(status: int) -> None:
    """End at once: to take the interpreter apart takes longer than to look into the registry."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or never there
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
