"""Reading the log: its entries, newest first, or one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import NotFound
from dspyreg.lifecycle.select import no_program
from dspyreg.model import names
from dspyreg.registry.read.resolve import moment_of
from dspyreg.store.objects import with_reason

if TYPE_CHECKING:
    from dspyreg.model.entry import Entry
    from dspyreg.registry.context import Context


class EntryList(list["Entry"]):
    """Entries of the log, newest first."""


def newest(
    context: Context, program: str | None, *, limit: int, seq: int | None, at: str | None
) -> EntryList:
    """See ``Registry.log``."""
    with context.entries.lock:
        head, state = moment_of(context, at)
        if seq is not None:
            if seq > head.seq:
                raise NotFound("entry", str(seq), hint=f"the log ends with {head.seq}")
            seqs = [seq]
        elif program is None:
            seqs = [row.seq for row in context.entries.rows("seq <= ?", head.seq, limit=limit)]
        else:
            names.program(program)
            wanted = ("program = ? and seq <= ?", program, head.seq)
            seqs = [row.seq for row in context.entries.rows(*wanted, limit=limit)]
            if not seqs:
                raise no_program(state, program)
        entries = context.entries.entries(seqs)
        return EntryList(with_reason(context.blobs, entry) for entry in entries)
