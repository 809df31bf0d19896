"""The actor: the name that entries are signed with."""

from __future__ import annotations

import os

from dspyreg.model import names


def actor(option: str | None = None) -> str:
    """Return the actor: from an option, ``DSPYREG_ACTOR``, CI, git's user, or the login.

    Raises ``UsageError`` if there is none, or for a name that is not one printable line.
    """
    name = option or os.environ.get("DSPYREG_ACTOR") or _detected()
    return names.word("actor", _normalized(name))


def _detected() -> str:
    from dspyreg.system import ci

    name = ci.actor()
    if name is None:
        from dspyreg.system import git_files, user

        name = git_files.user() or user.login()
    return name


def _normalized(name: str) -> str:
    """Return the one spelling of a name: one person must not count as two."""
    if not name.isascii():
        from unicodedata import normalize

        name = normalize("NFC", name)
    return name.strip()
