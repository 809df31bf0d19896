"""A YAML document becomes a configuration, or an error that names its line."""

import pytest
from documents import WHOLE, refusal

from dspyreg.config.document import read, write
from dspyreg.config.value import (
    DEFAULT,
    Config,
    Environment,
    Hooks,
    Integration,
    Metrics,
    ProgramSettings,
    Rung,
    Versioning,
)
from dspyreg.policy.against_live import Margin
from dspyreg.policy.forms import Command
from dspyreg.policy.metrics import Threshold
from dspyreg.policy.policy import Policy

# Defaults


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        "# nothing yet\n",
        "---\n",
        "---\n...\n",
        "null",
        "~",
        "{}",
        "\ufeff",
        "format: 1",
        "stages:",
        "stages: {}",
        "environments:",
        "environments: {}",
        "default_environment:",
        "versioning:",
        "versioning: {}",
        "metrics:",
        "metrics: {}",
        "versioning: {strategy: , max_versions: , auto_increment: ~}",
        "metrics: {primary: null, tie: , lower_is_better: , higher_is_better: []}",
        "policies:",
        "policies: {}",
        "programs: {}",
        "integration: {deployment_strategy: }",
        "hooks: {before: , after: {promote: []}, timeout: }",
    ],
)
def test_omitted_keys_keep_their_defaults(text):
    assert read(text) == DEFAULT


def test_a_document_with_every_section_is_read():
    assert read(WHOLE) == Config(
        (Rung("development"), Rung("staging", "QA"), Rung("production")),
        (
            Environment("staging", "staging", True, False, True),
            Environment("production", "production", True, False, True),
            Environment("eu", "production", False, True, True),
            Environment("edge", None, False, False, True),
            Environment("development", "development", False, False, True),
        ),
        "production",
        Versioning(),
        Metrics("accuracy", ("latency_p99_ms", "cost_per_call"), ("answer_time_saved",), 0.01),
        (
            (
                "production",
                Policy(
                    metrics=(
                        Threshold("accuracy", ">=", 0.85),
                        Threshold("latency_p99_ms", "<=", 200),
                    ),
                    against_live=(
                        Margin("accuracy", ">=", -2, relative=True),
                        Margin("f1", ">=", 0.01, relative=False),
                    ),
                    min_age=5400,
                    command=Command("make smoke", 600),
                ),
            ),
            ("staging", Policy(required_evidence=("basic_functionality", "integration_tests"))),
        ),
        (
            ProgramSettings(
                "qa", (("production", Policy(required_approvals=1)),), (("primary", "em"),)
            ),
        ),
        Integration(deployment_strategy="best_score", rollback_threshold=0.1),
        Hooks((("promote", ("./check-freeze.sh",)),), (), 90),
    )


# Versioning and metrics


@pytest.mark.parametrize("strategy", ["semantic", "timestamp", "integer"])
def test_all_versioning_strategies_are_accepted(strategy):
    assert read(f"versioning: {{strategy: {strategy}}}").versioning.strategy == strategy


def test_an_unknown_versioning_strategy_is_refused_with_a_suggestion():
    assert "did you mean `semantic`" in str(refusal("versioning: {strategy: sematic}"))


def test_all_versioning_keys_are_read():
    text = "versioning: {max_versions: 12, auto_increment: false, require_changelog: true}"
    assert read(text).versioning == Versioning("semantic", 12, False, True)


@pytest.mark.parametrize(
    "count", ["-1", "010", "0x10", "1_000", "1:30", "1.5", "'3'", "many", "true", "9" * 5000, "[1]"]
)
def test_max_versions_must_be_a_whole_number_in_plain_digits(count):
    assert "takes a whole number" in str(refusal(f"versioning:\n  ? max_versions\n  : {count}\n"))


@pytest.mark.parametrize("tie", ["0", "0.0", ".5", "2.", "1e-3", "1.5e+3", "12"])
def test_any_finite_tie_from_zero_up_is_accepted(tie):
    assert read(f"metrics: {{tie: {tie}}}").metrics.tie == float(tie)


@pytest.mark.parametrize(
    "tie", [".nan", ".inf", "-.inf", "-0.1", "1e999", "'0.1'", "small", "1:30", "010", "[]", "true"]
)
def test_any_other_tie_is_refused(tie):
    assert "takes a finite number" in str(refusal(f"metrics: {{tie: {tie}}}"))


def test_a_single_metric_in_place_of_a_list_is_refused():
    assert "takes a list" in str(refusal("metrics: {lower_is_better: cost}"))


def test_a_metric_repeated_in_a_list_is_refused():
    text = "metrics:\n  lower_is_better:\n  - a\n  - a\n"
    assert str(refusal(text)) == "line 4: metric `a` is repeated in lower_is_better"


def test_a_metric_both_lower_and_higher_is_better_is_refused():
    text = "metrics:\n  lower_is_better: [a]\n  higher_is_better: [a]\n"
    assert str(refusal(text)).startswith("line 3: metric `a` is both")


@pytest.mark.parametrize("metric", ["''", '"a\\nb"', '"\\ud800"', "null", "3", "[a]", "a" * 201])
def test_a_metric_name_that_is_not_one_printable_line_is_refused(metric):
    assert refusal(f"metrics: {{lower_is_better: [{metric}]}}")


# Keys


def test_an_unknown_key_is_refused_with_a_suggestion():
    text = "format: 1\n\n\nstagess: {}\n"
    assert str(refusal(text)) == "line 4: unknown key `stagess`; did you mean `stages`?"


def test_an_unknown_key_without_a_similar_one_is_refused_with_all_keys():
    error = refusal("colour: red")
    assert error.hint is not None
    assert "stages, environments, default_environment" in error.hint


def test_a_key_in_another_case_is_refused_with_a_suggestion():
    assert "did you mean `stages`?" in str(refusal("STAGES: {}"))


@pytest.mark.parametrize(
    "text",
    [
        "canary: {}",
        "retention:",
        "environments: {eu: {canary: {}}}",
        "stages: {a: {policy: {}}, b: }",
        "versioning: {retention: 3}",
        "metrics: {weights: {}}",
        "integration: {monitor: true}",
        "hooks: {during: {}}",
        "programs: {qa: {versioning: {}}}",
    ],
)
def test_a_key_of_a_later_release_is_unknown(text):
    assert "unknown key" in str(refusal(text))


def test_a_duplicate_key_is_refused_with_both_lines():
    assert str(refusal("stages:\n\nstages:\n")) == "line 3: `stages` is already defined on line 1"


def test_a_nested_duplicate_key_is_refused():
    assert refusal("environments:\n  eu: {protected: true, protected: false}\n")


@pytest.mark.parametrize("text", ["? [a]\n: b", "? {a: b}\n: c", "1: a", "~: a", "2024-01-01: a"])
def test_a_key_that_is_not_text_is_refused(text):
    assert refusal(text)


@pytest.mark.parametrize("format_", ["2", "0", "'1'", "one", "true", "1.0", "[1]"])
def test_any_format_but_1_is_refused(format_):
    assert "format takes 1" in str(refusal(f"format: {format_}"))


# Types


def test_an_unquoted_no_is_refused_as_a_boolean():
    text = "stages:\n  a:\n  no:\n"
    assert str(refusal(text)) == "line 3: `no` is read as a boolean; quote it"


def test_a_quoted_no_is_read_as_text():
    assert read("stages: {a: , 'no': }").top == "no"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("yes", "a boolean"),
        ("12", "a number"),
        ("1.5", "a number"),
        ("2024-01-01", "a date"),
        ("2024-99-99", "a date"),
        ("=", "a default mark"),
    ],
)
def test_a_value_that_yaml_does_not_read_as_text_must_be_quoted(value, kind):
    assert f"is read as {kind}; quote it" in str(refusal(f"metrics: {{primary: {value}}}"))


@pytest.mark.parametrize("value", ["'true'", "y", "1", "maybe", "[]", "{}", "2024-01-01"])
def test_a_switch_takes_only_true_or_false(value):
    assert "takes true or false" in str(refusal(f"versioning: {{auto_increment: {value}}}"))


@pytest.mark.parametrize("top", ["hello", "[a, b]", "3", "true", "- stages"])
def test_a_document_that_is_not_a_mapping_is_refused(top):
    assert "expected keys and values" in str(refusal(top))


@pytest.mark.parametrize("section", ["stages", "environments", "versioning", "metrics"])
def test_a_section_that_is_not_a_mapping_is_refused(section):
    assert "expected keys and values" in str(refusal(f"{section}: [a]"))


def test_an_error_contains_no_control_characters():
    assert str(refusal('versioning: {strategy: "\\e[31m"}')).isprintable()


def test_an_error_shortens_a_long_value():
    assert len(str(refusal(f"versioning: {{strategy: {'x' * 900}}}"))) < 200


# Back to YAML


def test_the_default_configuration_is_written_in_full():
    assert write(DEFAULT).startswith("format: 1\nstages:\n  development: {}\n  staging: {}\n")


def test_the_written_default_configuration_is_read_back():
    assert read(write(DEFAULT)) == DEFAULT


def test_a_document_with_every_section_round_trips():
    assert read(write(read(WHOLE))) == read(WHOLE)


def test_names_with_a_special_meaning_in_yaml_are_quoted():
    config = read("stages: {'no': {title: '3'}, 'null': {title: '~'}, '0x1F': }")
    assert read(write(config)) == config


# Properties
