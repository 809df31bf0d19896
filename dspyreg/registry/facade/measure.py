"""Methods of the registry: measurements, approvals, evidence and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import MethodFamily
from dspyreg.registry.transaction.operation import operation, reading
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.registry.analyse.compare import Comparison
    from dspyreg.registry.analyse.plan import DeploymentPlan
    from dspyreg.registry.artifacts.files import PathLike
    from dspyreg.registry.gate.check import Decision
    from dspyreg.registry.read.evidence import EvidenceList
    from dspyreg.registry.read.history import Measurements, Trends
    from dspyreg.registry.transaction.outcome import Outcome


class MeasureMethods(MethodFamily):
    """Measurements, approvals, evidence and checks."""

    @operation("score")
    def score(
        self,
        selector: str,
        metrics: Mapping[str, float],
        *,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Append measurements to a version; the newest value of each metric counts.

        Raises ``UsageError`` for what is not a finite number.
        """
        options = ChangeOptions(
            reason, dry_run=dry_run, operation_id=operation_id, allow_secrets=allow_secrets
        )
        return use.measurements.score(self.context, selector, metrics, options)

    @reading
    def history(
        self,
        program: str,
        *,
        metric: str | None = None,
        since: str | None = None,
        interval: str | None = None,
        limit: int = 1000,
        at: str | None = None,
    ) -> Measurements:
        """Return measurements of a program's versions: of one metric, or the scores.

        ``since`` is a duration (``30d``), a date or a time; ``interval`` is ``day`` for averages.
        ``limit`` keeps the newest versions and measurements, -1 all; trends and days are of all.
        Raises ``NotFound`` for a metric that was never measured.
        """
        return use.history.history(
            self.context, program, metric=metric, since=since, interval=interval, limit=limit, at=at
        )

    @reading
    def trends(self, program: str, *, since: str = "90d", at: str | None = None) -> Trends:
        """Return the newest value and the trend of each metric of a program."""
        return use.history.trends(self.context, program, since=since, at=at)

    @reading
    def compare(self, a: str, b: str, *, at: str | None = None) -> Comparison:
        """Return the better of two versions, named by selectors, and their differences."""
        return use.compare.compare(self.context, a, b, at=at)

    @operation("approve")
    def approve(
        self,
        selector: str,
        *,
        to: str | None = None,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Approve a version for a rung, the next one up without ``to``, in the actor's name.

        It counts until the version comes to the rung below anew; one person counts once. Raises
        ``Refused`` while the version has not reached the rung below.
        """
        options = ChangeOptions(reason, dry_run=dry_run, operation_id=operation_id)
        return use.record.approve(self.context, selector, options, to=to)

    @operation("evidence")
    def add_evidence(
        self,
        selector: str,
        name: str,
        *,
        passed: bool = True,
        file: PathLike | None = None,
        note: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Append evidence to a version under a name; the newest of a name counts. A ``file`` is
        stored and kept for ever.
        """
        options = ChangeOptions(
            note, dry_run=dry_run, operation_id=operation_id, allow_secrets=allow_secrets
        )
        return use.record.add_evidence(
            self.context, selector, name, options, passed=passed, file=file
        )

    @reading
    def evidence(self, selector: str, *, at: str | None = None) -> EvidenceList:
        """Return the evidence on a version, oldest first."""
        return use.evidence.evidence(self.context, selector, at=at)

    @reading
    def evidence_file(self, selector: str, name: str, *, at: str | None = None) -> bytes:
        """Return the bytes of the newest evidence file under a name."""
        return use.evidence.evidence_file(self.context, selector, name, at=at)

    @reading
    def check(
        self,
        selector: str,
        *,
        to: str | None = None,
        environment: str | None = None,
        at: str | None = None,
    ) -> Decision:
        """Return whether a version may be promoted, or with ``environment`` deployed, and every
        finding on the way. Writes nothing. A command of the policy is run, if it is trusted.
        """
        return use.check.check(self.context, selector, to=to, environment=environment, at=at)

    @reading
    def plan(
        self, selector: str, *, environment: str | None = None, at: str | None = None
    ) -> DeploymentPlan:
        """Return the effects of deploying a version: whether that is safe, and why not.

        A command of the policy is run, if it is trusted.
        """
        return use.plan.plan(self.context, selector, environment=environment, at=at)
