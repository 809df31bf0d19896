"""Removal of files that are in the place of a cache and are none.

Links are removed, never their targets; so are FIFOs, sockets, devices and empty directories, which
hold nothing. A regular file that no cache wrote stays.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from dspyreg.model.file_kind import kind_of
from dspyreg.store.index_file import JOURNALS, file_of, linked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Tell = Callable[[str], None]


def clear(name: str, inside: int, location: str, tell: Tell) -> bool:
    """Remove an entry of a directory, unless it is a regular file; return whether the name is free
    now. Raises ``OSError``.
    """
    try:
        mode = os.stat(name, dir_fd=inside, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return True
    is_free = not stat.S_ISREG(mode) and _is_removed(name, mode, inside)
    notice = f"{location}: it is {kind_of(mode)}"
    tell(f"{notice}; replaced" if is_free else f"{notice} and in the way; left alone")
    return is_free


def clear_index(path: Path, tell: Tell) -> None:
    """Remove what is at the path of an index and cannot be one, so that an index can be built.

    Only names are removed: a regular file that a link points to stays. Raises ``OSError``.
    """
    if file_of(path) is not None or not os.path.lexists(path):
        return
    file = linked(path) or path
    journals = [file.with_name(f"{file.name}{suffix}") for suffix in JOURNALS]
    notices = [notice for each in (file, *journals) if (notice := _fault(each))]
    for each in (path, *filter(_fault, journals)):
        if not _is_removed(each, each.lstat().st_mode):
            tell(f"{each}: it is a directory and in the way; left alone")
            raise OSError(f"{each} is in the way")
    if notices:
        tell(f"{notices[0]}; the index is rebuilt")


def _fault(path: Path) -> str | None:
    try:
        there = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(there.st_mode):
        return f"{path}: it is {kind_of(there.st_mode)}"
    return f"{path}: it has {there.st_nlink} names (hard links)" if there.st_nlink > 1 else None


def _is_removed(name: str | Path, mode: int, inside: int | None = None) -> bool:
    if not stat.S_ISDIR(mode):
        os.unlink(name, dir_fd=inside)
        return True
    try:
        os.rmdir(name, dir_fd=inside)
    except OSError:
        return False
    return True
