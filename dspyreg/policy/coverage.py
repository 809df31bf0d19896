"""``min_test_coverage``: the metric ``test_coverage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.model.metrics import apart
from dspyreg.policy.finding import Finding
from dspyreg.policy.numbers import holds, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.config.policies import Policy
    from dspyreg.policy.facts import Facts

RULE: Final = "min_test_coverage"
METRIC: Final = "test_coverage"


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on test coverage."""
    limit = policy.min_test_coverage
    if limit is None:
        return
    value = facts.metrics().get(METRIC)
    if value is None:
        yield Finding(RULE, False, f"Missing {METRIC} metric", None, limit)
        return
    why = facts.unlike(METRIC, value, limit)
    if why is not None:
        yield Finding(RULE, False, apart(METRIC, why), value, limit)
        return
    passed = holds(value, ">=", limit)
    sign = ">=" if passed else "<"
    message = f"Test coverage {shown(value)} {sign} required {shown(limit)}"
    yield Finding(RULE, passed, message, value, limit)
