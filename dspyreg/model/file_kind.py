"""Names for the kinds of files on a disk."""

from __future__ import annotations

import stat

_KINDS = (
    (stat.S_ISREG, "a regular file"),
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
)


def kind_of(mode: int) -> str:
    """Return the kind of a file with this ``st_mode``: ``a link``, ``a FIFO`` and so on."""
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), "a device")
