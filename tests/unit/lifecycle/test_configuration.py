"""Differences between two configurations, in words."""

from __future__ import annotations

from dspyreg.config.document import read
from dspyreg.lifecycle.configuration import differences


def in_words(before: str, after: str) -> list[str]:
    """Return the differences of two documents."""
    return list(differences(read(before), read(after)))


def test_equivalent_configurations_have_no_differences() -> None:
    assert in_words("", "format: 1\nmetrics: {tie: 0.01}") == []


def test_a_changed_value_is_shown_with_its_key() -> None:
    assert in_words("metrics: {tie: 0.1}", "") == ["metrics.tie: 0.1 → 0.01"]


def test_a_list_is_shown_without_brackets() -> None:
    after = "metrics: {lower_is_better: [cost, size]}"
    assert in_words("", after) == ["metrics.lower_is_better: nothing → cost, size"]


def test_a_new_environment_is_shown_on_one_line_without_disabled_switches() -> None:
    after = "environments: {eu: {rung: staging, policy: {required_evidence: [a]}}, staging: {}}"
    assert in_words("", after) == [
        "environments.eu: nothing → "
        "{rung: staging, rollback_enabled: true, policy: {required_evidence: [a]}}"
    ]


def test_a_changed_switch_of_an_environment_is_shown_alone() -> None:
    after = "environments: {production: {approval_required: true}}"
    assert in_words("", after) == ["environments.production.approval_required: false → true"]


def test_a_policy_is_shown_demand_by_demand_as_written() -> None:
    after = (
        'policies: {production: {metrics: ["accuracy >= 0.85"], against_live: ["f1 >= -2%"],'
        " min_age: 90m, command: make smoke}}"
    )
    assert in_words("", after) == [
        "policies.production.metrics: nothing → accuracy >= 0.85",
        "policies.production.against_live: nothing → f1 >= -2%",
        "policies.production.min_age: nothing → 1h 30m",
        "policies.production.command.run: nothing → make smoke",
        "policies.production.command.timeout: nothing → 10m",
    ]


def test_a_changed_threshold_is_shown_with_both_numbers() -> None:
    before, after = (f'policies: {{staging: {{metrics: ["a >= {n}"]}}}}' for n in (0.8499999, 1e-9))
    assert in_words(before, after) == ["policies.staging.metrics: a >= 0.8499999 → a >= 1e-09"]


def test_a_removed_policy_is_shown() -> None:
    before = "policies: {production: {required_approvals: 2}}"
    assert in_words(before, "") == ["policies.production.required_approvals: 2 → nothing"]


def test_differences_for_one_program_are_shown() -> None:
    after = "programs: {qa: {policies: {staging: {changelog: true}}, metrics: {primary: em}}}"
    assert in_words("", after) == [
        "programs.qa.policies.staging.changelog: nothing → true",
        "programs.qa.metrics.primary: nothing → em",
    ]


def test_changed_hooks_are_shown() -> None:
    assert in_words("", "hooks: {before: {promote: [./freeze]}, timeout: 1m}") == [
        "hooks.before.promote: nothing → ./freeze",
        "hooks.timeout: 30s → 1m",
    ]


def test_a_changed_order_of_the_ladder_is_shown() -> None:
    before = "stages: {a: , b: , c: }"
    assert in_words(before, "stages: {a: , c: , b: }") == ["stages: a, b, c → a, c, b"]


def test_a_changed_title_is_shown() -> None:
    after = "stages: {development: , staging: {title: QA}, production: }"
    assert in_words("", after) == ["stages.staging.title: nothing → QA"]
