"""Configurations to begin with: ``simple`` and ``governed``."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict, UsageError
from dspyreg.registry.change import configure
from dspyreg.registry.read import log
from dspyreg.registry.read.configuration import built_in

if TYPE_CHECKING:
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.outcome import Outcome

PRESETS: Final = ("simple", "governed")


def read(name: str) -> str:
    """Return the document of a preset. Raises ``UsageError`` if there is none of that name."""
    if name not in PRESETS:
        near = get_close_matches(name.lower(), PRESETS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of: {', '.join(PRESETS)}"
        raise UsageError(f"no preset {name!r}", hint=hint)
    file = resources.files("dspyreg.config").joinpath("presets", f"{name}.yaml")
    return file.read_text(encoding="utf-8")


def put_in_force(context: Context, name: str) -> Outcome:
    """Put a preset in force in a registry in which nothing has happened yet, if it is not.

    Raises ``Conflict`` in any other: what is in force there is not replaced unasked.
    """
    text = read(name)
    try:
        outcome = configure.apply(context, text, reason=None, dry_run=True, over=built_in())
    except Conflict:
        raise _taken(name) from None
    if outcome.entry is None:
        return outcome
    if log.newest(context, None, limit=1, seq=None, at=None):
        raise _taken(name)
    return configure.apply(context, text, reason=None, dry_run=False, over=built_in())


def _taken(name: str) -> Conflict:
    return Conflict(
        f"the registry is in use, and preset {name} would replace its configuration",
        hint="`dspyreg config edit` changes the one in force",
    )
