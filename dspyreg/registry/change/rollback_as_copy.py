"""Roll back by registering a copy of the target as a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.lifecycle import rollback_as_copy as rules
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.environments import resolve_environment
from dspyreg.lifecycle.request import Request
from dspyreg.lifecycle.rollback import rollback, target
from dspyreg.model.entry import beginning
from dspyreg.registry.change.request import signed
from dspyreg.registry.change.retention import archive_surplus
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.gate.facts import with_breaks
from dspyreg.registry.transaction.outcome import concluded
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.registry.transaction.commit import Transaction
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.outcome import Outcome


def roll_back(
    transaction: Transaction,
    program: str,
    options: ChangeOptions,
    *,
    environment: str | None,
    to: str | None,
) -> Outcome:
    """Register a copy of the target, make it live, and archive what there is no room for."""
    context = transaction.context
    request = signed(context, Request(program, context.now()))

    def plan(draft: Draft, config: Config) -> Plan:
        case, place = Case(draft, config, program), resolve_environment(config, environment)
        goal = target(case, place, to, force=options.force)
        if goal.is_live:
            return rollback(draft, config, program, environment=environment, to=to)
        snapshot = draft.existing(program, goal.number)
        original = read_document(context.blobs, snapshot.document)
        reason = beginning(options.reason)
        plan = rules.rollback_as_copy(case, request, original, place, goal, reason=reason)
        plan = plan._replace(
            serves=(snapshot.document,),
            evidence={"configuration": digest_of_configuration(draft)},
        )
        return with_breaks(context, draft, plan)

    done = transaction.run(plan)
    return concluded(context, done, *archive_surplus(context, [done], program, options))
