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
_NO_FILE: Final = {errno.ELOOP, errno.ENXIO, errno.EMLINK}  # a link, a socket; EMLINK on FreeBSD


def share(new: str | Path) -> None:
    """Let a group write a new file or directory, if it shares the directory that holds it.

    Whatever the umask is, and without a word about it anywhere else: a new directory passes on
    what it got. What another member has made has its mode already.
    """
    if is_shared(os.path.dirname(new) or "."):
        with suppress(PermissionError):
            _open_to_the_group(new)


def is_shared(directory: str | Path) -> bool:
    """Say whether a directory, and all below it, is shared by a group."""
    return os.stat(directory).st_mode & _SHARED == _SHARED


def share_all(directory: Path) -> None:
    """Let the group of a directory write everything below it, and at last the directory.

    Raises ``OSError``.
    """
    for path, _, files in os.walk(os.path.realpath(directory), topdown=False, onerror=_raise):
        for name in files:
            _open_to_the_group(os.path.join(path, name))
        _open_to_the_group(path)


def who_may(path: str | Path) -> str:
    """Return a hint for somebody who was denied a file of a store: whose it is, what mends it."""
    store = _store_of(os.path.abspath(path))
    there = os.stat(store)
    owner, group = _user(there.st_uid), _group(there.st_gid)
    if there.st_uid == os.geteuid():
        return f"{store} is yours: `chmod -R u+rwX {_quoted(store)}`"
    mend = f"`dspyreg --store {_quoted(store)} init --shared`"
    if is_shared(store):
        whose = f"{store} belongs to {owner} and is shared by the group {group}"
        return f"{whose}: join it; or, if you are in it, {owner} runs {mend}"
    return (
        f"{store} belongs to {owner}, group {group}; {owner} can share it with a group: "
        f"`chgrp -R GROUP {_quoted(store)}`, then {mend}"
    )


def _store_of(path: str) -> str:
    """Return the store that a file is in; where none is seen, what there is of the path."""
    there = path
    while not os.path.exists(there):
        there = os.path.dirname(there)
    store = there
    while not os.path.lexists(os.path.join(store, "format")):
        if store == os.path.dirname(store):
            return there
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


def _raise(error: OSError) -> None:
    raise error


def _open_to_the_group(path: str | Path) -> None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NO_FILE:
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
