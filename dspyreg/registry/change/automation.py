"""Automation: the steps that follow by configuration once a version is registered or measured.

Each step is an entry of its own. What prevents a step is a notice; the first entry stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.errors import Refused, RegistryError
from dspyreg.lifecycle import stages
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.draft import Cause, Draft, Plan
from dspyreg.lifecycle.environments import resolve_environment
from dspyreg.lifecycle.gates import Gate, demands
from dspyreg.lifecycle.qualify import held_back, next_rung
from dspyreg.lifecycle.rollback import rollback
from dspyreg.lifecycle.strategy import AUTOMATIC, Pick, by_gain, drops
from dspyreg.model import names
from dspyreg.model.metrics import SETTLED
from dspyreg.model.selector import Selector
from dspyreg.policy.numbers import shown
from dspyreg.registry.change.deploy import deployment
from dspyreg.registry.gate.facts import StoreFacts, judged, with_breaks
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.committed import Committed

    Step = Callable[[StoreFacts, Draft, Config], Plan | None]

_DONE: Final = {"promote": "promoted", "deploy": "deployed", "rollback": "rolled back"}


def after_registering(context: Context, done: Committed, options: ChangeOptions) -> list[Committed]:
    """Deploy a new version to the gated environments of the first rung, promote it as far as its
    policies admit it, and deploy it if it is the best. A dry run has no bytes to judge.
    """
    if done.entry is None or done.repeated:
        return []
    automation = _Automation(context, done, dry_run=options.dry_run)
    config = automation.config
    places = [
        place
        for place in config.of_rung(config.first)
        if place.auto_deploy and demands(config, automation.program, None, (place,))
    ]
    if options.dry_run and (places or _promotes(config)):
        notice = "is judged for what happens by itself once it is registered"
        automation.add_notice(Plan("register"), notice)
    if not options.dry_run:
        for place in places:
            automation.deploy_to(place.name)
        automation.promote_while_allowed()
    if config.integration.auto_deploy_best_versions:
        automation.deploy_if_best()
    return automation.steps


def after_recording(context: Context, done: Committed, options: ChangeOptions) -> list[Committed]:
    """Roll back a live version that has become worse, if the configuration says so; promote one
    as far as policies with ``auto_promote`` admit it.
    """
    if done.entry is None or done.repeated:
        return []
    automation = _Automation(context, done, dry_run=options.dry_run)
    if automation.config.integration.rollback_on_performance_drop:
        automation.rollback_on_drop()
    automation.promote_while_allowed()
    return automation.steps


class _Automation:
    """The steps that follow from one entry."""

    def __init__(self, context: Context, done: Committed, *, dry_run: bool) -> None:
        self._context, self._done = context.with_new_operation_ids(), done
        self._options = ChangeOptions(dry_run=dry_run)
        self.program, self._number = done.plan.program or "", done.plan.number or 0
        self._version = Selector(self.program, "number", str(self._number))
        self.config = context.configuration()
        self.steps: list[Committed] = []

    def promote_while_allowed(self) -> None:
        """Promote the version for as long as the next policy does so on its own, and passes."""
        if _promotes(self.config):
            while self._take("promote", "auto_promote", self._promotion):
                pass

    def deploy_to(self, environment: str) -> None:
        """Deploy the version to an environment that takes what is registered."""
        pick = Pick(self._version, environment)

        def plan(facts: StoreFacts, draft: Draft, config: Config) -> Plan:
            return deployment(facts, draft, config, pick)

        self._take("deploy", "auto_deploy", plan)

    def deploy_if_best(self) -> None:
        """Deploy the version if it is enough better than the live one."""
        self._take("deploy", AUTOMATIC, self._deployment_of_best)

    def rollback_on_drop(self) -> None:
        """Take back a live version whose score has just dropped too far."""
        self._take("rollback", "rollback_on_performance_drop", self._rollback)

    def add_notice(self, plan: Plan, what: str) -> None:
        """Add a notice without an entry."""
        last = (self._done, *self.steps)[-1]
        self.steps.append(last._replace(plan=self._with_notice(plan, what), entry=None))

    def _take(self, operation: str, rule: str, step: Step) -> bool:
        """Take a step that a rule of the configuration asks for, unless there is nothing to do;
        what forbids it becomes a notice. Return whether it was taken.
        """
        cause = Cause(rule, (self._done.entry and self._done.entry.seq) or None)
        facts = StoreFacts(self._context)

        def plan(draft: Draft, config: Config) -> Plan:
            own = step(facts, draft, config) or Plan(operation, already="already")
            return own._replace(cause=cause)

        last = (self._done, *self.steps)[-1]
        transaction = Transaction(self._context, operation, self._options, after=last)
        try:
            done = transaction.run(plan)
        except RegistryError as error:
            why = "; ".join(getattr(error, "failures", (str(error),)))
            self.add_notice(Plan(operation), f"was not {_DONE[operation]} by itself: {why}")
            return False
        if done.entry is not None:
            self.steps.append(done)
        return done.entry is not None

    def _promotion(self, facts: StoreFacts, draft: Draft, config: Config) -> Plan | None:
        """Plan the next promotion; None if no policy promotes, or it does not pass."""
        rung = _next_rung(draft, config, self.program, self._number)
        if rung is None:
            return None
        gate = Gate(facts, let_pass=True, stop_early=True)
        plan = stages.promote(draft, config, self._version, to=rung, gate=gate)
        if gate.failures:
            return None
        return self._with_notice(judged(plan, draft, gate), "was promoted by itself")

    def _deployment_of_best(self, facts: StoreFacts, draft: Draft, config: Config) -> Plan | None:
        pick = by_gain(
            Case(draft, config, self.program), self._number, resolve_environment(config, None)
        )
        if pick is None:
            return None
        return self._with_notice(deployment(facts, draft, config, pick), "was deployed by itself")

    def _rollback(self, _: StoreFacts, draft: Draft, config: Config) -> Plan | None:
        place = resolve_environment(config, None)
        if draft.pointer(self.program, place.name).live != self._number:
            return None
        metrics = config.metrics_of(self.program)
        metric = metrics.scored_by(draft.metrics(self.program, self._number))
        before, now = self._last_two(draft, metric) if metric else (None, None)
        if metric is None or before is None or now is None:
            return None
        unlike = metrics.unlike(metric, (before, now))
        if unlike:
            raise Refused(
                "values-not-comparable", metric=metric, difference=unlike, settled=SETTLED
            )
        threshold = config.integration.rollback_threshold
        if not drops(before, now, threshold, falls=metrics.falls(metric)):
            return None
        why = f"{metric} went from {shown(before)} to {shown(now)}"
        plan = rollback(draft, config, self.program, environment=place.name, reason=why)
        plan = judged(with_breaks(self._context, draft, plan), draft)
        return self._with_notice(plan, f"was rolled back by itself: {why}")

    def _last_two(self, draft: Draft, metric: str) -> tuple[float | None, float | None]:
        """Return the values of a metric before the entry and in it; None where there is none."""
        operation_id = self._done.draft.operation_id
        name = names.metric(self.program, self._number, metric, operation_id)
        values = draft.under(names.prefix("metrics", self.program, self._number, metric))
        older = [each for each in values if each.name != name]
        before = max(older, key=lambda each: each.created).value if older else None
        return before, draft.get(name)

    def _with_notice(self, plan: Plan, what: str) -> Plan:
        notice = f"{self.program}@{self._done.plan.label} {what}"
        return plan._replace(notices=(*plan.notices, notice))


def _promotes(config: Config) -> bool:
    """Return whether any policy promotes automatically."""
    from dspyreg.policy.promotion import KEY

    every = [policy for _, policy in config.policies]
    every += [policy for each in config.programs for _, policy in each.policies]
    return any(policy.get(KEY) is True for policy in every)


def _next_rung(draft: Draft, config: Config, program: str, number: int) -> str | None:
    """Return the rung that a version may come to automatically, None if there is none."""
    from dspyreg.policy.promotion import KEY

    rung = next_rung(config, draft.stage(program, number))
    policy = None if rung is None else config.policy_of(program, rung)
    if rung is None or policy is None or not policy.get(KEY):
        return None
    case = Case(draft, config, program)
    reason_against = held_back(case, number, config.of_rung(rung), rung=rung)
    return rung if reason_against is None else None
