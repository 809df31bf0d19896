"""gc: the entry that says what may go, then the deletions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import moment
from dspyreg.model.digest import Digest
from dspyreg.registry.commit import commit
from dspyreg.store import gc as rules
from dspyreg.store.gc import Swept

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.registry.facade import Registry

GRACE: Final = timedelta(hours=24)
UNDO_WINDOW: Final = timedelta(days=90)


def gc(
    registry: Registry, *, grace: timedelta | None, undo_window: timedelta | None, dry_run: bool
) -> Swept:
    """See ``Registry.gc``."""
    grace = GRACE if grace is None else grace
    window = UNDO_WINDOW if undo_window is None else undo_window
    keep = _needed(registry, window)
    sizes = rules.candidates(registry.blobs, keep, grace)
    if dry_run:
        return Swept(tuple(sizes), sum(sizes.values()), _count(registry) - len(sizes), dry_run)
    freed = registry.blobs.sweep(if_older_than=grace)
    if sizes:
        _announce(registry, sizes)
    gone = _delete(registry, sizes, grace, window)
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
    registry: Registry, sizes: dict[Digest, int], grace: timedelta, window: timedelta
) -> tuple[Digest, ...]:
    """Delete one by one; a blob that was put or renewed meanwhile is young, and stays."""
    gone = []
    read_at, keep = registry.now(), set[Digest]()
    for digest in sizes:
        if registry.now() - read_at > grace / 2:
            read_at, keep = registry.now(), _needed(registry, window)
        if digest not in keep and registry.blobs.delete(digest, if_older_than=grace):
            gone.append(digest)
    return tuple(gone)
