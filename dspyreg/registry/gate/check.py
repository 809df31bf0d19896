"""The judgement of a promotion or a deployment, without the entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Refused
from dspyreg.lifecycle import stages
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.deploy import deploy
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.gates import Gate, failures
from dspyreg.lifecycle.qualify import next_rung
from dspyreg.lifecycle.select import select
from dspyreg.model import names
from dspyreg.model.selector import Selector
from dspyreg.policy.finding import Finding
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.gate.facts import StoreFacts
from dspyreg.registry.read.resolve import moment_of, time_of
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.options import ChangeOptions
from dspyreg.registry.transaction.prerequisite import Unmet

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.digest import Digest
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.commit import Planner

STAGE = "stage"


class Decision(NamedTuple):
    """The decision whether a version may go to another stage, or live in an environment.

    ``findings`` are those of every rule; ``stage`` is the rule of the ladder itself.
    ``policy_digest`` is None if nothing is demanded; ``configuration`` is the digest of the one in
    force.
    """

    program: str
    label: str | None
    passed: bool
    from_stage: str | None
    to_stage: str | None
    environment: str | None
    findings: tuple[Finding, ...]
    policy_digest: Digest | None
    configuration: Digest
    notices: tuple[str, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """The messages of the findings that do not pass."""
        return failures(self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``check --json``."""
        return {
            **self._asdict(),
            "findings": [finding.to_json() for finding in self.findings],
            "failures": list(self.failures),
        }


def check(
    context: Context,
    selector: str,
    *,
    to: str | None,
    environment: str | None,
    at: str | None = None,
) -> Decision:
    """See ``Registry.check``."""
    goal, facts = Goal(Selector.parse(selector), to, environment), StoreFacts(context)
    decisions: list[Decision] = []

    def plan(draft: Draft, config: Config) -> Plan:
        gate = Gate(facts, let_pass=True)
        try:
            plan = _planned(draft, config, goal, gate)
        except Refused as refusal:
            decisions.append(_refused(draft, config, goal, refusal, gate))
            return Plan("check", already=str(refusal))
        decisions.append(_admitted(draft, config, goal, plan, gate))
        return plan._replace(serves=()) if gate.failures else plan

    if at is None:
        Transaction(context, "check", ChangeOptions(dry_run=True)).run(plan)
    else:
        _plan_at(context, at, facts, plan)
    return decisions[-1]


def _plan_at(context: Context, at: str, facts: StoreFacts, plan: Planner) -> None:
    """Plan on the state of a past moment, until every prerequisite is met."""
    while True:
        try:
            with moment_of(context, at) as moment:
                facts.now = time_of(context, at, moment.head.seq) or facts.now
                plan(Draft(moment.state, ""), moment.config)
                return
        except Unmet as unmet:
            prerequisite = unmet.prerequisite
        prerequisite.meet()


class Goal(NamedTuple):
    """A version, and where it is to go: a rung, or an environment."""

    selector: Selector
    to: str | None
    environment: str | None


def _planned(draft: Draft, config: Config, goal: Goal, gate: Gate) -> Plan:
    if goal.environment is None:
        to = goal.to or _upwards(draft, config, goal.selector)
        return stages.promote(draft, config, goal.selector, to=to, gate=gate)
    from dspyreg.lifecycle.strategy import pick

    chosen = pick(draft, config, goal.selector, environment=goal.environment, by=None)
    plan = deploy(draft, config, chosen.selector, environment=goal.environment, gate=gate)
    return plan._replace(notices=(*chosen.notices, *plan.notices))


def _upwards(draft: Draft, config: Config, selector: Selector) -> str | None:
    """Return the next rung up of a version that is named; None if there is none."""
    if not selector.is_explicit:
        return None
    number, _ = select(draft, config, selector)
    return next_rung(config, draft.stage(selector.program, number))


def _admitted(draft: Draft, config: Config, goal: Goal, plan: Plan, gate: Gate) -> Decision:
    """Return the decision of a gate on a version that the ladder admits."""
    program, number = goal.selector.program, plan.number or 0
    after = draft.stage(program, number)
    name = names.stage(program, number)
    old = next((change.old for change in draft.changes if change.name == name), None)
    return Decision(
        program=program,
        label=plan.label,
        passed=not gate.failures,
        from_stage=old["stage"] if old else after,
        to_stage=_rung(config, goal) or after,
        environment=goal.environment,
        findings=tuple(gate.findings),
        policy_digest=gate.policy_digest,
        configuration=digest_of_configuration(draft),
        notices=(*([plan.already] if plan.already else []), *plan.notices),
    )


def _refused(draft: Draft, config: Config, goal: Goal, refusal: Refused, gate: Gate) -> Decision:
    """Return the decision on a version that the ladder refuses, with an environment's findings."""
    program, label, stage = goal.selector.program, None, None
    if goal.selector.is_explicit:
        number, _ = select(draft, config, goal.selector)
        label, stage = draft.label(program, number), draft.stage(program, number)
        place = config.environment(goal.environment) if goal.environment else None
        if place is not None:
            gate.judge(Case(draft, config, program), number, None, (place,))
    rung = _rung(config, goal)
    return Decision(
        program=program,
        label=label,
        passed=False,
        from_stage=stage,
        to_stage=rung,
        environment=goal.environment,
        findings=(Finding(STAGE, False, str(refusal), stage, rung), *gate.findings),
        policy_digest=gate.policy_digest,
        configuration=digest_of_configuration(draft),
        notices=(),
    )


def _rung(config: Config, goal: Goal) -> str | None:
    """Return the rung that was named, or the one of the environment."""
    if goal.environment is not None:
        place = config.environment(goal.environment)
        return place.rung if place else None
    return None if goal.to is None else config.rung(goal.to)
