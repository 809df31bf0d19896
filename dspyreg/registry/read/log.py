"""Reading the log: its entries, newest first, or one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import NotFound
from dspyreg.lifecycle.select import no_program
from dspyreg.model import names
from dspyreg.registry.read.resolve import moment_of
from dspyreg.store import queries
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
    with moment_of(context, at) as moment:
        head, log = moment.head, context.entries
        if seq is not None:
            if seq > head.seq:
                raise NotFound("entry", str(seq), hint="log-ends", last=head.seq)
            seqs = [seq]
        else:
            if program is not None:
                names.program(program)
            rows = queries.newest_rows(moment.state.settled(), program, limit=limit)
            if not rows and program is not None:
                raise no_program(moment.state, program)
            seqs = [row.seq for row in rows]
        return EntryList(with_reason(context.blobs, entry) for entry in log.entries(seqs))
