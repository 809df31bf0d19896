"""Deploy and roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import UsageError
from dspyreg.lifecycle import deploy as deploy_rules
from dspyreg.lifecycle.gates import Gate
from dspyreg.model.entry import beginning
from dspyreg.model.selector import Selector
from dspyreg.registry.gate.facts import StoreFacts, judged, with_breaks
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.options import ChangeOptions
from dspyreg.registry.transaction.outcome import concluded

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.lifecycle.strategy import Pick
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.outcome import Outcome


def deploy(
    context: Context,
    selector: str,
    options: ChangeOptions,
    *,
    environment: str | None,
    select: str | None,
) -> Outcome:
    """See ``Registry.deploy``."""
    from dspyreg.lifecycle.strategy import pick

    subject = Selector.parse(selector)
    options.require_reason()
    claim = options.claim(
        context,
        "deploy",
        subject.program,
        selector=selector,
        environment=environment,
        select=select,
        reason=options.reason,
        force=options.force,
    )
    facts = StoreFacts(context)

    def plan(draft: Draft, config: Config) -> Plan:
        picked = pick(draft, config, subject, environment=environment, by=select)
        return deployment(facts, draft, config, picked, options)

    transaction = Transaction(context, "deploy", options, claim=claim, subject=subject)
    return concluded(context, transaction.run(plan))


def deployment(
    facts: StoreFacts,
    draft: Draft,
    config: Config,
    picked: Pick,
    options: ChangeOptions | None = None,
) -> Plan:
    """Plan to make live what was picked, if the gate admits it."""
    options = options or ChangeOptions()
    gate = Gate(facts, let_pass=options.force)
    plan = deploy_rules.deploy(
        draft,
        config,
        picked.selector,
        environment=picked.environment,
        reason=beginning(options.reason),
        gate=gate,
    )
    plan = judged(plan, draft, gate)
    if not picked.evidence and not picked.notices:
        return plan
    selection = {"selection": dict(picked.evidence)} if picked.evidence else {}
    return plan._replace(
        notices=(*picked.notices, *plan.notices), evidence={**plan.evidence, **selection}
    )


def rollback(
    context: Context,
    program: str,
    options: ChangeOptions,
    *,
    environment: str | None,
    to: str | None,
    as_new_version: bool,
) -> Outcome:
    """See ``Registry.rollback``."""
    subject = Selector.parse(program)
    if subject.is_explicit:
        label = subject.text or "VERSION"
        raise UsageError("not-a-program", text=program, program=subject.program, label=label)
    options.require_reason()
    claim = options.claim(
        context,
        "rollback",
        subject.program,
        environment=environment,
        to=to,
        reason=options.reason,
        as_new_version=as_new_version,
        force=options.force,
    )
    transaction = Transaction(context, "rollback", options, claim=claim, subject=subject)
    if as_new_version:
        from dspyreg.registry.change import rollback_as_copy

        return rollback_as_copy.roll_back(
            transaction, subject.program, options, environment=environment, to=to
        )
    from dspyreg.lifecycle import rollback as rules

    def plan(draft: Draft, config: Config) -> Plan:
        plan = rules.rollback(
            draft,
            config,
            subject.program,
            environment=environment,
            to=to,
            reason=beginning(options.reason),
            force=options.force,
        )
        return judged(with_breaks(context, draft, plan), draft)

    return concluded(context, transaction.run(plan))
