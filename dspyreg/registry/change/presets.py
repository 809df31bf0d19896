"""Preset configurations: ``simple`` and ``governed``."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import resources
from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict, UsageError
from dspyreg.registry.change import configure
from dspyreg.registry.read import log
from dspyreg.registry.read.configuration import built_in
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.outcome import Outcome

PRESETS: Final = ("simple", "governed")


def read(name: str) -> str:
    """Return the document of a preset. Raises ``UsageError`` if there is none of that name."""
    if name not in PRESETS:
        near = get_close_matches(name.lower(), PRESETS, n=1)
        if near:
            raise UsageError("preset-unknown", hint="preset-similar", name=name, near=near[0])
        raise UsageError("preset-unknown", name=name, presets=", ".join(PRESETS))
    file = resources.files("dspyreg.config").joinpath("presets", f"{name}.yaml")
    return file.read_text(encoding="utf-8")


def put_in_force(context: Context, name: str) -> Outcome:
    """Put a preset in force in a registry in which nothing has happened yet, if it is not.

    Raises ``Conflict`` in any other, whose configuration is not replaced unasked.
    """
    text = read(name)
    try:
        outcome = configure.apply(context, text, ChangeOptions(dry_run=True), over=built_in())
    except Conflict:
        raise Conflict("registry-in-use", preset=name) from None
    if outcome.entry is None:
        return outcome
    if log.newest(context, None, limit=1, seq=None, at=None):
        raise Conflict("registry-in-use", preset=name)
    return configure.apply(context, text, ChangeOptions(), over=built_in())
