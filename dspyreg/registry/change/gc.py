"""Garbage collection: the entry that lists unneeded blobs, then their deletion."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dspyreg.errors import UsageError
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import moment
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Entry
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.store import gc as rules
from dspyreg.store.gc import Swept

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.line import Head
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.committed import Committed
    from dspyreg.registry.transaction.options import ChangeOptions

GRACE: Final = timedelta(hours=24)
UNDO_WINDOW: Final = timedelta(days=90)
_FILLED: Final = timedelta(hours=1)  # the longest that a writer takes to fill a temporary file
_BATCH: Final = 200  # deletions in one turn, for which writers wait


def gc(
    context: Context,
    options: ChangeOptions,
    *,
    grace: timedelta | str | None,
    undo_window: timedelta | str | None,
) -> Swept:
    """See ``Registry.gc``."""
    grace, window = _duration(grace, GRACE), _duration(undo_window, UNDO_WINDOW)
    times = {"grace": grace.total_seconds(), "undo_window": window.total_seconds()}
    claim = options.claim(context, rules.OPERATION, None, **times)
    transaction = Transaction(context, rules.OPERATION, options, claim=claim)
    read_to = context.entries.refresh()
    keep = _needed(context, window)
    sizes = rules.candidates(context.blobs, keep, grace)
    before = transaction.repeated()
    if options.dry_run:
        sizes, notices = _listed(context, sizes, before)
        left = _count(context) - len(sizes)
        return Swept(tuple(sizes), sum(sizes.values()), left, True, notices)
    freed = context.blobs.sweep(if_older_than=max(grace, _FILLED))
    if sizes and before is None:
        before = _announce(transaction, sizes)
    sizes, notices = _listed(context, sizes, before)
    gone: list[Digest] = []
    try:
        _delete(context, list(sizes), grace, read_to, gone)
    except BaseException as error:
        error.add_note(f"{len(gone)} of {len(sizes)} blobs were deleted")
        raise
    freed += sum(sizes[digest] for digest in gone)
    return Swept(tuple(gone), freed, _count(context), False, notices)


def _duration(value: timedelta | str | None, default: timedelta) -> timedelta:
    """Return a duration, also of a text such as ``90d``. Raises ``UsageError``."""
    if not isinstance(value, str):
        return default if value is None else value
    try:
        return moment.duration(value)
    except ValueError as error:
        raise UsageError("duration-invalid", reason=error) from error


def _needed(context: Context, window: timedelta) -> set[Digest]:
    since = moment.text(moment.before(context.now(), window))
    return rules.needed(context.entries, context.blobs, since)


def _count(context: Context) -> int:
    return sum(1 for _ in context.blobs.list())


def _listed(
    context: Context, sizes: dict[Digest, int], before: Committed | None
) -> tuple[dict[Digest, int], tuple[str, ...]]:
    """Return the blobs that a run may delete, and its notices. A run that repeats another deletes
    no more than that had listed.
    """
    if before is None or before.entry is None or not before.repeated:
        return sizes, ()
    listed = rules.collected(context.blobs, rules.lists_of(before.entry))
    left = {digest: size for digest, size in sizes.items() if digest in listed}
    return left, (before.plan.already or "",)


def _announce(transaction: Transaction, sizes: dict[Digest, int]) -> Committed:
    """Append the entry that lists the blobs to delete."""
    listed = rules.list_of(sizes)
    evidence = {
        "collected": {"blob": Digest.of(listed)},
        "blobs": len(sizes),
        "bytes": sum(sizes.values()),
    }

    def plan(_draft: Draft, _config: Config) -> Plan:
        return Plan(rules.OPERATION, evidence=evidence, blobs=(listed,))

    return transaction.run(plan)


def _delete(
    context: Context,
    candidates: list[Digest],
    grace: timedelta,
    read_to: Head,
    gone: list[Digest],
) -> None:
    """Delete blobs in turns in which no writer can append, except those that an entry after
    ``read_to`` names: a writer checks in its own turn that all blobs of its entry are there.
    ``gone`` collects the digests of the deleted, also where this fails half way.
    """
    spared = set[Digest]()
    log, blobs = context.entries, context.blobs
    for start in range(0, len(candidates), _BATCH):
        with log.turn():
            for line in log.lines_after(read_to):
                spared |= rules.named_by(blobs, [Entry.read(line)])
                read_to = line.head
            for digest in candidates[start : start + _BATCH]:
                if digest not in spared and blobs.delete(digest, if_older_than=grace):
                    gone.append(digest)  # noqa: PERF401 - kept, should the next one fail
