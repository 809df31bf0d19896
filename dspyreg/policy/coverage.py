"""``min_test_coverage``: the metric ``test_coverage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.model.metrics import apart
from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Fraction
from dspyreg.policy.numbers import holds, shown
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.policy import Policy

METRIC: Final = "test_coverage"
KEY: Final = Key("min_test_coverage", Fraction(), "The least value of the metric test_coverage.")


def findings(policy: Policy, facts: Facts) -> Iterator[Finding]:
    """Yield the finding on test coverage."""
    limit = policy.get(KEY)
    if limit is None:
        return
    value = facts.metrics().get(METRIC)
    if value is None:
        yield Finding(KEY.name, False, f"Missing {METRIC} metric", None, limit)
        return
    why = facts.unlike(METRIC, value, limit)
    if why is not None:
        yield Finding(KEY.name, False, apart(METRIC, why), value, limit)
        return
    passed = holds(value, ">=", limit)
    sign = ">=" if passed else "<"
    message = f"Test coverage {shown(value)} {sign} required {shown(limit)}"
    yield Finding(KEY.name, passed, message, value, limit)


RULE: Final = Rule((KEY,), findings)
