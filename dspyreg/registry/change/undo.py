"""Undo and redo: which entry is meant, and the operation it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dspyreg.errors import Conflict, NotFound, Refused, UsageError
from dspyreg.lifecycle import undo as rules
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import names
from dspyreg.registry.change.result import outcome
from dspyreg.registry.context import read_configuration
from dspyreg.registry.transaction.commit import commit, keyed, new_operation_id, repeated
from dspyreg.store import queries

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.model.entry import Entry
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.commit import Committed
    from dspyreg.registry.transaction.hooks import Vetted
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.registry.transaction.request_keys import Claim
    from dspyreg.store.row import Row

UNDO, REDO = "undo", "redo"
_NO_POLICIES = "policies are not asked when something is taken back"


class Aim(NamedTuple):
    """What is to be done to which entries; ``original`` is what they, or their undos, are."""

    operation: str
    rows: tuple[Row, ...]
    already: str | None = None


def undo(
    context: Context,
    seq: int | None,
    *,
    program: str | None,
    reason: str | None,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.undo``."""
    claim = keyed(context, UNDO, operation_id, program, seq=seq, reason=reason)

    def aim() -> Aim:
        return _aim_at(context, seq) if seq is not None else _newest(context, program)

    return _carry_out_once(context, aim, reason, dry_run=dry_run, claim=claim)


def redo(
    context: Context,
    seq: int | None,
    *,
    program: str | None,
    reason: str | None,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.redo``."""
    claim = keyed(context, REDO, operation_id, program, seq=seq, reason=reason)

    def aim() -> Aim:
        return _aim_at_undo(context, seq) if seq is not None else _newest_undo(context, program)

    return _carry_out_once(context, aim, reason, dry_run=dry_run, claim=claim)


def _carry_out_once(
    context: Context,
    aim: Callable[[], Aim],
    reason: str | None,
    *,
    dry_run: bool,
    claim: Claim | None,
) -> Outcome:
    """Carry out what ``aim`` finds, unless its claim was carried out before: then what is left."""
    before = repeated(context, claim, dry_run=dry_run)
    if before is not None:
        return _go_on(context, before, claim, reason, dry_run=dry_run)
    with context.entries.reading():
        found = aim()
    return _carry_out(context, found, reason, dry_run=dry_run, claim=claim)


def _go_on(
    context: Context,
    before: Committed,
    claim: Claim | None,
    reason: str | None,
    *,
    dry_run: bool,
) -> Outcome:
    """Answer with what was carried out before, after what that has left undone, if anything."""
    with context.entries.reading():
        aim = _left_by(context, before)
    held = claim and claim._replace(held=True)
    rest = _take_all(context, aim, reason, dry_run=dry_run, claim=held)
    return outcome(context, before, *rest, pairs=_pairs([before, *rest]))


def _left_by(context: Context, before: Committed) -> Aim:
    """Return what an undo or redo of several entries has not come to: what it never took back."""
    assert before.entry is not None  # noqa: S101 - it was repeated
    mine = queries.rows_of_operation(context.entries.settled(), before.entry.operation_id)
    taken = {row.undoes for row in mine}
    target = _row(context, before.entry.undoes or 0)
    rows = queries.standing_rows(context.entries.settled(), target.operation_id)
    left = tuple(row for row in rows if row.seq not in taken)
    return Aim(before.entry.operation, left)


def _row(context: Context, seq: int) -> Row:
    row = queries.row(context.entries.settled(), seq)
    if row is None:
        raise NotFound("entry", str(seq))
    return row


def _aim_at(context: Context, seq: int) -> Aim:
    """Undo an entry, redo an undo, undo what a redo brought back."""
    row = _row(context, seq)
    while True:
        if not row.changed:
            raise Refused(f"entry {row.seq} changed nothing that could be undone")
        if row.undone_by is not None:
            told = f"already: entry {row.seq} is undone by entry {row.undone_by}"
            return Aim(UNDO, (row,), told)
        if row.undoes is None:
            return Aim(UNDO, _operation(context, row))
        undone = _row(context, row.undoes)
        if undone.undoes is None:
            return Aim(REDO, _operation(context, row))
        row = _row(context, undone.undoes)


def _aim_at_undo(context: Context, seq: int) -> Aim:
    """Redo an undo, or the entry that it undid."""
    row = _row(context, seq)
    if row.undoes is None and row.undone_by is not None:
        row = _row(context, row.undone_by)
    elif row.undoes is None or _row(context, row.undoes).undoes is not None:
        raise Refused(f"entry {seq} is not undone", hint=f"`dspyreg undo {seq}` undoes it")
    if row.undone_by is not None:
        return Aim(REDO, (row,), f"already: entry {seq} is redone by entry {row.undone_by}")
    return Aim(REDO, _operation(context, row))


def _newest(context: Context, program: str | None) -> Aim:
    row = queries.newest_undoable(context.entries.settled(), _program(program))
    if row is None:
        raise Refused("there is nothing to undo")
    _require_own(context, row, UNDO)
    return Aim(UNDO, _operation(context, row))


def _newest_undo(context: Context, program: str | None) -> Aim:
    row = queries.newest_undo(context.entries.settled(), _program(program))
    if row is None:
        raise Refused("there is nothing to redo")
    _require_own(context, row, REDO)
    return Aim(REDO, _operation(context, row))


def _require_own(context: Context, row: Row, operation: str) -> None:
    """Raise ``UsageError`` if what nobody named is somebody else's."""
    if row.actor != context.actor:
        raise UsageError(
            f"the newest to {operation}, entry {row.seq} ({row.operation}), is by {row.actor}",
            hint=f"`dspyreg {operation} {row.seq}` if that is the one",
        )


def _program(program: str | None) -> str | None:
    return None if program is None else names.program(program)


def _operation(context: Context, row: Row) -> tuple[Row, ...]:
    """The whole operation that an entry belongs to, newest first: what of it still stands."""
    rows = queries.standing_rows(context.entries.settled(), row.operation_id)
    return tuple(rows) or (row,)  # somebody else may have been faster: the plan will say so


def _carry_out(
    context: Context, aim: Aim, reason: str | None, *, dry_run: bool, claim: Claim | None
) -> Outcome:
    if aim.already is not None:
        entry = _entries(context, aim)[0]
        plan = Plan(aim.operation, entry.program, label=entry.label, already=aim.already)
        done = commit(
            context, lambda *_: plan, operation=aim.operation, dry_run=dry_run, claim=claim
        )
        return outcome(context, done)
    vetted: tuple[Vetted, ...] = ()
    if len(aim.rows) > 1 and not dry_run:  # before the first happens, all must fit
        planned = _take_all(context, aim, reason, dry_run=True, claim=claim)
        if any(each.config and each.config.hooks.before for each in planned):
            from dspyreg.registry.transaction.hooks import vet_all

            vetted = vet_all(context, planned)
    done_all = _take_all(context, aim, reason, dry_run=dry_run, vetted=vetted, claim=claim)
    return _outcome(context, done_all)


def _take_all(
    context: Context,
    aim: Aim,
    reason: str | None,
    *,
    dry_run: bool,
    claim: Claim | None,
    vetted: tuple[Vetted, ...] = (),
) -> list[Committed]:
    identity = new_operation_id()
    done: list[Committed] = []
    for target in _entries(context, aim):
        one = _take_back(
            context,
            aim,
            target,
            identity,
            reason,
            done,
            dry_run=dry_run,
            vetted=vetted,
            claim=claim,
        )
        done.append(one)
        if one.repeated:  # somebody else was faster with the same key
            break
        claim = claim and claim._replace(held=True)
    return done


def _entries(context: Context, aim: Aim) -> list[Entry]:
    with context.entries.reading(fresh=False):
        found = context.entries.entries([row.seq for row in aim.rows])
        return [_as_it_was(context, entry) for entry in found]


def _as_it_was(context: Context, entry: Entry) -> Entry:
    """The entry with the values that names really had before it, whatever it says."""
    before = context.entries.past(entry.seq - 1)
    changes = tuple(change._replace(old=before.get(change.name)) for change in entry.changes)
    return entry._replace(changes=changes)


def _outcome(context: Context, done: list[Committed]) -> Outcome:
    if len(done) > 1:
        told = f"{len(done)} entries of one operation were taken along"
        plan = done[0].plan
        done[0] = done[0]._replace(plan=plan._replace(notices=(*plan.notices, told)))
    return outcome(context, *done, pairs=_pairs(done))


def _take_back(
    context: Context,
    aim: Aim,
    target: Entry,
    identity: str,
    reason: str | None,
    before: list[Committed],
    *,
    dry_run: bool,
    vetted: tuple[Vetted, ...],
    claim: Claim | None,
) -> Committed:
    first, along = not before, {row.seq for row in aim.rows}

    def writers(name: str, *, after: int = 0) -> list[int]:
        """Who changed a name, besides what goes along."""
        seqs = queries.writers(context.entries.settled(), name, after=after)
        return [seq for seq in seqs if seq not in along]

    def plan(draft: Draft, config: Config) -> Plan:
        row = _row(context, target.seq)
        if row.undone_by is not None:  # somebody else was faster
            told = f"already: entry {row.seq} is undone by entry {row.undone_by}"
            return Plan(aim.operation, target.program, label=target.label, already=told)
        if aim.operation == UNDO:
            rules.take_back(draft, target, writers)
        else:
            rules.bring_back(draft, target, target.undoes or 0, writers)
        _require_sound(context, draft, config)
        return Plan(
            aim.operation,
            target.program,
            label=target.label,
            undoes=target.seq,
            notices=(_NO_POLICIES,) if first else (),
        )

    return commit(
        context,
        plan,
        operation=aim.operation,
        reason=reason,
        operation_id=identity,
        dry_run=dry_run,
        upon=tuple(before) if dry_run else (),
        vetted=vetted,
        claim=claim,
    )


def _require_sound(context: Context, draft: Draft, config: Config) -> None:
    if any(change.name == names.CONFIG for change in draft.changes):
        from dspyreg.lifecycle.configuration import objections

        value = draft.get(names.CONFIG)
        after = read_configuration(context.blobs, value["document"] if value else None)
        faults = objections(draft, config, after)
        if faults:
            raise Conflict("; ".join(faults), hint="undo what came later first")
        config = after
    rules.require_sound(draft, config)


def _pairs(done: list[Committed]) -> list[tuple[str, int]]:
    """The versions that the entries speak of, those they are about first."""
    found: dict[tuple[str, int], None] = {}
    for each in done:
        for change in each.entry.changes if each.entry else ():
            kind, *rest = names.split(change.name)
            if kind in {"versions", "stages", "metrics", "tags", "approvals", "evidence"}:
                found[rest[0], int(rest[1])] = None
            elif kind == "deployments":
                found[rest[0], (change.new or change.old)["number"]] = None
    return list(found)
