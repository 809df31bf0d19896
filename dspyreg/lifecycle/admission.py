"""What the configuration demands of a registration, judged before it is a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dspyreg.errors import Refused, UsageError
from dspyreg.lifecycle.gates import failures, judgement
from dspyreg.model.label import level_between
from dspyreg.policy.evaluate import evaluate
from dspyreg.policy.facts import CAPTURED, Break

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.lifecycle.registration import Request, Verdict
    from dspyreg.model.metrics import Metrics
    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy


def admitted(
    policy: Policy,
    metrics: Metrics,
    request: Request,
    verdict: Verdict | None,
    latest: str | None,
) -> dict[str, Any]:
    """Return what an entry tells of the judgement on a registration: ``metrics`` are how those of
    the program are read, ``latest`` is the label of the latest version. Raises ``Refused`` with
    every failure, unless it is forced.
    """
    findings = tuple(evaluate(policy, _facts(metrics, request, verdict, latest)))
    failed = failures(findings)
    if failed and not request.force:
        raise Refused("not-registrable", program=request.program, failures=failed)
    if failed and not (request.reason or "").strip():
        raise UsageError("force needs a reason", hint="--force --reason=WHY")
    return judgement((policy,), findings)


def _facts(
    metrics: Metrics, request: Request, verdict: Verdict | None, latest: str | None
) -> Facts:
    arriving = _Arriving(metrics, request, verdict, latest)
    return cast("Facts", arriving)  # a policy of registrations has no rule for the rest


class _Arriving:
    """The facts of a registration, as far as rules of ``registration`` ask for them."""

    def __init__(
        self, metrics: Metrics, request: Request, verdict: Verdict | None, latest: str | None
    ) -> None:
        self._read = metrics
        self._request, self._verdict, self._latest = request, verdict, latest

    def metrics(self) -> Mapping[str, float]:
        """See ``Facts``."""
        return self._request.metrics

    def unlike(self, metric: str, *values: float) -> str | None:
        """See ``Facts``."""
        return self._read.unlike(metric, values)

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
        """Return where it breaks with the latest version, unless its author says so: by a label
        or a bump.
        """
        asked, latest = self._request, self._latest
        said = asked.bump if asked.label is None else level_between(latest, asked.label)
        if latest is None or self._verdict is None or said == "major":
            return ()
        breaks = self._verdict.breaks
        return (Break(latest, breaks),) if breaks else ()
