"""The user of this process: login, home directory, and the files that belong to others."""

from __future__ import annotations

import os
from pathlib import Path

from dspyreg.errors import UsageError


def login() -> str:
    """Return the login. Raises ``UsageError`` if there is none."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError("actor-unknown") from error


def below_home(name: str) -> str | None:
    """Return a path in the user's home directory; None without a home."""
    try:
        return str(Path.home() / name)
    except RuntimeError:
        return None


def own_uids() -> frozenset[int]:
    """Return the numbers of this user. Root by way of sudo is also the user who called sudo."""
    uids = {os.geteuid()}
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isascii() and caller.isdecimal():
        uids.add(int(caller[:19]))
    return frozenset(uids)


def foreign_owner(path: str | os.PathLike[str]) -> str | None:
    """Return the owner of a file, or of the link that leads to it, if that is another user."""
    if not hasattr(os, "geteuid"):
        return None
    try:
        owners = [os.lstat(path).st_uid, os.stat(path).st_uid]
    except OSError:
        return None  # opening it will tell
    own = own_uids()
    return next((_name_of(uid) for uid in owners if uid not in own), None)


def _name_of(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return f"uid {uid}"
