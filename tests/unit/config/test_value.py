"""The configuration value: its ladder, environments and metrics."""

import subprocess
import sys

import pytest

from dspyreg.config.value import (
    DEFAULT,
    Config,
    Environment,
    Metrics,
    Rung,
    Versioning,
    auto_deploys,
    complete,
)
from dspyreg.errors import UnsupportedFormat
from dspyreg.model import canonical

TITLED = complete((Rung("dev"), Rung("staging", "QA"), Rung("QA2", "prod")), ())


def an_environment(name: str, rung: str | None) -> Environment:
    return Environment(name, rung, auto_deploy=False, protected=False, rollback_enabled=True)


def test_by_default_the_ladder_has_three_rungs():
    assert [rung.name for rung in DEFAULT.rungs] == ["development", "staging", "production"]


def test_by_default_each_rung_has_one_environment_of_the_same_name():
    assert [(each.name, each.rung) for each in DEFAULT.environments] == [
        ("development", "development"),
        ("staging", "staging"),
        ("production", "production"),
    ]


def test_by_default_every_rung_but_the_first_deploys_automatically():
    assert [each.auto_deploy for each in DEFAULT.environments] == [False, True, True]


def test_by_default_rollback_is_enabled_in_every_environment():
    assert all(each.rollback_enabled for each in DEFAULT.environments)


def test_by_default_no_environment_is_protected():
    assert not any(each.protected for each in DEFAULT.environments)


def test_by_default_there_is_no_default_environment():
    assert DEFAULT.default_environment is None


def test_by_default_labels_are_semantic_and_unlimited():
    assert DEFAULT.versioning == Versioning("semantic", 0, True, False)


def test_the_first_rung_is_the_lowest():
    assert DEFAULT.first == "development"


def test_the_top_rung_is_the_last():
    assert DEFAULT.top == "production"


def test_a_rung_is_found_by_its_key():
    assert TITLED.rung("staging") == "staging"


def test_a_rung_is_found_by_its_title():
    assert TITLED.rung("QA") == "staging"


def test_a_key_takes_precedence_over_a_title():
    config = DEFAULT._replace(rungs=(Rung("a", "b"), Rung("b")))
    assert config.rung("b") == "b"


def test_a_stage_outside_the_ladder_is_not_a_rung():
    assert DEFAULT.rung("archived") is None


def test_a_rung_with_a_title_is_shown_by_its_title():
    assert TITLED.title("staging") == "QA"


def test_a_rung_without_a_title_is_shown_by_its_key():
    assert TITLED.title("dev") == "dev"


def test_a_stage_outside_the_ladder_is_shown_by_its_name():
    assert TITLED.title("archived") == "archived"


def test_height_counts_from_the_first_rung():
    assert [DEFAULT.height(rung.name) for rung in DEFAULT.rungs] == [0, 1, 2]


def test_a_stage_outside_the_ladder_has_no_rung_above_or_below():
    assert DEFAULT.height("archived") == -1
    assert DEFAULT.above("archived") is None
    assert DEFAULT.below("archived") is None


def test_above_returns_the_next_higher_rung():
    assert DEFAULT.above("development") == "staging"


def test_above_returns_none_for_the_top_rung():
    assert DEFAULT.above("production") is None


def test_below_returns_the_next_lower_rung():
    assert DEFAULT.below("production") == "staging"


def test_below_returns_none_for_the_first_rung():
    assert DEFAULT.below("development") is None


def test_an_environment_is_found_by_its_name():
    assert DEFAULT.environment("staging") == DEFAULT.environments[1]


def test_an_unknown_environment_is_none():
    assert DEFAULT.environment("mars") is None


def test_environments_of_a_rung_keep_their_written_order():
    two = (an_environment("us", "production"), an_environment("eu", "production"))
    assert complete(DEFAULT.rungs, two).of_rung("production") == two


def test_a_rung_with_a_configured_environment_loses_its_default_one():
    config = complete(DEFAULT.rungs, (an_environment("eu", "production"),))
    assert [each.name for each in config.environments] == ["eu", "development", "staging"]


def test_an_environment_without_a_rung_replaces_no_default_environment():
    config = complete(DEFAULT.rungs, (an_environment("edge", None),))
    assert [each.name for each in config.environments][1:] == [
        "development",
        "staging",
        "production",
    ]


@pytest.mark.parametrize(
    ("name", "rung", "deploys"),
    [
        ("staging", "staging", True),
        ("eu", "staging", False),
        ("edge", None, False),
        ("development", "development", False),
    ],
)
def test_only_an_environment_named_like_a_higher_rung_deploys_automatically(name, rung, deploys):
    assert auto_deploys(name, rung, first="development") is deploys


@pytest.mark.parametrize(
    "metric",
    [
        "latency",
        "latency_p99_ms",
        "p99-latencies",
        "Cost",
        "COST_PER_CALL",
        "total costs",
        "error_rate",
        "errors/total",
        "val.loss",
        "losses",
        "response time",
        "times",
        "tokens",
        "token_count",
        "loss2",
        "p99latency",
    ],
)
def test_lower_is_better_for_metrics_named_after_a_cost(metric):
    assert Metrics().falls(metric)


@pytest.mark.parametrize(
    "metric",
    [
        "accuracy",
        "score",
        "",
        "lossless",
        "timely",
        "costume",
        "sometimes",
        "tokenizer_f1",
        "terror",
        "glossary",
    ],
)
def test_higher_is_better_for_metrics_that_only_resemble_a_cost(metric):
    assert not Metrics().falls(metric)


def test_higher_is_better_overrides_the_name():
    assert not Metrics(higher_is_better=("answer_time_saved",)).falls("answer_time_saved")


def test_lower_is_better_overrides_the_name():
    assert Metrics(lower_is_better=("toxicity",)).falls("toxicity")


def test_an_override_of_one_metric_does_not_affect_similar_names():
    assert Metrics(higher_is_better=("time_saved",)).falls("time")


def test_the_json_of_a_configuration_begins_with_its_format():
    assert next(iter(DEFAULT.to_json().items())) == ("format", 1)


def test_the_order_of_the_ladder_survives_canonical_json():
    config = complete((Rung("z"), Rung("a")), ())
    told = canonical.loads(canonical.dumps(config.to_json()))
    assert Config.from_json(told).first == "z"


def test_an_unknown_format_is_refused_by_its_number():
    with pytest.raises(UnsupportedFormat, match="format 2"):
        Config.from_json(DEFAULT.to_json() | {"format": 2})


def test_a_missing_format_is_refused():
    with pytest.raises(UnsupportedFormat):
        Config.from_json({})


def test_unknown_keys_are_ignored_in_every_section():
    told = DEFAULT.to_json() | {"canaries": {}}
    told["stages"][0]["colour"] = "red"
    for section in ("versioning", "metrics", "integration", "hooks"):
        told[section]["later"] = 1
    told["environments"][0]["later"] = {}
    assert Config.from_json(told) == DEFAULT


def test_sections_missing_from_an_older_configuration_get_their_defaults():
    told = DEFAULT.to_json()
    for later in ("policies", "programs", "integration", "hooks"):
        del told[later]
    for environment in told["environments"]:
        for later in ("approval_required", "validation_required", "monitoring_required", "policy"):
            del environment[later]
    assert Config.from_json(told) == DEFAULT


def test_a_missing_setting_gets_its_default():
    told = DEFAULT.to_json()
    del told["versioning"]["require_changelog"], told["metrics"]
    assert Config.from_json(told) == DEFAULT


@pytest.mark.parametrize(
    "told",
    [
        [],
        {"format": 1},
        {"format": 1, "stages": [], "environments": 3},
        {"format": 1, "stages": ["a"], "environments": []},
        {"format": 1, "stages": [], "environments": [{"name": "eu"}]},
    ],
)
def test_an_invalid_configuration_is_a_value_error(told):
    with pytest.raises(ValueError, match="not a configuration"):
        Config.from_json(told)


def test_importing_the_configuration_value_imports_no_yaml_json_or_dataclasses():
    script = """
import sys
before = set(sys.modules)
import dspyreg.config.value
print(sorted({"yaml", "json", "dataclasses", "semver"} & set(sys.modules) - before))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
