"""The ``dspyreg`` command, also as ``python -m dspyreg``: a process of milliseconds."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line."""
    gc.set_threshold(100_000)  # garbage collection takes 5% of the time of `resolve`
    from dspyreg.cli.app import main as run

    try:
        run()
    except SystemExit as done:
        _exit(done.code if isinstance(done.code, int) else 0)


def _exit(status: int) -> None:
    """End without finalizing the interpreter, which takes longer than a read of the registry."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or missing
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
