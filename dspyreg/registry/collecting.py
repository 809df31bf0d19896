"""gc: the entry that says what may go, then the deletions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import moment
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Entry
from dspyreg.registry.commit import commit
from dspyreg.store import gc as rules
from dspyreg.store.gc import Swept

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.line import Head
    from dspyreg.registry.facade import Registry

GRACE: Final = timedelta(hours=24)
UNDO_WINDOW: Final = timedelta(days=90)
_BATCH: Final = 200  # deletions that writers wait for


def gc(
    registry: Registry, *, grace: timedelta | None, undo_window: timedelta | None, dry_run: bool
) -> Swept:
    """See ``Registry.gc``."""
    grace = GRACE if grace is None else grace
    window = UNDO_WINDOW if undo_window is None else undo_window
    read_to = registry.the_log.refresh()
    keep = _needed(registry, window)
    sizes = rules.candidates(registry.blobs, keep, grace)
    if dry_run:
        return Swept(tuple(sizes), sum(sizes.values()), _count(registry) - len(sizes), dry_run)
    freed = registry.blobs.sweep(if_older_than=grace)
    if sizes:
        _announce(registry, sizes)
    gone = _delete(registry, list(sizes), grace, read_to)
    return Swept(gone, freed + sum(sizes[digest] for digest in gone), _count(registry), dry_run)


def _needed(registry: Registry, window: timedelta) -> set[Digest]:
    since = moment.text(registry.now() - window)
    return rules.needed(registry.the_log, registry.blobs, since)


def _count(registry: Registry) -> int:
    return sum(1 for _ in registry.blobs.list())


def _announce(registry: Registry, sizes: dict[Digest, int]) -> None:
    listed = rules.list_of(sizes)
    evidence = {
        "collected": {"blob": Digest.of(listed)},
        "blobs": len(sizes),
        "bytes": sum(sizes.values()),
    }

    def plan(_draft: Draft, _config: Config) -> Plan:
        return Plan(rules.OPERATION, evidence=evidence, blobs=(listed,))

    commit(registry, plan, operation=rules.OPERATION)


def _delete(
    registry: Registry, candidates: list[Digest], grace: timedelta, read_to: Head
) -> tuple[Digest, ...]:
    """Delete blobs in turns in which nobody can append, except those that an entry after
    ``read_to`` names: a writer looks in its own turn whether all that its entry needs is there.
    """
    gone, spared = list[Digest](), set[Digest]()
    log, blobs = registry.the_log, registry.blobs
    for start in range(0, len(candidates), _BATCH):
        with log.turn():
            for line in log.lines_after(read_to):
                spared |= rules.spoken_of(blobs, [Entry.read(line)])
                read_to = line.head
            for digest in candidates[start : start + _BATCH]:
                if digest not in spared and blobs.delete(digest, if_older_than=grace):
                    gone.append(digest)
    return tuple(gone)
