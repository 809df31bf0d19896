"""Promote, demote, archive, restore, deploy, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import UsageError
from dspyreg.lifecycle import environments, stages
from dspyreg.lifecycle.gates import Gate
from dspyreg.model.entry import beginning
from dspyreg.model.selector import Selector
from dspyreg.registry.change.result import outcome
from dspyreg.registry.gate.facts import judged, telling_breaks, watched
from dspyreg.registry.transaction.commit import commit, keyed

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.lifecycle.strategy import Pick
    from dspyreg.registry.context import Context
    from dspyreg.registry.gate.facts import Sight
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.registry.transaction.request_keys import Claim


def promote(
    context: Context,
    selector: str,
    *,
    to: str | None,
    reason: str | None,
    force: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.promote``."""
    chosen = Selector.parse(selector)
    _require_reason(reason, force=force)
    asked = {"selector": selector, "to": to, "reason": reason, "force": force}
    claim = keyed(context, "promote", operation_id, chosen.program, **asked)

    def promoted(sight: Sight) -> Outcome:
        def plan(draft: Draft, config: Config) -> Plan:
            gate = Gate(sight, let_pass=force)
            why = beginning(reason)
            found = stages.promote(draft, config, chosen, to=to, reason=why, gate=gate)
            return judged(context, found, draft, gate)

        return _commit(context, plan, "promote", reason, dry_run=dry_run, asked=chosen, claim=claim)

    return watched(context, promoted)


def deploy(
    context: Context,
    selector: str,
    *,
    environment: str | None,
    select: str | None,
    reason: str | None,
    force: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.deploy``."""
    from dspyreg.lifecycle.strategy import pick

    chosen = Selector.parse(selector)
    _require_reason(reason, force=force)
    claim = keyed(
        context,
        "deploy",
        operation_id,
        chosen.program,
        selector=selector,
        environment=environment,
        select=select,
        reason=reason,
        force=force,
    )

    def deployed(sight: Sight) -> Outcome:
        def plan(draft: Draft, config: Config) -> Plan:
            picked = pick(draft, config, chosen, environment=environment, by=select)
            return deployment(context, sight, draft, config, picked, reason=reason, force=force)

        return _commit(context, plan, "deploy", reason, dry_run=dry_run, asked=chosen, claim=claim)

    return watched(context, deployed)


def deployment(
    context: Context,
    sight: Sight,
    draft: Draft,
    config: Config,
    picked: Pick,
    *,
    reason: str | None = None,
    force: bool = False,
) -> Plan:
    """Plan to make live what was picked, if the gate lets it pass."""
    gate = Gate(sight, let_pass=force)
    found = environments.deploy(
        draft,
        config,
        picked.selector,
        environment=picked.environment,
        reason=beginning(reason),
        gate=gate,
    )
    plan = judged(context, found, draft, gate)
    if not picked.evidence and not picked.notices:
        return plan
    selection = {"selection": dict(picked.evidence)} if picked.evidence else {}
    return plan._replace(
        notices=(*picked.notices, *plan.notices), evidence={**plan.evidence, **selection}
    )


def rollback(
    context: Context,
    program: str,
    *,
    environment: str | None,
    to: str | None,
    reason: str | None,
    as_new_version: bool,
    force: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.rollback``."""
    from dspyreg.lifecycle.rollback import rollback as back

    chosen = Selector.parse(program)
    if chosen.is_explicit:
        raise UsageError(
            f"rollback takes a program, not {program!r}",
            hint=f"`dspyreg rollback {chosen.program} --to {chosen.text or 'VERSION'}`",
        )
    _require_reason(reason, force=force)
    claim = keyed(
        context,
        "rollback",
        operation_id,
        chosen.program,
        environment=environment,
        to=to,
        reason=reason,
        as_new_version=as_new_version,
        force=force,
    )
    if as_new_version:
        from dspyreg.registry.change.register import rollback_as_new_version

        return rollback_as_new_version(
            context,
            chosen.program,
            environment=environment,
            to=to,
            reason=reason,
            force=force,
            dry_run=dry_run,
            claim=claim,
        )

    def plan(draft: Draft, config: Config) -> Plan:
        found = back(
            draft,
            config,
            chosen.program,
            environment=environment,
            to=to,
            reason=beginning(reason),
            force=force,
        )
        return judged(context, telling_breaks(context, draft, found), draft)

    return _commit(context, plan, "rollback", reason, dry_run=dry_run, asked=chosen, claim=claim)


def demote(
    context: Context,
    selector: str,
    *,
    reason: str | None,
    force: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.demote``."""
    chosen = Selector.parse(selector)
    _require_reason(reason, force=force)
    asked = {"selector": selector, "reason": reason, "force": force}
    claim = keyed(context, "demote", operation_id, chosen.program, **asked)

    def plan(draft: Draft, config: Config) -> Plan:
        return stages.demote(draft, config, chosen, force=force)

    return _commit(context, plan, "demote", reason, dry_run=dry_run, claim=claim)


def archive(
    context: Context,
    selector: str,
    *,
    reason: str | None,
    force: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.archive``."""
    chosen = Selector.parse(selector)
    _require_reason(reason, force=force)
    asked = {"selector": selector, "reason": reason, "force": force}
    claim = keyed(context, "archive", operation_id, chosen.program, **asked)

    def plan(draft: Draft, config: Config) -> Plan:
        return stages.archive(draft, config, chosen, force=force)

    return _commit(context, plan, "archive", reason, dry_run=dry_run, claim=claim)


def restore(
    context: Context,
    selector: str,
    *,
    reason: str | None,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.restore``."""
    chosen = Selector.parse(selector)
    asked = {"selector": selector, "reason": reason}
    claim = keyed(context, "restore", operation_id, chosen.program, **asked)

    def plan(draft: Draft, config: Config) -> Plan:
        return stages.restore(draft, config, chosen)

    return _commit(context, plan, "restore", reason, dry_run=dry_run, claim=claim)


def _require_reason(reason: str | None, *, force: bool) -> None:
    if force and not (reason or "").strip():
        raise UsageError("force needs a reason", hint="--force --reason=WHY")


def _commit(
    context: Context,
    plan: Callable[[Draft, Config], Plan],
    operation: str,
    reason: str | None,
    *,
    dry_run: bool,
    asked: Selector | None = None,
    claim: Claim | None = None,
) -> Outcome:
    """Carry out a plan. Where ``asked`` is given, a refusal by the rules is an entry too."""
    done = commit(
        context,
        plan,
        operation=operation,
        reason=reason,
        dry_run=dry_run,
        asked=asked,
        claim=claim,
    )
    return outcome(context, done)
