"""What stands under a name on a disk, in words."""

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
    """Return what a file with this ``st_mode`` is: ``a link``, ``a FIFO`` and so on."""
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), "a device")
