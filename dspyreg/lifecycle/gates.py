"""What stands between a version and where it is to go: whose policies, judged by which facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.errors import Refused
from dspyreg.model import canonical
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.facts import Look
    from dspyreg.model.state import Found, State, Step
    from dspyreg.policy.finding import Finding
    from dspyreg.policy.policy import Policy

MONITORING = "monitoring_setup"


class Demand:
    """A policy, the rung that approvals and evidence must be for, and where the version goes."""

    __slots__ = ("places", "policy", "rung")

    def __init__(self, policy: Policy, rung: str, places: tuple[str, ...]) -> None:
        self.policy, self.rung, self.places = policy, rung, places


def demands(
    config: Config, program: str, rung: str | None, places: Iterable[Environment]
) -> tuple[Demand, ...]:
    """Return what is demanded of a version that comes to a rung, and goes live in places.

    A rung's policy is judged with the rung; an environment's own wherever a pointer moves.
    """
    moved = tuple(places)
    found: list[Demand] = []
    policy = None if rung is None else config.policy_of(program, rung)
    if policy is not None and rung is not None:
        there = moved or config.of_rung(rung)
        found.append(Demand(policy, rung, tuple(place.name for place in there)))
    for place in moved:
        scope, judged = place.rung or place.name, {demand.rung for demand in found}
        policy = None if place.rung is None else config.policy_of(program, place.rung)
        if policy is not None and place.validation_required and scope not in judged:
            found.append(Demand(policy, scope, (place.name,)))
            judged.add(scope)
        own = (_required(place, policy if scope in judged else None), place.policy)
        found += [Demand(each, scope, (place.name,)) for each in own if each is not None]
    return tuple(found)


def _required(place: Environment, covered: Policy | None) -> Policy | None:
    """Return the demands of an environment's flags, without those that a policy has already."""
    if not place.approval_required and not place.monitoring_required:
        return None
    from dspyreg.policy import approvals, evidence
    from dspyreg.policy.policy import Policy

    policy = covered or Policy()
    approval = place.approval_required and not policy.get(approvals.KEY)
    monitoring = place.monitoring_required and MONITORING not in (policy.get(evidence.KEY) or ())
    if not approval and not monitoring:
        return None
    return Policy(
        required_approvals=1 if approval else None,
        author_may_approve=policy.get(approvals.AUTHOR),
        required_evidence=(MONITORING,) if monitoring else None,
    )


def counting_rung(config: Config, rung: str) -> str:
    """Return the rung on which a version gathers approvals and evidence for another one: that
    below it; the first for what has none below, and for an environment that belongs to none.
    """
    known = any(each.name == rung for each in config.rungs)
    return (config.below(rung) if known else None) or config.first


def counts_from(state: State, config: Config, program: str, number: int, rung: str) -> Step | None:
    """Return the step from which approvals and evidence for a rung count: the one by which the
    version last came to the rung on which it gathers them.
    """
    return state.entered(program, number, counting_rung(config, rung))


def given_at(state: State, approval: Found) -> int:
    """Return the seq at which somebody approved: to undo and to redo is not to approve."""
    operation = approval.value["operation_id"]
    steps = state.steps(approval.name)
    given = (step.seq for step in steps if step.value and step.value["operation_id"] == operation)
    return next(given, approval.changed)


def failures(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what did not pass, in words; what two rules say alike is said once."""
    return tuple(dict.fromkeys(each.message for each in findings if not each.passed))


def policy_digest(policies: Iterable[Policy]) -> Digest:
    """Return the digest of the policies that judged."""
    return Digest.of(canonical.dumps([policy.to_json() for policy in policies]))


def judgement(policies: Iterable[Policy], findings: Iterable[Finding]) -> dict[str, Any]:
    """Return what an entry tells of a judgement."""
    found = tuple(findings)
    told: dict[str, Any] = {
        "policy": policy_digest(policies),
        "findings": [finding.to_json() for finding in found],
    }
    failed = failures(found)
    return told | {"failures": list(failed)} if failed else told


class Gate:
    """Judges a version wherever it is to go, and keeps what it found.

    Raises ``Refused`` with every failure, unless it is told to ``let_pass``; with the first alone
    if it is ``hasty``, so that no command is run on what fails anyhow.
    """

    def __init__(self, look: Look, *, let_pass: bool = False, hasty: bool = False) -> None:
        self.look, self.let_pass, self.hasty = look, let_pass, hasty
        self.findings: list[Finding] = []
        self.policies: list[Policy] = []

    def judge(
        self,
        state: State,
        config: Config,
        program: str,
        number: int,
        rung: str | None,
        places: Iterable[Environment],
    ) -> None:
        """Judge a version that is to come to a rung, None if it stays, and to go live in places."""
        places = tuple(places)
        for demand in demands(config, program, rung, places):
            self._meet(demand, state, config, program, number)
        if self.failures and not self.let_pass:
            goal = rung or ", ".join(place.name for place in places)
            label = state.label(program, number)
            raise Refused(
                "not-admitted",
                version=f"{program}@{label}",
                goal=goal,
                failures=self.failures,
                hint=self.look.hint,
                evidence=self.to_json(),
                blobs=self.blobs,
            )

    def _meet(
        self, demand: Demand, state: State, config: Config, program: str, number: int
    ) -> None:
        from dspyreg.lifecycle.facts import Gathered
        from dspyreg.policy.evaluate import evaluate

        self.policies.append(demand.policy)
        facts = Gathered(self.look, state, config, program, number, demand)
        for finding in evaluate(demand.policy, facts):
            if finding not in self.findings:
                self.findings.append(finding)
            if self.hasty and not finding.passed:
                return

    @property
    def failures(self) -> tuple[str, ...]:
        """What did not pass, in words, in the order of the rules."""
        return failures(self.findings)

    @property
    def policy_digest(self) -> Digest | None:
        """The digest of the policies that judged, None if none did."""
        return policy_digest(self.policies) if self.policies else None

    @property
    def blobs(self) -> tuple[bytes, ...]:
        """What must be stored with the judgement."""
        return self.look.outputs

    def to_json(self) -> dict[str, Any]:
        """What an entry tells of the judgement; nothing if nothing was demanded."""
        if not self.policies:
            return {}
        commands = self.look.commands()
        told = judgement(self.policies, self.findings)
        return told | {"commands": commands} if commands else told
