"""What was live before: the one rule that rollback, ``~1`` and retention share."""

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


def origin(state: State, program: str, environment: str) -> Record | None:
    """Return the deployment that the current one goes back to: itself, or what it restores."""
    wanted = current(state, program, environment)
    if wanted is None or wanted.deployment.restores is None:
        return wanted
    restored = wanted.deployment.restores
    for record in state.records(program, environment):
        if record.id == restored:
            if record.deployment.restores is None:
                return record
            restored = record.deployment.restores
    return None


def previous(state: State, program: str, environment: str) -> Record | None:
    """Return what one rollback would bring back: the newest superseded deployment older than the
    origin, of another, unarchived version that has not been rolled back since.
    """
    now = current(state, program, environment)
    start = origin(state, program, environment)
    if now is None or start is None:
        return None
    return next(
        (
            record
            for record in _not_rolled_back_since(state.records(program, environment))
            if record.created < start.created
            and record.deployment.status == SUPERSEDED
            and record.deployment.number != now.deployment.number
            and state.stage(program, record.deployment.number) != ARCHIVED
        ),
        None,
    )


def _not_rolled_back_since(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the records of versions that no newer record says were rolled back."""
    rolled_back: set[int] = set()
    for record in records:
        if record.deployment.status == ROLLED_BACK:
            rolled_back.add(record.deployment.number)
        elif record.deployment.number not in rolled_back:
            yield record
