"""Policies, programs, integration and hooks in the configuration document."""

import re

import pytest

from dspyreg.config.document import read
from dspyreg.config.value import Integration, Metrics, ProgramSettings
from dspyreg.errors import UsageError
from dspyreg.policy import (
    against_live,
    age,
    approvals,
    command,
    contract,
    coverage,
    evidence,
    metrics,
    secrets,
)
from dspyreg.policy.against_live import Margin
from dspyreg.policy.forms import Command
from dspyreg.policy.metrics import Threshold
from dspyreg.policy.policy import Policy


def refusal(text: str) -> UsageError:
    """Return the error that reading this text raises."""
    with pytest.raises(UsageError) as caught:
        read(text)
    assert re.match(r"line [1-9][0-9]*: ", str(caught.value))
    return caught.value


def a_policy(body: str) -> Policy:
    """Return the policy of production with this body."""
    policy = read(f"policies:\n  production: {{{body}}}").policy_of("qa", "production")
    assert policy is not None
    return policy


def policy_refusal(body: str) -> str:
    """Return the error of a policy with this body on line 3."""
    return str(refusal(f"policies:\n  production:\n    {body}"))


# A policy


def test_a_threshold_is_a_metric_a_comparison_and_a_number():
    assert a_policy('metrics: ["accuracy >= 0.85"]').get(metrics.KEY) == (
        Threshold("accuracy", ">=", 0.85),
    )


@pytest.mark.parametrize("comparison", [">=", ">", "<=", "<", "=="])
def test_all_five_comparisons_are_accepted(comparison):
    assert a_policy(f'metrics: ["f1{comparison}.5"]').get(metrics.KEY) == (
        Threshold("f1", comparison, 0.5),
    )


def test_a_threshold_needs_no_quotes_in_a_block_list():
    text = "policies:\n  production:\n    metrics:\n    - log likelihood > -1e3\n"
    policy = read(text).policy_of("qa", "production")
    assert policy.get(metrics.KEY) == (Threshold("log likelihood", ">", -1000.0),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("accuracy", "demands nothing"),
        ("accuracy 0.85", "demands nothing"),
        ("accuracy => 0.85", "`=>` is no comparison"),
        ("accuracy = 0.85", "`=` is no comparison"),
        ("accuracy <> 0.85", "`<>` is no comparison"),
        ("accuracy >= high", "`high` is no finite number"),
        ("accuracy >=", "is no finite number"),
        ("accuracy >= 1e999", "is no finite number"),
        ("accuracy >= .inf", "is no finite number"),
        ("accuracy >= 0.8 >= 0.9", "is no finite number"),
        (">= 0.85", "not a metric"),
        ("accuracy >= 85%", "85% is a change, and belongs under against_live"),
    ],
)
def test_an_invalid_threshold_is_refused_with_its_line(text, problem):
    told = policy_refusal(f'metrics: ["{text}"]')
    assert told.startswith("line 3: ")
    assert problem in told


@pytest.mark.parametrize("item", ["0.85", "{accuracy: 0.85}", "[accuracy]", "null", "true"])
def test_a_threshold_that_is_not_text_is_refused(item):
    assert policy_refusal(f"metrics: [{item}]")


def test_a_repeated_demand_is_refused():
    told = policy_refusal('metrics: ["a >= 1", "a>=1.0"]')
    assert told == "line 3: demand `a >= 1` is repeated in metrics"


def test_a_very_long_blank_threshold_is_refused_quickly():
    assert policy_refusal(f'metrics: ["a{" " * 500_000}"]')  # a quadratic pattern would take hours


@pytest.mark.parametrize(
    ("text", "margin"),
    [
        ("accuracy >= -2%", Margin("accuracy", ">=", -2.0, relative=True)),
        ("latency_p99_ms <= +20 %", Margin("latency_p99_ms", "<=", 20.0, relative=True)),
        ("f1 >= +0.01", Margin("f1", ">=", 0.01, relative=False)),
        ("f1 >= 0", Margin("f1", ">=", 0.0, relative=False)),
        ("f1 >= -0%", Margin("f1", ">=", 0.0, relative=True)),
    ],
)
def test_a_margin_is_a_change_with_its_sign(text, margin):
    assert a_policy(f'against_live: ["{text}"]').get(against_live.KEY) == (margin,)


@pytest.mark.parametrize("text", ["accuracy >= 0.85", "latency <= 20%"])
def test_a_margin_without_a_sign_is_refused(text):
    assert "has a sign" in policy_refusal(f'against_live: ["{text}"]')


def test_min_test_coverage_is_a_fraction():
    assert a_policy("min_test_coverage: 0.90").get(coverage.KEY) == 0.9
    assert "from 0 to 1" in policy_refusal("min_test_coverage: 90")


def test_required_approvals_is_a_whole_number():
    assert a_policy("required_approvals: 2").get(approvals.KEY) == 2
    assert "whole number" in policy_refusal("required_approvals: two")


def test_required_evidence_is_a_list_of_names():
    policy = a_policy("required_evidence: [load_testing, security_scan]")
    assert policy.get(evidence.KEY) == ("load_testing", "security_scan")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *(("1h", 3600), ("30m", 1800), ("10s", 10), ("2d", 172_800), ("90", 90), ('"90"', 90)),
        *(("1h 30m", 5400), ("1w", 604_800), ("0s", 0), ("250ms", 0.25)),
    ],
)
def test_a_duration_has_a_unit_or_is_in_seconds(written, seconds):
    assert a_policy(f"min_age: {written}").get(age.KEY) == seconds


@pytest.mark.parametrize(
    "written",
    ["an hour", "1y", "1:30", "-1h", "1.5h", "1h 30", "010", "1_000", "true", "[1h]", "'h'"],
)
def test_an_invalid_duration_is_refused(written):
    assert "takes a time such as" in policy_refusal(f"min_age: {written}")


def test_a_duration_above_ten_years_is_refused():
    assert "takes a time from 0s to 3650d" in policy_refusal("min_age: 99999d")


@pytest.mark.parametrize("written", ["0s", "0", "2d"])
def test_a_command_timeout_out_of_range_is_refused(written):
    told = policy_refusal(f"command: {{run: make, timeout: {written}}}")
    assert "takes a time from 1ms to 1d" in told


def test_a_command_can_be_a_single_text():
    assert a_policy("command: make smoke").get(command.KEY) == Command("make smoke", 600.0)


def test_a_command_can_have_a_timeout():
    assert a_policy("command: {run: make smoke, timeout: 90s}").get(command.KEY) == Command(
        "make smoke", 90
    )


def test_a_command_can_have_several_lines():
    text = "policies:\n  production:\n    command: |\n      set -e\n      \tmake smoke\n"
    policy = read(text).policy_of("qa", "production")
    assert policy.get(command.KEY) == Command("set -e\n\tmake smoke\n")


def test_a_command_without_a_run_key_is_refused():
    assert policy_refusal("command: {timeout: 1m}") == (
        "line 3: a command needs `run`, the command line for the shell"
    )


@pytest.mark.parametrize("run", ["''", "' '", '"a\\0b"', '"a\\eb"', "[make]", "3", "x" * 10_001])
def test_a_command_that_is_not_printable_text_is_refused(run):
    assert policy_refusal(f"command: {{run: {run}}}")


def test_contract_and_secrets_take_only_their_known_words():
    policy = a_policy("contract: compatible, secrets: none")
    assert (policy.get(contract.KEY), policy.get(secrets.KEY)) == ("compatible", "none")
    assert "did you mean `captured`?" in policy_refusal("contract: capture")
    assert "did you mean `none`?" in policy_refusal("secrets: None")


def test_an_unknown_policy_key_is_refused_with_a_suggestion():
    told = policy_refusal("required_aprovals: 2")
    assert told == "line 3: unknown key `required_aprovals`; did you mean `required_approvals`?"


@pytest.mark.parametrize("body", ["", "{}", "null", "~", "{metrics: }"])
def test_an_empty_policy_is_refused_with_its_line(body):
    told = str(refusal(f"policies:\n  production: {body}\n"))
    assert told == "line 2: the policy of `production` is empty"


@pytest.mark.parametrize(
    "body", ["auto_promote: true", "author_may_approve: false", "changelog: false", "metrics: []"]
)
def test_a_policy_that_demands_nothing_is_refused(body):
    told = str(refusal(f"policies:\n  production: {{{body}}}\n"))
    assert told == "line 2: the policy of `production` demands nothing"


def test_a_policy_that_requires_zero_approvals_is_accepted():
    assert a_policy("required_approvals: 0").get(approvals.KEY) == 0


# Stages and environments


def test_a_policy_of_an_unknown_stage_is_refused_with_a_suggestion():
    told = str(refusal("policies:\n  prodution: {changelog: true}\n"))
    assert told == "line 2: unknown stage `prodution`; did you mean `production`?"


def test_a_policy_can_name_its_stage_by_title():
    text = "stages: {a: , b: {title: QA}}\npolicies: {QA: {changelog: true}}"
    assert read(text).policies == (("b", Policy(changelog=True)),)


def test_a_second_policy_of_a_stage_under_its_title_is_refused():
    text = (
        "stages: {a: , b: {title: QA}}\npolicies:\n  QA: {changelog: true}\n  b: {secrets: none}\n"
    )
    assert str(refusal(text)) == "line 4: stage `b` already has a policy, as `QA`"


def test_a_policy_of_the_first_stage_is_refused():
    told = str(refusal("policies:\n  development: {changelog: true}\n"))
    assert told == "line 2: the first stage, `development`, takes no policy"


def test_an_environment_can_have_its_own_policy():
    environment = read("environments: {eu: {policy: {required_approvals: 2}}}").environment("eu")
    assert environment is not None
    assert environment.policy == Policy(required_approvals=2)


def test_an_environment_requires_nothing_by_default():
    environment = read("").environment("production")
    assert environment is not None
    assert environment[5:] == (False, False, False, None)


@pytest.mark.parametrize("key", ["approval_required", "validation_required", "monitoring_required"])
def test_an_environment_can_switch_on_each_requirement(key):
    environment = read(f"environments: {{eu: {{{key}: true}}}}").environment("eu")
    assert getattr(environment, key) is True


@pytest.mark.parametrize("body", ["", "{}", "null", "{auto_promote: true}"])
def test_an_environment_policy_that_demands_nothing_is_refused(body):
    assert str(refusal(f"environments:\n  eu:\n    policy: {body}\n")).startswith("line 3: ")


# Programs


def test_a_program_policy_overrides_keys_of_the_general_policy():
    config = read(
        "policies: {production: {required_approvals: 2, changelog: true}}\n"
        "programs: {qa: {policies: {production: {required_approvals: 1}}}}"
    )
    assert config.policy_of("qa", "production") == Policy(
        required_approvals=1, changelog=True, loads=True
    )
    assert config.policy_of("other", "production") == Policy(
        required_approvals=2, changelog=True, loads=True
    )


def test_a_program_can_have_a_policy_where_there_is_no_general_one():
    config = read("programs: {qa: {policies: {staging: {changelog: true}}}}")
    assert config.policy_of("qa", "staging") == Policy(changelog=True)
    assert config.policy_of("other", "staging") is None


def test_a_program_policy_without_demands_needs_a_general_policy():
    text = "programs: {qa: {policies: {production: {author_may_approve: false}}}}"
    assert "demands nothing" in str(refusal(text))
    config = read(f"policies: {{production: {{required_approvals: 1}}}}\n{text}")
    assert config.policy_of("qa", "production") == Policy(
        required_approvals=1, author_may_approve=False, loads=True
    )


def test_a_program_can_override_metric_settings():
    config = read("metrics: {primary: f1, tie: 0.1}\nprograms: {qa: {metrics: {primary: em}}}")
    assert config.metrics_of("qa") == Metrics("em", tie=0.1)
    assert config.metrics_of("other") == Metrics("f1", tie=0.1)


def test_a_program_metric_both_lower_and_higher_is_better_is_refused():
    text = "metrics: {lower_is_better: [a]}\nprograms:\n  qa: {metrics: {higher_is_better: [a]}}\n"
    assert str(refusal(text)).startswith("line 3: metric `a` is both")
    turned = text.replace("higher_is_better", "lower_is_better: [], higher_is_better")
    assert not read(turned).metrics_of("qa").falls("a")


def test_an_empty_program_section_is_accepted():
    assert read("programs: {qa: }").programs == (ProgramSettings("qa"),)


@pytest.mark.parametrize("name", ["'q a'", "con", "qa.", "''", "'../x'"])
def test_an_invalid_program_name_is_refused(name):
    assert str(refusal(f"programs:\n  {name}: {{}}\n")).startswith("line 2: not a program name")


def test_programs_that_differ_only_in_case_are_refused():
    assert "differ only in case" in str(refusal("programs: {qa: , QA: }"))


def test_a_program_section_takes_only_policies_and_metrics():
    told = str(refusal("programs:\n  qa:\n    metric: {}\n"))
    assert told == "line 3: unknown key `metric`; did you mean `metrics`?"


# Integration and hooks


def test_all_integration_keys_are_read():
    text = (
        "integration: {auto_register_optimizations: false, auto_deploy_best_versions: true,"
        " auto_deploy_threshold: 0.2, deployment_strategy: best_score,"
        " rollback_on_performance_drop: true, rollback_threshold: 0.1}"
    )
    assert read(text).integration == Integration(False, True, 0.2, "best_score", True, 0.1)


def test_an_unknown_deployment_strategy_is_refused_with_a_suggestion():
    told = str(refusal("integration:\n  deployment_strategy: conservativ\n"))
    assert told == "line 2: unknown strategy `conservativ`; did you mean `conservative`?"


def test_hooks_are_lists_of_commands_by_operation():
    hooks = read("hooks: {before: {promote: [./a, ./b]}, after: {undo: [./c]}, timeout: 5s}").hooks
    assert hooks.before == (("promote", ("./a", "./b")),)
    assert hooks.after == (("undo", ("./c",)),)
    assert hooks.timeout == 5


def test_a_hook_of_an_unknown_operation_is_refused_with_a_suggestion():
    told = str(refusal("hooks:\n  before:\n    promot: [./a]\n"))
    assert told == "line 3: unknown operation `promot`; did you mean `promote`?"


def test_hook_commands_that_are_not_a_list_are_refused():
    assert "takes a list" in str(refusal("hooks: {after: {undo: ./a}}"))
