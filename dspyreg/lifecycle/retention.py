"""Retention: versions that ``max_versions`` has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.lifecycle.draft import Plan
from dspyreg.lifecycle.history import previous
from dspyreg.model.state import ARCHIVED, Pointer

if TYPE_CHECKING:
    from dspyreg.lifecycle.case import Case


def surplus(case: Case) -> list[int]:
    """Return the versions that ``max_versions`` has no room for, oldest first. The newest one, and
    any that is live, a canary, or the target of a rollback, is never among them.
    """
    draft, program, limit = case.draft, case.program, case.config.versioning.max_versions
    archived = set(draft.on_stage(program, ARCHIVED))
    kept = [number for number in draft.numbers(program) if number not in archived]
    if not limit or len(kept) <= limit:
        return []
    needed, pointers = {max(kept)}, draft.pointers(program)
    for name in {*pointers, *(environment.name for environment in case.config.environments)}:
        pointer, record = pointers.get(name, Pointer()), previous(draft, program, name)
        needed |= {pointer.live or 0, pointer.canary.number if pointer.canary else 0}
        needed |= {record.deployment.number} if record else set()
    free = [number for number in sorted(kept) if number not in needed]
    return free[: len(kept) - limit]


def archive_surplus(case: Case, number: int) -> Plan:
    """Archive a version that ``max_versions`` has no room for; it is live nowhere."""
    limit = case.config.versioning.max_versions
    because = f"More than {limit} {'version' if limit == 1 else 'versions'}"
    case.draft.set_stage(case.program, number, ARCHIVED, because)
    return Plan("archive", case.program, number, case.label(number))
