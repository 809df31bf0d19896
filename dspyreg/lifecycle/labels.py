"""Which label a new version gets, and which it may have."""

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

_TAKEN = {"latest", DEPRECATED, ARCHIVED}


def given(config: Config, text: str) -> str:
    """Return a label that somebody chose, if the configuration allows it. Raises
    ``UsageError``.
    """
    strategy = config.versioning.strategy
    label = labels.semantic(text) if strategy == "semantic" else labels.any_form(text)
    places = {environment.name for environment in config.environments}
    if label in _TAKEN | places or config.rung(label) is not None:
        raise UsageError(f"{label!r} cannot be a label", hint="it names a stage or an environment")
    if strategy != "integer" and label.isdecimal():
        raise UsageError(
            f"{label!r} cannot be a label", hint="bare numbers are versions' numbers: qa@#3"
        )
    return label


def automatic(
    state: State, config: Config, program: str, number: int, *, bump: str, now: datetime
) -> str:
    """Return the next label of the configured strategy that was never used."""
    if not config.versioning.auto_increment:
        raise UsageError("a label must be given", hint="--version=1.2.0")
    for label in _candidates(state, config, program, number, bump=bump, now=now):
        if state.get(names.reserved_label(program, label)) is None:
            return label
    raise AssertionError  # pragma: no cover - candidates never end


def highest(state: State, program: str) -> str | None:
    """Return the label that automatic ones go on from: the highest release that there is, archived
    or not, else the highest prerelease; None without one that is SemVer.
    """
    both = (_highest_of(state, program, archived=archived) for archived in (False, True))
    found = [(labels.is_release(row.rank or ""), row.rank or "", row.label) for row in both if row]
    return max(found)[2] if found else None


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
    """Return the first whole number above every label that is one."""
    rows = (row for each in (False, True) for row in state.ranked(program, archived=each))
    return 1 + max((int(row.label) for row in rows if row.label.isdecimal()), default=0)


def _semantic(base: str | None, bump: str) -> Iterator[str]:
    label = labels.FIRST if base is None else labels.bump(base, bump)
    while label is not None:
        yield label
        label = labels.bump(label, bump)
