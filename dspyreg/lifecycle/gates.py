"""Gates: the policies between a version and its goal, and the judgement by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.errors import Refused
from dspyreg.model import canonical
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment
    from dspyreg.lifecycle.case import Case
    from dspyreg.lifecycle.facts import FactSource
    from dspyreg.policy.finding import Finding
    from dspyreg.policy.policy import Policy

MONITORING = "monitoring_setup"


class Demand:
    """A policy, the rung of its approvals and evidence, and the environments of the version."""

    __slots__ = ("places", "policy", "rung")

    def __init__(self, policy: Policy, rung: str, places: tuple[str, ...]) -> None:
        self.policy, self.rung, self.places = policy, rung, places


def demands(
    config: Config, program: str, rung: str | None, places: Iterable[Environment]
) -> tuple[Demand, ...]:
    """Return the demands on a version that comes to a rung, and goes live in environments.

    The policy of a rung judges who comes to it; that of an environment every move of its pointer.
    """
    moved = tuple(places)
    all_demands: list[Demand] = []
    policy = None if rung is None else config.policy_of(program, rung)
    if policy is not None and rung is not None:
        affected = moved or config.of_rung(rung)
        all_demands.append(Demand(policy, rung, tuple(place.name for place in affected)))
    for place in moved:
        scope, judged = place.rung or place.name, {demand.rung for demand in all_demands}
        policy = None if place.rung is None else config.policy_of(program, place.rung)
        if policy is not None and place.validation_required and scope not in judged:
            all_demands.append(Demand(policy, scope, (place.name,)))
            judged.add(scope)
        own = (_required(place, policy if scope in judged else None), place.policy)
        all_demands += [Demand(each, scope, (place.name,)) for each in own if each is not None]
    return tuple(all_demands)


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


def failures(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the messages of failed findings, each once."""
    return tuple(dict.fromkeys(each.message for each in findings if not each.passed))


def policy_digest(policies: Iterable[Policy]) -> Digest:
    """Return the digest of policies."""
    return Digest.of(canonical.dumps([policy.to_json() for policy in policies]))


def judgement(policies: Iterable[Policy], findings: Iterable[Finding]) -> dict[str, Any]:
    """Return a judgement as an entry keeps it."""
    every = tuple(findings)
    kept: dict[str, Any] = {
        "policy": policy_digest(policies),
        "findings": [finding.to_json() for finding in every],
    }
    failed = failures(every)
    return kept | {"failures": list(failed)} if failed else kept


class Gate:
    """Judges a version for its goals, and collects the findings.

    With ``let_pass`` it refuses nothing. With ``stop_early`` it judges up to the first failure, so
    that no command runs on a version that fails anyway.
    """

    def __init__(
        self, source: FactSource, *, let_pass: bool = False, stop_early: bool = False
    ) -> None:
        self.source, self.let_pass, self.stop_early = source, let_pass, stop_early
        self.findings: list[Finding] = []
        self.policies: list[Policy] = []

    def judge(
        self, case: Case, number: int, rung: str | None, places: Iterable[Environment]
    ) -> None:
        """Judge a version that comes to a rung, None if it stays, and goes live in environments.

        Raises ``Refused`` with the failures.
        """
        places = tuple(places)
        for demand in demands(case.config, case.program, rung, places):
            self._meet(demand, case, number)
        if self.failures and not self.let_pass:
            goal = rung or ", ".join(place.name for place in places)
            raise Refused(
                "not-admitted",
                version=case.name(number),
                goal=goal,
                failures=self.failures,
                hint=self.source.hint,
                evidence=self.to_json(),
                blobs=self.blobs,
            )

    def _meet(self, demand: Demand, case: Case, number: int) -> None:
        from dspyreg.lifecycle.facts import GateFacts
        from dspyreg.policy.evaluate import evaluate

        self.policies.append(demand.policy)
        facts = GateFacts(self.source, case, number, demand.rung, demand.places)
        for finding in evaluate(demand.policy, facts):
            if finding not in self.findings:
                self.findings.append(finding)
            if self.stop_early and not finding.passed:
                return

    @property
    def failures(self) -> tuple[str, ...]:
        """The messages of failed findings, in the order of the rules."""
        return failures(self.findings)

    @property
    def policy_digest(self) -> Digest | None:
        """The digest of the policies that judged, None if none did."""
        return policy_digest(self.policies) if self.policies else None

    @property
    def blobs(self) -> tuple[bytes, ...]:
        """The blobs that must be stored with the judgement."""
        return self.source.outputs

    def to_json(self) -> dict[str, Any]:
        """Return the judgement as an entry keeps it; empty without a policy."""
        if not self.policies:
            return {}
        commands = self.source.commands()
        kept = judgement(self.policies, self.findings)
        return kept | {"commands": commands} if commands else kept
