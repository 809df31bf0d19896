"""The modes of files in a store that a group shares (docs/reference/format.md, "Shared")."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SHARED: Final = stat.S_ISGID | stat.S_IWGRP
_FILE: Final = 0o664
_DIRECTORY: Final = 0o2775
_NOT_A_FILE: Final = {errno.ELOOP, errno.ENXIO, errno.EMLINK}  # a link, a socket; EMLINK on FreeBSD


def share(new: str | Path) -> None:
    """Let the group write a new file or directory whose directory it shares, whatever the umask is.

    The modes of directories are the only mark of a shared store: a new directory passes on its
    own. A file of another member is left alone; that member has set its mode.
    """
    if is_shared(os.path.dirname(new) or "."):
        with suppress(PermissionError):
            _open_to_the_group(new)


def is_shared(directory: str | Path) -> bool:
    """Return whether a group shares a directory and everything below it."""
    return os.stat(directory).st_mode & _SHARED == _SHARED


def share_all(directory: Path) -> None:
    """Let the group of a directory write everything below it, and at last the directory.

    Raises ``OSError``.
    """
    root = os.path.realpath(directory)
    for path, _, files in os.walk(root, topdown=False, onerror=_fail):
        for name in files:
            _open_to_the_group(os.path.join(path, name))
        _open_to_the_group(path)


def access_hint(path: str | Path) -> tuple[str, dict[str, str]]:
    """Return the hint for a user who may not access a file of a store: its key, and its facts."""
    store = _store_of(os.path.abspath(path))
    status = os.stat(store)
    facts = {
        "store": store,
        "store_argument": _quoted(store),
        "owner": _user(status.st_uid),
        "group": _group(status.st_gid),
    }
    if status.st_uid == os.geteuid():
        return "store-is-yours", facts
    return "store-is-shared" if is_shared(store) else "store-is-of-another", facts


def _store_of(path: str) -> str:
    """Return the store that a file is in; without one, the part of the path that exists."""
    existing = path
    while not os.path.exists(existing):
        existing = os.path.dirname(existing)
    store = existing
    while not os.path.lexists(os.path.join(store, "format")):
        if store == os.path.dirname(store):
            return existing
        store = os.path.dirname(store)
    return store


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _group(number: int) -> str:
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)


def _fail(error: OSError) -> None:
    raise error


def _open_to_the_group(path: str | Path) -> None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NOT_A_FILE:
            return
        raise
    try:
        before = os.fstat(fd).st_mode
        mode = _DIRECTORY if stat.S_ISDIR(before) else _FILE
        if (stat.S_ISDIR(before) or stat.S_ISREG(before)) and before & mode != mode:
            os.fchmod(fd, mode)
    except OSError as error:
        error.filename = os.fspath(path)  # a call on a descriptor does not name it
        raise
    finally:
        os.close(fd)
