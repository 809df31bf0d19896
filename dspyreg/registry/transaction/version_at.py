"""Versions as of an entry, or as a dry run would leave them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dspyreg.errors import Corrupt
from dspyreg.model import names
from dspyreg.model.document import described
from dspyreg.model.version import Version
from dspyreg.registry.transaction.dry_run_blobs import DryRunBlobs
from dspyreg.store import queries
from dspyreg.store.objects import read_document
from dspyreg.store.version_view import facts, version_object

if TYPE_CHECKING:
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.committed import Committed
    from dspyreg.store.index_state import IndexState


def version_at(context: Context, done: Committed, program: str, number: int) -> Version | None:
    """Return a version as of an entry, or as a dry run would leave it."""
    entry = done.entry
    if entry is not None and entry.seq == 0:
        return _preview(context, done, program, number)
    log = context.entries
    with log.reading(fresh=entry is None or entry.seq > log.head.seq) as head:
        state = log.state() if entry is None or entry.seq == head.seq else log.past(entry.seq)
        if not state.has(program, number):
            return None
        return version_in(context, state.settled(), program, number)


def _preview(context: Context, done: Committed, program: str, number: int) -> Version | None:
    blobs = DryRunBlobs(context.blobs, done.blobs)
    with context.entries.preview(done.intents, blobs) as state:
        if not state.has(program, number):
            return None
        return version_in(context, state, program, number)


def version_in(context: Context, state: IndexState, program: str, number: int) -> Version:
    """Return a version that exists in a state."""
    if state.at is None:
        text = queries.version_json(state, program, number)
        if text is None:
            raise Corrupt(names.version(program, number), "version-missing")
        return Version.from_json(json.loads(text))
    return Version.from_json(version_json(context, state, program, number))


def version_json(context: Context, state: IndexState, program: str, number: int) -> dict[str, Any]:
    """Return the JSON document of a version of a past state."""
    known = facts(state, program, (number,))[number]
    try:
        fixed = described(read_document(context.blobs, known.snapshot.document))
    except Corrupt:
        fixed = None
    metrics = context.configuration_of(state).metrics_of(program)
    return version_object(program, number, known, fixed, metrics)
