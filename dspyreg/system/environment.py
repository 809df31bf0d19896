"""Environment variables: the settings of one run."""

from __future__ import annotations

import os
from typing import Final

from dspyreg.errors import UsageError

ALL: Final = "all"


def variables() -> dict[str, str]:
    """Return all variables, for a command of the user's own to start from."""
    return dict(os.environ)


def trust(option: str | None = None) -> str | None:
    """Return what is trusted for this run, from an option or ``DSPYREG_TRUST``: the digest of
    commands, ``all``, or None. Raises ``UsageError`` for anything else.
    """
    text = option or os.environ.get("DSPYREG_TRUST") or None
    if text is None or text == ALL:
        return text
    from dspyreg.model.digest import Digest

    try:
        return Digest.parse(text)
    except ValueError as error:
        raise UsageError("trust-invalid", text=text[:80]) from error


def has_actor() -> bool:
    """Return whether the actor is named by hand, in ``DSPYREG_ACTOR``, and not detected."""
    return bool(os.environ.get("DSPYREG_ACTOR"))


def hook_depth() -> int:
    """Return how many of the user's commands this one runs in, each started by the one before."""
    text = os.environ.get("DSPYREG_HOOK_DEPTH", "")
    return int(text[:9]) if text.isascii() and text.isdecimal() else 0


def events() -> str | None:
    """Return the file that events go to, if there is one; ``-`` is standard error."""
    return os.environ.get("DSPYREG_EVENTS") or None


def editor() -> str | None:
    """Return the command of the user's editor, if one is set."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or None


def is_debugging() -> bool:
    """Return whether bugs of dspyreg are shown with their traceback."""
    return bool(os.environ.get("DSPYREG_DEBUG"))


def has_colour() -> bool:
    """Return whether a terminal may be sent colours."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
