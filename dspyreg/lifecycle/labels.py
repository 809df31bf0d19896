"""Labels of new versions: those that are given, and automatic ones."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from dspyreg.errors import UsageError
from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, DEPRECATED, Ranked, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dspyreg.config.value import Config

_RESERVED = {"latest", DEPRECATED, ARCHIVED}


def allowed(config: Config, text: str) -> str:
    """Return a label if the configuration allows it. Raises ``UsageError``."""
    strategy = config.versioning.strategy
    label = labels.semantic(text) if strategy == "semantic" else labels.any_form(text)
    places = {environment.name for environment in config.environments}
    if label in _RESERVED | places or config.rung(label) is not None:
        raise UsageError("label-reserved", hint="label-names-stage", label=label)
    if strategy != "integer" and label.isdecimal():
        raise UsageError("label-reserved", hint="label-is-number", label=label)
    return label


def automatic(
    state: State, config: Config, program: str, number: int, *, bump: str, now: datetime
) -> str:
    """Return the next label of the configured strategy that was never used."""
    if not config.versioning.auto_increment:
        raise UsageError("label-missing")
    candidates = _candidates(state, config, program, number, bump=bump, now=now)
    return next(
        label for label in candidates if state.get(names.reserved_label(program, label)) is None
    )


def highest(state: State, program: str) -> str | None:
    """Return the label that automatic ones continue from: the highest release, archived or not,
    or else the highest prerelease; None without a SemVer label.
    """
    both = (_highest_of(state, program, archived=archived) for archived in (False, True))
    rows = [(labels.is_release(row.rank or ""), row.rank or "", row.label) for row in both if row]
    return max(rows)[2] if rows else None


def _highest_of(state: State, program: str, *, archived: bool) -> Ranked | None:
    first = None
    for row in state.ranked(program, archived=archived):
        if row.rank is not None and labels.is_release(row.rank):
            return row
        first = first or (row if row.rank is not None else None)
    return first


def _candidates(
    state: State, config: Config, program: str, number: int, *, bump: str, now: datetime
) -> Iterator[str]:
    strategy = config.versioning.strategy
    if strategy == "timestamp":
        stamp = now.strftime("v%Y%m%d_%H%M%S")
        yield stamp
        yield from (f"{stamp}_{nth}" for nth in count(2))
    elif strategy == "integer":
        yield from (str(nth) for nth in count(max(number, _after_all(state, program))))
    else:
        yield from _semantic(highest(state, program), bump)


def _after_all(state: State, program: str) -> int:
    """Return the first whole number above all labels that are whole numbers."""
    rows = (row for each in (False, True) for row in state.ranked(program, archived=each))
    return 1 + max((int(row.label) for row in rows if row.label.isdecimal()), default=0)


def _semantic(base: str | None, bump: str) -> Iterator[str]:
    label = labels.FIRST if base is None else labels.bump(base, bump)
    while label is not None:
        yield label
        label = labels.bump(label, bump)
