"""Promote, demote, archive, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.lifecycle import stages
from dspyreg.lifecycle.gates import Gate
from dspyreg.model.entry import beginning
from dspyreg.model.selector import Selector
from dspyreg.registry.gate.facts import StoreFacts, judged
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.outcome import concluded

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.outcome import Outcome


def promote(context: Context, selector: str, options: ChangeOptions, *, to: str | None) -> Outcome:
    """See ``Registry.promote``."""
    version, reason = Selector.parse(selector), options.reason
    options.require_reason()
    arguments = {"selector": selector, "to": to, "reason": reason, "force": options.force}
    claim = options.claim(context, "promote", version.program, **arguments)
    facts = StoreFacts(context)

    def plan(draft: Draft, config: Config) -> Plan:
        gate = Gate(facts, let_pass=options.force)
        why = beginning(reason)
        plan = stages.promote(draft, config, version, to=to, reason=why, gate=gate)
        return judged(plan, draft, gate)

    transaction = Transaction(context, "promote", options, claim=claim, subject=version)
    return concluded(context, transaction.run(plan))


def demote(context: Context, selector: str, options: ChangeOptions) -> Outcome:
    """See ``Registry.demote``."""
    version = Selector.parse(selector)
    options.require_reason()
    arguments = {"selector": selector, "reason": options.reason, "force": options.force}
    claim = options.claim(context, "demote", version.program, **arguments)

    def plan(draft: Draft, config: Config) -> Plan:
        return stages.demote(draft, config, version, force=options.force)

    return concluded(context, Transaction(context, "demote", options, claim=claim).run(plan))


def archive(context: Context, selector: str, options: ChangeOptions) -> Outcome:
    """See ``Registry.archive``."""
    version = Selector.parse(selector)
    options.require_reason()
    arguments = {"selector": selector, "reason": options.reason, "force": options.force}
    claim = options.claim(context, "archive", version.program, **arguments)

    def plan(draft: Draft, config: Config) -> Plan:
        return stages.archive(draft, config, version, force=options.force)

    return concluded(context, Transaction(context, "archive", options, claim=claim).run(plan))


def restore(context: Context, selector: str, options: ChangeOptions) -> Outcome:
    """See ``Registry.restore``."""
    version = Selector.parse(selector)
    arguments = {"selector": selector, "reason": options.reason}
    claim = options.claim(context, "restore", version.program, **arguments)

    def plan(draft: Draft, config: Config) -> Plan:
        return stages.restore(draft, config, version)

    return concluded(context, Transaction(context, "restore", options, claim=claim).run(plan))
