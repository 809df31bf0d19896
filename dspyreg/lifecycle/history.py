"""The deployment before the current one: one rule for rollback, ``~1`` and retention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.model.state import ARCHIVED, ROLLED_BACK, SUPERSEDED, WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.model.state import Record, State


def current(state: State, program: str, environment: str) -> Record | None:
    """Return the live deployment, or the one last withdrawn if nothing is live."""
    live = state.pointer(program, environment).deployment
    records = state.records(program, environment)
    if live is not None:
        return next((record for record in records if record.id == live), None)
    return next((record for record in records if record.deployment.status == WITHDRAWN), None)


def origin(state: State, program: str, environment: str, record: Record) -> Record | None:
    """Return the first deployment that a record goes back to: itself, or the last of those that
    it restores; None if one of them is missing.
    """
    for each in state.records(program, environment):
        if record.deployment.restores is None:
            break
        if each.id == record.deployment.restores:
            record = each
    return record if record.deployment.restores is None else None


def previous(state: State, program: str, environment: str) -> Record | None:
    """Return the deployment that one rollback would restore: the newest superseded one whose
    origin is older than that of the current one, of another version that is not archived and has
    not been rolled back or withdrawn since.
    """
    now = current(state, program, environment)
    start = None if now is None else origin(state, program, environment, now)
    if now is None or start is None:
        return None
    for record in _not_taken_away_since(state.records(program, environment)):
        number, status = record.deployment.number, record.deployment.status
        if status != SUPERSEDED or number == now.deployment.number:
            continue
        first = origin(state, program, environment, record)
        is_older = first is not None and first.created < start.created
        if is_older and state.stage(program, number) != ARCHIVED:
            return record
    return None


def _not_taken_away_since(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the records of versions without a newer record that was rolled back or withdrawn."""
    gone: set[int] = set()
    for record in records:
        if record.deployment.status in {ROLLED_BACK, WITHDRAWN}:
            gone.add(record.deployment.number)
        elif record.deployment.number not in gone:
            yield record
