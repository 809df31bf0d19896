"""Operation keys: the same request under the same key is carried out once (format.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Conflict, UsageError
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import DONE
from dspyreg.store import queries
from dspyreg.store.objects import with_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.model.entry import Entry
    from dspyreg.registry.context import Context

_ID_LENGTH = 16


class Answer(NamedTuple):
    """The first entry of an operation, its plan, and the state that this was made on."""

    plan: Plan
    draft: Draft
    entry: Entry


class Claim(NamedTuple):
    """A key, the operation id that is derived from it, and the digest of the request."""

    key: str
    operation_id: str
    request: Digest

    def answer(self, context: Context) -> Answer | None:
        """Return what this request came to before; None if it has not been carried out.

        Raises ``Conflict`` if the key was used for another request.
        """
        entry = _first(context, self.operation_id)
        if entry is None:
            return None
        if entry.context.get("request") != self.request:
            raise Conflict("operation-id-taken", key=self.key, seq=entry.seq)
        return _answer(context, entry)


def claim(
    context: Context,
    operation: str,
    key: str,
    program: str | None,
    arguments: Mapping[str, Any],
) -> Claim:
    """Return the claim of a request to its key. Raises ``UsageError`` for an empty key."""
    if not key.strip():
        raise UsageError("operation-id-empty")
    owner = f"{context.actor}\0{names.utf8('operation id', key)}".encode()
    request = {"operation": operation, "program": program, "arguments": dict(arguments)}
    operation_id = Digest.of(owner).hex[:_ID_LENGTH]
    return Claim(key, operation_id, Digest.of(canonical.dumps(request)))


def _first(context: Context, operation_id: str) -> Entry | None:
    rows = queries.rows_of_operation(context.entries.settled(), operation_id)
    entries = context.entries.entries([row.seq for row in reversed(rows)])
    return next((entry for entry in entries if entry.outcome == DONE), None)


def _answer(context: Context, entry: Entry) -> Answer:
    """Return an entry as the transaction that appended it did, with a notice that it is older."""
    draft = Draft(context.entries.past(entry.seq), entry.operation_id)
    number = None
    if entry.program is not None and entry.label is not None:
        number = draft.number(entry.program, entry.label)
    row = queries.row(context.entries.settled(), entry.seq)
    undone = row and row.undone_by and f"entry {entry.seq} is undone by entry {row.undone_by}"
    plan = Plan(
        entry.operation,
        entry.program,
        number,
        entry.label,
        already=f"already: entry {entry.seq}",
        notices=(undone,) if undone else (),
    )
    return Answer(plan, draft, with_reason(context.blobs, entry))
