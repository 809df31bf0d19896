"""Standard streams that were closed before the process began."""

import os
import sys

_STREAMS = {"stdin": (0, "r"), "stdout": (1, "w"), "stderr": (2, "w")}


def reserve_closed_streams() -> None:
    """Open the null device for reading in the place of each stream that is closed.

    No file of a store may get its descriptor, and what is written there fails as it should.
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
