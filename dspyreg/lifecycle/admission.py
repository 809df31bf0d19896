"""Admission: the policy of registrations, judged before a version exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.gates import failures, judgement
from dspyreg.model.label import level_between
from dspyreg.policy.evaluate import evaluate
from dspyreg.policy.facts import CAPTURED, Break

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.lifecycle.request import BumpVerdict, Request
    from dspyreg.model.metrics import Metrics
    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy


def admit(
    policy: Policy,
    metrics: Metrics,
    request: Request,
    verdict: BumpVerdict | None,
    latest: str | None,
) -> dict[str, Any]:
    """Return the judgement on a registration, as its entry keeps it. ``latest`` is the label of
    the latest version. Raises ``Refused`` with every failure, unless it is forced.
    """
    arriving = _Arriving(metrics, request, verdict, latest)
    facts = cast("Facts", arriving)  # no rule of registrations reads any other fact
    findings = tuple(evaluate(policy, facts))
    failed = failures(findings)
    if failed and not request.force:
        raise Refused("not-registrable", program=request.program, failures=failed)
    if failed and not (request.reason or "").strip():
        raise UsageError("force-without-reason")
    return judgement((policy,), findings)


class _Arriving:
    """Facts of a registration."""

    def __init__(
        self, metrics: Metrics, request: Request, verdict: BumpVerdict | None, latest: str | None
    ) -> None:
        self._metrics = metrics
        self._request, self._verdict, self._latest = request, verdict, latest

    def metrics(self) -> Mapping[str, float]:
        """See ``Facts``."""
        return self._request.metrics

    def unlike(self, metric: str, *values: float) -> str | None:
        """See ``Facts``."""
        return self._metrics.unlike(metric, values)

    def changelog(self) -> str | None:
        """See ``Facts``."""
        return self._request.changelog

    def metadata(self) -> Mapping[str, Any]:
        """See ``Facts``."""
        return self._request.metadata

    def secrets(self) -> str | None:
        """See ``Facts``."""
        return self._request.secrets

    def size(self) -> int:
        """See ``Facts``."""
        return sum(file.size for file in self._request.files)

    def knows_types(self) -> bool:
        """See ``Facts``."""
        contract = self._request.contract
        return contract is not None and contract.get("knowledge") == CAPTURED

    def breaks(self) -> tuple[Break, ...]:
        """Return the breaks with the latest version, unless the label or the bump is major."""
        request, latest = self._request, self._latest
        if request.label is None:
            level: str | None = request.bump
        else:
            level = level_between(latest, request.label)
        if latest is None or self._verdict is None or level == "major":
            return ()
        breaks = self._verdict.breaks
        return (Break(latest, breaks),) if breaks else ()
