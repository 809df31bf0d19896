"""Group D: policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import act_as

from dspyreg.errors import Refused, UsageError

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


def demand(registry: Registry, policy: str) -> None:
    """Apply a policy of production."""
    registry.apply(f"policies: {{production: {{{policy}}}}}")


@pytest.fixture
def staged(registry: Registry, programs: Programs) -> Registry:
    """A registry with qa@1.0.0 in staging."""
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0")
    return registry


def failures(registry: Registry) -> list[str]:
    return list(registry.check("qa@1.0.0", to="production").failures)


def test_d01_a_metric_above_its_threshold_passes(staged: Registry):
    demand(staged, 'metrics: ["accuracy >= 0.95"]')
    staged.score("qa@1.0.0", {"accuracy": 0.96})
    decision = staged.check("qa@1.0.0", to="production")
    assert decision.passed
    assert not decision.failures


def test_d02_a_metric_below_its_threshold_fails_and_is_named(staged: Registry):
    demand(staged, 'metrics: ["accuracy >= 0.95"]')
    staged.score("qa@1.0.0", {"accuracy": 0.9})
    [failure] = failures(staged)
    assert all(word in failure for word in ("accuracy", "0.9", ">=", "0.95"))


@pytest.mark.parametrize(("value", "passes"), [(0.96, True), (0.95, False)])
def test_d04_above_excludes_the_limit(staged: Registry, value: float, passes: bool):
    demand(staged, 'metrics: ["accuracy > 0.95"]')
    staged.score("qa@1.0.0", {"accuracy": value})
    assert staged.check("qa@1.0.0").passed is passes


@pytest.mark.parametrize(("value", "passes"), [(100, True), (100.1, False)])
def test_d07_at_most_includes_the_limit(staged: Registry, value: float, passes: bool):
    demand(staged, 'metrics: ["latency_p99_ms <= 100"]')
    staged.score("qa@1.0.0", {"latency_p99_ms": value})
    assert staged.check("qa@1.0.0").passed is passes


def approve(registry: Registry, *people: str) -> None:
    for person in people:
        act_as(registry, person)
        registry.approve("qa@1.0.0", to="production")


def test_d10_approvals_are_counted(staged: Registry):
    demand(staged, "required_approvals: 2")
    approve(staged, "bob")
    assert failures(staged) == ["Approvals 1 < required 2"]
    approve(staged, "eve")
    assert not failures(staged)


def test_d11_two_approvals_by_one_person_count_once(staged: Registry):
    demand(staged, "required_approvals: 2")
    approve(staged, "bob", "bob")
    assert failures(staged) == ["Approvals 1 < required 2"]


def test_d13_all_failures_are_listed_at_once_and_in_order(staged: Registry):
    demand(
        staged,
        'metrics: ["accuracy >= 0.9", "f1 >= 0.9"], min_test_coverage: 0.9, required_approvals: 2',
    )
    assert failures(staged) == [
        "Missing required metric accuracy",
        "Missing required metric f1",
        "Missing test_coverage metric",
        "Approvals 0 < required 2",
    ]


def test_d14_a_new_measurement_changes_the_verdict(staged: Registry):
    demand(staged, 'metrics: ["accuracy >= 0.95"]')
    assert not staged.check("qa@1.0.0", to="production").passed
    staged.score("qa@1.0.0", {"accuracy": 0.96})
    assert staged.check("qa@1.0.0", to="production").passed


def test_d16_every_version_passes_without_a_policy(staged: Registry):
    decision = staged.check("qa@1.0.0", to="production")
    assert decision.passed
    assert (decision.from_stage, decision.to_stage) == ("staging", "production")


def test_d20_a_failing_policy_refuses_the_promotion_and_changes_nothing(staged: Registry):
    demand(staged, "required_approvals: 2, changelog: true")
    with pytest.raises(Refused) as refused:
        staged.promote("qa@1.0.0", to="production")
    assert refused.value.failures == ("Approvals 0 < required 2", "Missing changelog")
    assert staged.show("qa@1.0.0").stage == "staging"
    [entry] = staged.log(limit=1)
    assert (entry.operation, entry.outcome, entry.changes) == ("promote", "refused", ())
    assert entry.evidence["failures"] == list(refused.value.failures)


def test_d22_only_failing_rules_are_named(staged: Registry):
    demand(staged, 'metrics: ["accuracy >= 0.90", "latency_p99_ms <= 100"]')
    staged.score("qa@1.0.0", {"accuracy": 0.95, "latency_p99_ms": 120})
    [failure] = failures(staged)
    assert all(word in failure for word in ("latency_p99_ms", "120", "100"))


def test_d25_force_needs_a_reason_and_records_what_it_overruled(staged: Registry):
    demand(staged, "required_approvals: 2")
    with pytest.raises(UsageError, match="reason"):
        staged.promote("qa@1.0.0", to="production", force=True)
    entry = staged.promote("qa@1.0.0", to="production", force=True, reason="hot fix").entry
    assert entry is not None
    assert (entry.forced, entry.reason) == (True, "hot fix")
    assert entry.evidence["failures"] == ["Approvals 0 < required 2"]


def test_d24_meeting_the_policy_promotes_a_version_automatically(staged: Registry):
    demand(staged, 'metrics: ["accuracy >= 0.95"], auto_promote: true')
    assert staged.show("qa@1.0.0").stage == "staging"
    [scored, promoted] = staged.score("qa@1.0.0", {"accuracy": 0.96}).entries
    assert staged.show("qa@1.0.0").stage == "production"
    assert (scored.to_json()["automatic"], promoted.to_json()["automatic"]) == (False, True)
    assert promoted.operation == "promote"
    assert scored.seq is not None
    assert promoted.evidence is not None
    assert promoted.evidence["cause"]["entry"] == scored.seq
    assert "auto_promote" in promoted.evidence["cause"]["rule"]
