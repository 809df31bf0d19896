"""Versions as of an entry, or as a dry run would leave them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dspyreg.errors import Corrupt
from dspyreg.model.document import described
from dspyreg.model.version import Version
from dspyreg.registry.transaction.dry_run_blobs import DryRunBlobs
from dspyreg.store.head_state import HeadState
from dspyreg.store.index_state import Past
from dspyreg.store.objects import read_document
from dspyreg.store.version_view import facts, version_object

if TYPE_CHECKING:
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.committed import Committed


def version_at(context: Context, done: Committed, program: str, number: int) -> Version | None:
    """Return a version as of an entry, or as a dry run would leave it."""
    with context.entries.lock:
        entry = done.entry
        if entry is not None and entry.seq == 0:
            return _preview(context, done, program, number)
        head = context.entries.refresh()
        state: State = context.entries.state()
        if entry is not None and entry.seq != head.seq:
            state = context.entries.past(entry.seq)
        if not state.has(program, number):
            return None
        return version_in(context, state, program, number, head.seq)


def _preview(context: Context, done: Committed, program: str, number: int) -> Version | None:
    blobs = DryRunBlobs(context.blobs, done.blobs)
    with context.entries.preview(done.intents, blobs) as state:
        if not state.has(program, number):
            return None
        return version_in(context, state, program, number)


def version_in(
    context: Context, state: State, program: str, number: int, seq: int | None = None
) -> Version:
    """Return a version as of the head with a ``seq``. Other processes may have brought the index
    further, to where the version no longer exists.
    """
    state = settled(context, state)
    if state.at is None:
        row = state.db.execute(
            "select json, (select seq from meta) from versions where program = ? and number = ?",
            (program, number),
        ).fetchone()
        if row is not None and seq in {None, row[1]}:
            return Version.from_json(json.loads(row[0]))
        assert seq is not None  # noqa: S101 - no other process shares a preview
        state = context.entries.past(seq)
    return Version.from_json(version_json(context, state, program, number))


def version_json(context: Context, state: Past, program: str, number: int) -> dict[str, Any]:
    """Return the JSON document of a version of a past state."""
    known = facts(state, program, (number,))[number]
    try:
        fixed = described(read_document(context.blobs, known.snapshot.document))
    except Corrupt:
        fixed = None
    metrics = context.configuration_of(state).metrics_of(program)
    return version_object(program, number, known, fixed, metrics)


def settled(context: Context, state: State) -> Past:
    """Return a state whose index is at its head, or beyond."""
    past = context.entries.settled() if isinstance(state, HeadState) else state
    assert isinstance(past, Past)  # noqa: S101 - there are no others
    return past
