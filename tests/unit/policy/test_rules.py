"""The rules and the messages of their findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dspyreg.model.metrics import Metrics
from dspyreg.policy.against_live import Margin
from dspyreg.policy.evaluate import evaluate
from dspyreg.policy.facts import Break, CommandResult, Live
from dspyreg.policy.forms import Command
from dspyreg.policy.known import every_key
from dspyreg.policy.metrics import Threshold
from dspyreg.policy.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping


class StatedFacts:
    """Facts that a test states."""

    def __init__(self, **facts: Any) -> None:
        self._facts = facts

    def metrics(self) -> Mapping[str, float]:
        return self._facts.get("metrics", {})

    def unlike(self, metric: str, *values: float) -> str | None:
        return Metrics().unlike(metric, values)

    def live(self) -> tuple[Live, ...]:
        return self._facts.get("live", ())

    def author(self) -> str:
        return self._facts.get("author", "ada")

    def approvers(self) -> set[str]:
        return set(self._facts.get("approvers", ()))

    def evidence(self) -> Mapping[str, bool]:
        return self._facts.get("evidence", {})

    def changelog(self) -> str | None:
        return self._facts.get("changelog")

    def breaks(self) -> tuple[Break, ...]:
        return self._facts.get("breaks", ())

    def knows_types(self) -> bool:
        return self._facts.get("knows_types", False)

    def secrets(self) -> str | None:
        return self._facts.get("secrets")

    def age(self) -> float:
        return self._facts.get("age", 0.0)

    def measured(self, command: Command) -> CommandResult:
        return self._facts["measured"]


def messages(policy: Policy, **facts: Any) -> list[tuple[bool, str]]:
    return [(found.passed, found.message) for found in evaluate(policy, StatedFacts(**facts))]


AT_LEAST = Policy(metrics=(Threshold("accuracy", ">=", 0.85),))
NO_WORSE = Policy(against_live=(Margin("accuracy", ">=", -2, relative=True),))


def lives(**metrics: float) -> tuple[Live, ...]:
    return (Live("1.0.0", "production", metrics, "qa@1.0.0"),)


def test_a_policy_without_demands_has_no_findings():
    assert messages(Policy()) == []


def test_a_threshold_reports_the_measured_and_the_demanded_value():
    [finding] = evaluate(AT_LEAST, StatedFacts(metrics={"accuracy": 0.9}))
    assert (finding.rule, finding.passed) == ("metrics", True)
    assert (finding.measured, finding.demanded) == (0.9, ">= 0.85")
    assert finding.message == "accuracy 0.9 meets >= 0.85"


def test_an_unmeasured_metric_fails():
    assert messages(AT_LEAST) == [(False, "Missing required metric accuracy")]


def test_a_limit_missed_by_a_rounding_error_is_met():
    assert messages(AT_LEAST, metrics={"accuracy": 0.85 - 1e-12})[0][0]


def test_a_margin_passes_when_nothing_is_live():
    told = messages(NO_WORSE, metrics={"accuracy": 0.1})
    assert told == [(True, "accuracy: nothing is live to compare with")]


@pytest.mark.parametrize(("value", "passes"), [(0.784, True), (0.783, False), (0.9, True)])
def test_a_relative_margin_is_a_percentage_of_the_live_value(value: float, passes: bool):
    found = messages(NO_WORSE, metrics={"accuracy": value}, live=lives(accuracy=0.8))
    assert [passed for passed, _ in found] == [passes]


def test_a_margin_reports_the_change_and_the_live_version():
    [(_, message)] = messages(NO_WORSE, metrics={"accuracy": 0.6}, live=lives(accuracy=0.8))
    assert message == "accuracy 0.6 is -25% against 1.0.0 (0.8), does not meet >= -2%"


def test_a_percentage_has_two_decimals_unless_they_hide_the_verdict():
    [(_, message)] = messages(NO_WORSE, metrics={"accuracy": 0.7}, live=lives(accuracy=0.9))
    assert "is -22.22% against" in message
    [(_, message)] = messages(NO_WORSE, metrics={"accuracy": 0.97999}, live=lives(accuracy=1.0))
    assert "is -2.001% against" in message


def test_an_absolute_margin_is_a_difference():
    policy = Policy(against_live=(Margin("f1", ">=", 0.01, relative=False),))
    told = messages(policy, metrics={"f1": 0.81}, live=lives(f1=0.8))
    assert told == [(True, "f1 0.81 is +0.01 against 1.0.0 (0.8), meets >= +0.01")]


def test_a_margin_fails_when_the_live_version_is_unmeasured():
    told = messages(NO_WORSE, metrics={"accuracy": 0.9}, live=lives())
    assert told == [
        (
            False,
            "1.0.0, live in production, has no accuracy; "
            "measure it: `dspyreg score qa@1.0.0 accuracy=NUMBER`",
        )
    ]


def test_a_percentage_of_zero_is_undefined():
    [(passed, message)] = messages(NO_WORSE, metrics={"accuracy": 0.1}, live=lives(accuracy=0.0))
    assert not passed
    assert message == "accuracy is 0 in 1.0.0: a percentage of it is undefined"


def test_coverage_is_the_metric_test_coverage():
    policy = Policy(min_test_coverage=0.9)
    assert messages(policy) == [(False, "Missing test_coverage metric")]
    told = messages(policy, metrics={"test_coverage": 0.8})
    assert told == [(False, "Test coverage 0.8 < required 0.9")]
    assert messages(policy, metrics={"test_coverage": 0.9})[0][0]


@pytest.mark.parametrize("said", [None, False])
def test_the_approval_of_the_author_does_not_count(said: bool | None):
    told = messages(
        Policy(required_approvals=2, author_may_approve=said),
        approvers=["ada", "bob"],
        author="ada",
    )
    assert told == [(False, "Approvals 1 < required 2; the author's own does not count")]


def test_the_approval_of_the_author_counts_when_the_policy_allows_it():
    policy = Policy(required_approvals=2, author_may_approve=True)
    told = messages(policy, approvers=["ada", "bob"], author="ada")
    assert told == [(True, "Approvals 2 >= required 2")]


def test_required_evidence_must_exist_and_have_passed():
    policy = Policy(required_evidence=("load_testing", "security_scan", "review"))
    assert messages(policy, evidence={"load_testing": True, "security_scan": False}) == [
        (True, "Evidence load_testing passed"),
        (False, "Evidence security_scan failed"),
        (False, "Missing evidence review"),
    ]


def test_a_blank_changelog_fails():
    assert messages(Policy(changelog=True), changelog=" ") == [(False, "Missing changelog")]
    assert messages(Policy(changelog=True), changelog="faster")[0][0]


def test_a_threshold_fails_on_a_value_of_another_scale():
    [(passed, told)] = messages(AT_LEAST, metrics={"accuracy": 60.0})
    assert not passed
    assert "not comparable: 60 and 0.85 look like percent and fraction" in told


def test_test_coverage_fails_on_a_value_of_another_scale():
    [(passed, told)] = messages(Policy(min_test_coverage=0.9), metrics={"test_coverage": 40})
    assert not passed
    assert "not comparable: 40 and 0.9" in told


def test_a_contract_that_breaks_callers_of_the_live_version_fails():
    policy = Policy(contract="compatible")
    assert messages(policy)[0][0]
    told = messages(policy, breaks=(Break("1.0.0", ("output removed", "input added")),))
    assert told == [(False, "Contract breaks with 1.0.0: output removed; input added")]


def test_a_policy_can_demand_a_captured_contract():
    assert not messages(Policy(contract="captured"))[0][0]
    assert messages(Policy(contract="captured"), knows_types=True)[0][0]


def test_allowed_secrets_fail_and_redacted_secrets_pass():
    policy = Policy(secrets="none")
    assert [messages(policy, secrets=each)[0][0] for each in (None, "redacted", "allowed")] == [
        True,
        True,
        False,
    ]


def test_age_is_reported_in_readable_units():
    policy = Policy(min_age=3600)
    assert messages(policy, age=1800) == [(False, "Age 30 min < required 1 h")]
    assert messages(policy, age=90_000) == [(True, "Age 1 d 1 h >= required 1 h")]
    assert messages(policy, age=3599.9) == [(False, "Age 59 min 59 s < required 1 h")]


def test_a_failed_command_reports_its_own_message():
    policy = Policy(command=Command("make smoke"))
    assert messages(policy, measured=CommandResult(False, "make smoke: exit status 2")) == [
        (False, "make smoke: exit status 2")
    ]


def test_findings_are_in_the_order_of_the_policy_keys():
    policy = Policy(
        metrics=(Threshold("em", ">", 1),),
        against_live=(Margin("em", ">", 1, relative=False),),
        min_test_coverage=1,
        required_approvals=1,
        required_evidence=("x",),
        changelog=True,
        contract="captured",
        secrets="none",
        min_age=1,
        command=Command("x"),
    )
    rules = [each.rule for each in evaluate(policy, StatedFacts(measured=CommandResult(True, "x")))]
    assert rules == [key.name for key in every_key() if key.name in rules]
    assert len(rules) == 10
