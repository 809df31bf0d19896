"""What the configuration lets happen by itself, after somebody registered or measured something.

Each step is an entry of its own. What stands in its way is a notice: what was asked for stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.errors import Refused, RegistryError
from dspyreg.lifecycle import stages
from dspyreg.lifecycle.draft import Cause, Draft, Plan
from dspyreg.lifecycle.environments import held_back, next_rung, where
from dspyreg.lifecycle.gates import Gate, demands
from dspyreg.lifecycle.rollback import rollback
from dspyreg.lifecycle.strategy import AUTOMATIC, Pick, by_gain, drops
from dspyreg.model import names
from dspyreg.model.metrics import SETTLED
from dspyreg.model.selector import Selector
from dspyreg.policy.numbers import shown
from dspyreg.registry.change.move import deployment
from dspyreg.registry.gate.facts import judged, telling_breaks, watched
from dspyreg.registry.transaction.commit import commit

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.registry.context import Context
    from dspyreg.registry.gate.facts import Sight
    from dspyreg.registry.transaction.commit import Committed

    Way = Callable[[Sight, Draft, Config], Plan | None]

_DONE: Final = {"promote": "promoted", "deploy": "deployed", "rollback": "rolled back"}


def after_registering(context: Context, done: Committed, *, dry_run: bool) -> list[Committed]:
    """Deploy a new version to the gated environments of the first rung, promote it as far as it
    gets, and deploy it if it is the best. A dry run has no bytes that a gate could judge.
    """
    if done.entry is None or done.repeated:
        return []
    trail = _Trail(context, done, dry_run=dry_run)
    config = trail.config
    places = [
        place
        for place in config.of_rung(config.first)
        if place.auto_deploy and demands(config, trail.program, None, (place,))
    ]
    if dry_run and (places or _promotes(config)):
        trail.say(Plan("register"), "is judged for what happens by itself once it is registered")
    if not dry_run:
        for place in places:
            trail.go("deploy", "auto_deploy", trail.landing(place.name))
        trail.climb()
    if config.integration.auto_deploy_best_versions:
        trail.go("deploy", AUTOMATIC, trail.best)
    return trail.steps


def after_recording(context: Context, done: Committed, *, dry_run: bool) -> list[Committed]:
    """Roll back a live version that has become worse, if the configuration says so; promote one
    as far as policies with ``auto_promote`` pass.
    """
    if done.entry is None or done.repeated:
        return []
    trail = _Trail(context, done, dry_run=dry_run)
    if trail.config.integration.rollback_on_performance_drop:
        trail.go("rollback", "rollback_on_performance_drop", trail.relapse)
    trail.climb()
    return trail.steps


class _Trail:
    """What follows from one entry, step by step."""

    def __init__(self, context: Context, done: Committed, *, dry_run: bool) -> None:
        self.context, self.done, self.dry_run = context, done, dry_run
        self.program, self.number = done.plan.program or "", done.plan.number or 0
        self.chosen = Selector(self.program, "number", str(self.number))
        self.config = context.configuration()
        self.steps: list[Committed] = []

    def go(self, operation: str, rule: str, way: Way) -> bool:
        """Take a step that a rule of the configuration asks for, if the way finds one; what
        forbids it is noted. Return whether it was taken.
        """
        before = (self.done, *self.steps)
        cause = Cause(rule, (self.done.entry and self.done.entry.seq) or None)

        def attempt(sight: Sight) -> Committed:
            def plan(draft: Draft, config: Config) -> Plan:
                found = way(sight, draft, config) or Plan(operation, already="already")
                return found._replace(cause=cause)

            upon = before if self.dry_run else ()
            return commit(self.context, plan, operation=operation, dry_run=self.dry_run, upon=upon)

        try:
            step = watched(self.context, attempt)
        except RegistryError as error:
            why = "; ".join(getattr(error, "failures", (str(error),)))
            self.say(Plan(operation), f"was not {_DONE[operation]} by itself: {why}")
            return False
        if step.entry is not None:
            self.steps.append(step)
        return step.entry is not None

    def climb(self) -> None:
        """Promote the version for as long as the next policy does so by itself, and passes."""
        if _promotes(self.config):
            while self.go("promote", "auto_promote", self.promotion):
                pass

    def promotion(self, sight: Sight, draft: Draft, config: Config) -> Plan | None:
        """Plan the next promotion; None if no policy promotes, or it does not pass."""
        rung = _next(draft, config, self.program, self.number)
        if rung is None:
            return None
        gate = Gate(sight, let_pass=True, hasty=True)
        found = stages.promote(draft, config, self.chosen, to=rung, gate=gate)
        if gate.failures:
            return None
        return self.told(judged(self.context, found, draft, gate), "was promoted by itself")

    def landing(self, environment: str) -> Way:
        """Return the way into an environment that takes what is registered."""

        def way(sight: Sight, draft: Draft, config: Config) -> Plan:
            pick = Pick(self.chosen, environment)
            return deployment(self.context, sight, draft, config, pick)

        return way

    def best(self, sight: Sight, draft: Draft, config: Config) -> Plan | None:
        """Plan to deploy the version if it is enough better than what is live."""
        pick = by_gain(draft, config, self.program, self.number, where(config, None))
        if pick is None:
            return None
        plan = deployment(self.context, sight, draft, config, pick)
        return self.told(plan, "was deployed by itself")

    def say(self, plan: Plan, what: str) -> None:
        """Note what there is to say without an entry."""
        last = (self.done, *self.steps)[-1]
        self.steps.append(last._replace(plan=self.told(plan, what), entry=None))

    def relapse(self, _: Sight, draft: Draft, config: Config) -> Plan | None:
        """Plan to take back a live version whose score has just dropped too far."""
        place = where(config, None)
        if draft.pointer(self.program, place.name).live != self.number:
            return None
        metrics = config.metrics_of(self.program)
        metric = metrics.scored_by(draft.metrics(self.program, self.number))
        before, now = self.last_two(draft, metric) if metric else (None, None)
        if before is None or now is None:
            return None
        threshold = config.integration.rollback_threshold
        unlike = metrics.unlike(metric or "", (before, now))
        if unlike:
            raise Refused(f"the values of {metric} are {unlike}", hint=SETTLED)
        if not drops(before, now, threshold, falls=metrics.falls(metric or "")):
            return None
        why = f"{metric} went from {shown(before)} to {shown(now)}"
        plan = rollback(draft, config, self.program, environment=place.name, reason=why)
        plan = telling_breaks(self.context, draft, plan)
        return self.told(judged(self.context, plan, draft), f"was rolled back by itself: {why}")

    def last_two(self, draft: Draft, metric: str) -> tuple[float | None, float | None]:
        """Return what a metric was, and what the entry says that it is; None if it says nothing."""
        own = names.metric(self.program, self.number, metric, self.done.draft.operation_id)
        found = draft.under(names.prefix("metrics", self.program, self.number, metric))
        older = [each for each in found if each.name != own]
        before = max(older, key=lambda each: each.created).value if older else None
        return before, draft.get(own)

    def told(self, plan: Plan, what: str) -> Plan:
        """Return a plan that says what happened."""
        notice = f"{self.program}@{self.done.plan.label} {what}"
        return plan._replace(notices=(*plan.notices, notice))


def _promotes(config: Config) -> bool:
    """Return whether any policy promotes automatically."""
    from dspyreg.policy.promotion import KEY

    every = [policy for _, policy in config.policies]
    every += [policy for each in config.programs for _, policy in each.policies]
    return any(policy.get(KEY) is True for policy in every)


def _next(draft: Draft, config: Config, program: str, number: int) -> str | None:
    """Return the rung that a version may come to by itself, None if there is none."""
    from dspyreg.policy.promotion import KEY

    rung = next_rung(config, draft.stage(program, number))
    policy = None if rung is None else config.policy_of(program, rung)
    if rung is None or policy is None or not policy.get(KEY):
        return None
    held = held_back(draft, config, program, number, config.of_rung(rung), rung=rung)
    return rung if held is None else None
