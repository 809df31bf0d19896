"""Undo and redo: the entry that is meant, and the operation it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dspyreg.errors import Conflict, NotFound, Refused, UsageError
from dspyreg.lifecycle import undo as rules
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import names
from dspyreg.registry.context import read_configuration
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.outcome import concluded
from dspyreg.store import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dspyreg.config.value import Config
    from dspyreg.model.entry import Entry
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.commit import Planner
    from dspyreg.registry.transaction.committed import Committed
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.store.row import Row

UNDO, REDO = "undo", "redo"
_NO_POLICIES = "policies are not asked when something is taken back"


class UndoTarget(NamedTuple):
    """The entries to undo or redo; ``already`` says why there is nothing to do."""

    operation: str
    rows: tuple[Row, ...]
    already: str | None = None


def undo(
    context: Context, seq: int | None, options: ChangeOptions, *, program: str | None
) -> Outcome:
    """See ``Registry.undo``."""
    claim = options.claim(context, UNDO, program, seq=seq, reason=options.reason)

    def target() -> UndoTarget:
        return _target(context, seq) if seq is not None else _newest(context, program)

    return _carry_out(Transaction(context, UNDO, options, claim=claim), target, options)


def redo(
    context: Context, seq: int | None, options: ChangeOptions, *, program: str | None
) -> Outcome:
    """See ``Registry.redo``."""
    claim = options.claim(context, REDO, program, seq=seq, reason=options.reason)

    def target() -> UndoTarget:
        return _undone(context, seq) if seq is not None else _newest_undo(context, program)

    return _carry_out(Transaction(context, REDO, options, claim=claim), target, options)


def _carry_out(
    transaction: Transaction, target_of: Callable[[], UndoTarget], options: ChangeOptions
) -> Outcome:
    """Undo or redo a target, unless the request was carried out before: then what that left."""
    context = transaction.context
    before = transaction.repeated()
    if before is not None and before.entry is not None:
        with context.entries.reading():
            target = _left_by(context, before.entry)
        done = [before, *_run_all(transaction, target)]
        return concluded(context, *done, about=_versions(done))
    with context.entries.reading():
        target = target_of()
    if target.already is not None:
        return _nothing(transaction, target)
    if len(target.rows) > 1 and not options.dry_run:  # all must fit before the first happens
        rehearsal = Transaction(context, target.operation, options._replace(dry_run=True))
        planned = _run_all(rehearsal, target)
        if any(each.config and each.config.hooks.before for each in planned):
            from dspyreg.registry.transaction.hooks import vet_all

            transaction.vetted += vet_all(context, planned)
    done = _run_all(transaction, target)
    if len(done) > 1:
        notice = f"{len(done)} entries of one operation were taken along"
        plan = done[0].plan
        done[0] = done[0]._replace(plan=plan._replace(notices=(*plan.notices, notice)))
    return concluded(context, *done, about=_versions(done))


def _nothing(transaction: Transaction, target: UndoTarget) -> Outcome:
    """Return the outcome of a target that is undone or redone already."""
    entry = _entries(transaction.context, target)[0]
    plan = Plan(target.operation, entry.program, label=entry.label, already=target.already)
    return concluded(transaction.context, transaction.run(lambda *_: plan))


def _left_by(context: Context, before: Entry) -> UndoTarget:
    """Return the entries that an undo or redo of several did not come to."""
    state = context.entries.settled()
    own = queries.rows_of_operation(state, before.operation_id)
    undone = {row.undoes for row in own}
    first = _row(context, before.undoes or 0)
    rows = queries.effective_rows(state, first.operation_id)
    return UndoTarget(before.operation, tuple(row for row in rows if row.seq not in undone))


def _row(context: Context, seq: int) -> Row:
    row = queries.row(context.entries.settled(), seq)
    if row is None:
        raise NotFound("entry", str(seq))
    return row


def _target(context: Context, seq: int) -> UndoTarget:
    """Return the undo of an entry, the redo of an undo, or the undo of what was redone."""
    row = _row(context, seq)
    while True:
        if not row.changed:
            raise Refused("nothing-in-entry", seq=row.seq)
        if row.undone_by is not None:
            already = f"already: entry {row.seq} is undone by entry {row.undone_by}"
            return UndoTarget(UNDO, (row,), already)
        if row.undoes is None:
            return UndoTarget(UNDO, _operation(context, row))
        undone = _row(context, row.undoes)
        if undone.undoes is None:
            return UndoTarget(REDO, _operation(context, row))
        row = _row(context, undone.undoes)


def _undone(context: Context, seq: int) -> UndoTarget:
    """Return the redo of an undo, or of the entry that it undid."""
    row = _row(context, seq)
    if row.undoes is None and row.undone_by is not None:
        row = _row(context, row.undone_by)
    elif row.undoes is None or _row(context, row.undoes).undoes is not None:
        raise Refused("not-undone", seq=seq)
    if row.undone_by is not None:
        return UndoTarget(REDO, (row,), f"already: entry {seq} is redone by entry {row.undone_by}")
    return UndoTarget(REDO, _operation(context, row))


def _newest(context: Context, program: str | None) -> UndoTarget:
    row = queries.newest_undoable(context.entries.settled(), _valid(program))
    if row is None:
        raise Refused("nothing-to-undo")
    _require_own(context, row, UNDO)
    return UndoTarget(UNDO, _operation(context, row))


def _newest_undo(context: Context, program: str | None) -> UndoTarget:
    row = queries.newest_undo(context.entries.settled(), _valid(program))
    if row is None:
        raise Refused("nothing-to-redo")
    _require_own(context, row, REDO)
    return UndoTarget(REDO, _operation(context, row))


def _require_own(context: Context, row: Row, operation: str) -> None:
    """Raise ``UsageError`` if the newest entry, which was not named, is another actor's."""
    if row.actor != context.actor:
        raise UsageError(
            "not-your-entry",
            operation=operation,
            seq=row.seq,
            changed_by=row.operation,
            actor=row.actor,
        )


def _valid(program: str | None) -> str | None:
    """Return the name of a program, if one is given. Raises ``UsageError``."""
    return None if program is None else names.program(program)


def _operation(context: Context, row: Row) -> tuple[Row, ...]:
    """Return the effective entries of the operation that an entry belongs to, newest first."""
    rows = queries.effective_rows(context.entries.settled(), row.operation_id)
    return tuple(rows) or (row,)  # undone meanwhile: the plan will say so


def _run_all(transaction: Transaction, target: UndoTarget) -> list[Committed]:
    """Undo or redo every entry of a target, or find that a repeated request did."""
    context, along = transaction.context, {row.seq for row in target.rows}
    done: list[Committed] = []
    for entry in _entries(context, target):
        plan = _planner(context, target.operation, entry, along, is_first=not done)
        done.append(transaction.run(plan))
        if done[-1].repeated:  # another writer was faster with the same key
            break
    return done


def _entries(context: Context, target: UndoTarget) -> list[Entry]:
    with context.entries.reading(fresh=False):
        entries = context.entries.entries([row.seq for row in target.rows])
        return [_as_it_was(context, entry) for entry in entries]


def _as_it_was(context: Context, entry: Entry) -> Entry:
    """Return an entry with the values that its names had before it, whatever its line says."""
    before = context.entries.past(entry.seq - 1)
    changes = tuple(change._replace(old=before.get(change.name)) for change in entry.changes)
    return entry._replace(changes=changes)


def _planner(
    context: Context, operation: str, target: Entry, along: set[int], *, is_first: bool
) -> Planner:
    """Return how to plan the undo or redo of one entry; the entries ``along`` are done as well."""

    def writers(name: str, *, after: int = 0) -> list[int]:
        """Return the entries that changed a name, but for those that are undone as well."""
        seqs = queries.writers(context.entries.settled(), name, after=after)
        return [seq for seq in seqs if seq not in along]

    def plan(draft: Draft, config: Config) -> Plan:
        row = _row(context, target.seq)
        if row.undone_by is not None:  # another writer was faster
            already = f"already: entry {row.seq} is undone by entry {row.undone_by}"
            return Plan(operation, target.program, label=target.label, already=already)
        if operation == UNDO:
            rules.undo(draft, target, writers)
        else:
            rules.redo(draft, target, target.undoes or 0, writers)
        _require_sound(context, draft, config)
        return Plan(
            operation,
            target.program,
            label=target.label,
            undoes=target.seq,
            notices=(_NO_POLICIES,) if is_first else (),
        )

    return plan


def _require_sound(context: Context, draft: Draft, config: Config) -> None:
    """Raise ``Conflict`` if later changes rely on what a draft takes back."""
    if any(change.name == names.CONFIG for change in draft.changes):
        from dspyreg.lifecycle.configuration import objections

        value = draft.get(names.CONFIG)
        after = read_configuration(context.blobs, value["document"] if value else None)
        faults = objections(draft, config, after)
        if faults:
            raise Conflict("undo-in-use", faults="; ".join(faults))
        config = after
    rules.require_sound(draft, config)


def _versions(done: Iterable[Committed]) -> list[tuple[str, int]]:
    """Return the versions that the entries name, those that they are about first."""
    versions: dict[tuple[str, int], None] = {}
    for each in done:
        for change in each.entry.changes if each.entry else ():
            kind, *rest = names.split(change.name)
            if kind in {"versions", "stages", "metrics", "tags", "approvals", "evidence"}:
                versions[rest[0], int(rest[1])] = None
            elif kind == "deployments":
                versions[rest[0], (change.new or change.old)["number"]] = None
    return list(versions)
