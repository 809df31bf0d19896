"""Policy rules, for any numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model.metrics import Metrics
from dspyreg.policy.evaluate import evaluate
from dspyreg.policy.metrics import Threshold
from dspyreg.policy.numbers import holds
from dspyreg.policy.policy import Policy

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
thresholds = st.builds(
    Threshold, st.sampled_from(("em", "f1", "ms")), st.sampled_from((">=", ">", "<=", "<")), numbers
)


class Measured:
    """Facts with metrics only."""

    def __init__(self, metrics: dict[str, float]) -> None:
        self._metrics = metrics

    def metrics(self) -> dict[str, float]:
        return self._metrics

    def unlike(self, metric: str, *values: float) -> str | None:
        return Metrics().unlike(metric, values)


def verdicts(metrics: dict[str, float], *rules: Threshold) -> list[bool]:
    found = evaluate(Policy(metrics=rules), Measured(metrics))  # type: ignore[arg-type]
    return [finding.passed for finding in found]


@given(numbers, numbers)
def test_a_value_is_either_above_a_limit_or_at_most_the_limit(value: float, limit: float):
    assert holds(value, ">", limit) is not holds(value, "<=", limit)
    assert holds(value, "<", limit) is not holds(value, ">=", limit)


@given(numbers, numbers)
def test_a_value_equals_a_limit_when_it_is_at_least_and_at_most_the_limit(
    value: float, limit: float
):
    both = holds(value, ">=", limit) and holds(value, "<=", limit)
    assert holds(value, "==", limit) is both


@given(numbers)
def test_a_limit_met_exactly_is_met(value: float):
    assert all(holds(value, comparison, value) for comparison in (">=", "<=", "=="))


@given(st.dictionaries(st.sampled_from(("em", "f1", "ms")), numbers), st.lists(thresholds))
def test_the_order_of_rules_does_not_change_the_verdict(
    metrics: dict[str, float], rules: list[Threshold]
):
    forth, back = verdicts(metrics, *rules), verdicts(metrics, *reversed(rules))
    assert forth == back[::-1]


@given(st.dictionaries(st.sampled_from(("em", "f1", "ms")), numbers), st.lists(thresholds))
def test_judging_twice_gives_the_same_verdict(metrics: dict[str, float], rules: list[Threshold]):
    assert verdicts(metrics, *rules) == verdicts(metrics, *rules)
