"""Retention: a registration archives the versions that ``max_versions`` has no room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import RegistryError
from dspyreg.lifecycle import retention
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.draft import Cause, Draft, Plan
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.committed import Committed
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dspyreg.config.value import Config
    from dspyreg.registry.context import Context


def archive_surplus(
    context: Context, before: Sequence[Committed], program: str, options: ChangeOptions
) -> list[Committed]:
    """Archive the surplus versions of a program after a registration, the first of ``before``:
    entries of their own, under its operation id. What fails is a notice.
    """
    registered, archived = before[0], list[Committed]()
    limit = context.configuration().versioning.max_versions
    if not limit or registered.entry is None or registered.repeated:
        return []
    cause = Cause("max_versions", registered.entry.seq or None)
    transaction = Transaction(
        context,
        "archive",
        ChangeOptions(dry_run=options.dry_run),
        after=before[-1],
        operation_id=registered.draft.operation_id,
    )
    surplus: list[int] | None = None

    def plan(draft: Draft, config: Config) -> Plan:
        nonlocal surplus
        case = Case(draft, config, program)
        if surplus is None or not options.dry_run:  # a dry run shows no state but its first
            surplus = retention.surplus(case)
        if not surplus:
            return Plan("archive", already="already: there is room")
        return retention.archive_surplus(case, surplus[0])._replace(cause=cause)

    while True:
        try:
            done = transaction.run(plan)
        except RegistryError as error:  # a hook's veto, a full disk; the registration stays
            notice = f"more than {limit} versions of {program} stay: {error}"
            last = archived[-1] if archived else registered
            return [*archived, last._replace(plan=Plan("archive", notices=(notice,)), entry=None)]
        if done.entry is None:
            return archived
        surplus = surplus and surplus[1:]
        notice = f"{program}@{done.plan.label} was archived: max_versions is {limit}"
        archived.append(done._replace(plan=done.plan._replace(notices=(notice,))))
