"""Would a version be let through? The very judgement of a promotion or a deployment, unwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Refused
from dspyreg.lifecycle import environments, stages
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.gates import Gate, failures
from dspyreg.lifecycle.select import select
from dspyreg.model import names
from dspyreg.model.selector import Selector
from dspyreg.policy.finding import Finding
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.gate.facts import watched
from dspyreg.registry.read.resolve import moment_of, time_of
from dspyreg.registry.transaction.commit import commit

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.digest import Digest
    from dspyreg.registry.context import Context
    from dspyreg.registry.gate.facts import Sight

STAGE = "stage"


class Decision(NamedTuple):
    """Whether a version may go from one stage to another, or live in an environment, and why.

    ``findings`` are those of every rule; ``stage`` is the rule that the ladder itself makes.
    ``policy_digest`` is None if nothing is demanded, ``configuration`` the digest of the one in
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
        """What did not pass, in words."""
        return failures(self.findings)

    def to_json(self) -> dict[str, Any]:
        """The document of ``check --json``."""
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
    asked = Asked(Selector.parse(selector), to, environment)
    return watched(context, lambda sight: _decided(context, sight, asked, at))


class Asked(NamedTuple):
    """Which version, and where it is to go: a rung, or an environment."""

    selector: Selector
    to: str | None
    environment: str | None


def _decided(context: Context, sight: Sight, asked: Asked, at: str | None) -> Decision:
    """Judge in a dry run, which is planned until it stands on one consistent state; of a moment
    that has passed there is but one.
    """
    found: list[Decision] = []

    def plan(draft: Draft, config: Config) -> Plan:
        gate, digest = Gate(sight, let_pass=True), digest_of_configuration(draft)
        try:
            plan = _planned(draft, config, asked, gate)
        except Refused as refusal:
            found.append(_refused(draft, config, asked, refusal, gate, digest))
            return Plan("check", already=str(refusal))
        found.append(_let(draft, config, asked, plan, gate, digest))
        return plan._replace(serves=()) if gate.failures else plan

    if at is None:
        commit(context, plan, operation="check", dry_run=True)
        return found[-1]
    with moment_of(context, at) as moment:
        sight.now = time_of(context, at, moment.head.seq) or sight.now
        plan(Draft(moment.state, ""), moment.config)
    return found[-1]


def _planned(draft: Draft, config: Config, asked: Asked, gate: Gate) -> Plan:
    if asked.environment is None:
        to = asked.to or _upwards(draft, config, asked.selector)
        return stages.promote(draft, config, asked.selector, to=to, gate=gate)
    from dspyreg.lifecycle.strategy import pick

    chosen = pick(draft, config, asked.selector, environment=asked.environment, by=None)
    found = environments.deploy(
        draft, config, chosen.selector, environment=asked.environment, gate=gate
    )
    return found._replace(notices=(*chosen.notices, *found.notices))


def _upwards(draft: Draft, config: Config, selector: Selector) -> str | None:
    """Return the next rung up of a version that is named; None if there is none."""
    if not selector.is_explicit:
        return None
    number, _ = select(draft, config, selector)
    return environments.next_rung(config, draft.stage(selector.program, number))


def _let(
    draft: Draft, config: Config, asked: Asked, plan: Plan, gate: Gate, digest: Digest
) -> Decision:
    """Return the decision of a gate, where the ladder says yes."""
    program, number = asked.selector.program, plan.number or 0
    after = draft.stage(program, number)
    name = names.stage(program, number)
    old = next((change.old for change in draft.changes if change.name == name), None)
    return Decision(
        program=program,
        label=plan.label,
        passed=not gate.failures,
        from_stage=old["stage"] if old else after,
        to_stage=_goal(config, asked) or after,
        environment=asked.environment,
        findings=tuple(gate.findings),
        policy_digest=gate.policy_digest,
        configuration=digest,
        notices=(*([plan.already] if plan.already else []), *plan.notices),
    )


def _refused(
    draft: Draft, config: Config, asked: Asked, refusal: Refused, gate: Gate, digest: Digest
) -> Decision:
    """Return the decision of the ladder, where that says no, and what an environment demands."""
    program, label, stage = asked.selector.program, None, None
    if asked.selector.is_explicit:
        number, _ = select(draft, config, asked.selector)
        label, stage = draft.label(program, number), draft.stage(program, number)
        place = config.environment(asked.environment) if asked.environment else None
        if place is not None:
            gate.judge(draft, config, program, number, None, (place,))
    goal = _goal(config, asked)
    return Decision(
        program=program,
        label=label,
        passed=False,
        from_stage=stage,
        to_stage=goal,
        environment=asked.environment,
        findings=(Finding(STAGE, False, str(refusal), stage, goal), *gate.findings),
        policy_digest=gate.policy_digest,
        configuration=digest,
        notices=(),
    )


def _goal(config: Config, asked: Asked) -> str | None:
    """Return the rung that was named, or that the environment belongs to."""
    if asked.environment is not None:
        place = config.environment(asked.environment)
        return place.rung if place else None
    return None if asked.to is None else config.rung(asked.to)
