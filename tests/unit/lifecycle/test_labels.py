"""Labels: the next automatic one, and which are allowed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from builders import LADDER, DictState, a_config, an_environment

from dspyreg.config.value import Config, Rung, Versioning
from dspyreg.errors import UsageError
from dspyreg.lifecycle import labels
from dspyreg.model import names

NOW = datetime(2026, 11, 20, 19, 2, 11, tzinfo=UTC)


def by(strategy: str, **more: object) -> Config:
    return a_config(versioning=Versioning(strategy, **more))  # type: ignore[arg-type]


def having(*used: str, archived: tuple[str, ...] = ()) -> DictState:
    """Return a state with versions of these labels."""
    state = DictState()
    for label in used:
        state.add("qa", label, "archived" if label in archived else "development")
        reserve(state, label)
    return state


def reserve(state: DictState, label: str) -> None:
    state.put(names.reserved_label("qa", label), "b3:content")


def next_label(state: DictState, strategy: str = "semantic", *, bump: str = "patch") -> str:
    number = 1 + next(state.numbers("qa"), 0)
    return labels.automatic(state, by(strategy), "qa", number, bump=bump, now=NOW)


# Automatic labels


def test_the_first_semantic_label_is_1_0_0():
    assert next_label(having()) == "1.0.0"


@pytest.mark.parametrize(
    ("bump", "label"), [("patch", "1.2.4"), ("minor", "1.3.0"), ("major", "2.0.0")]
)
def test_a_bump_counts_from_the_latest_version(bump: str, label: str):
    assert next_label(having("1.2.3", "1.1.9"), bump=bump) == label


def test_a_label_used_before_is_skipped():
    state = having("1.0.0")
    reserve(state, "1.0.1")
    reserve(state, "1.0.2")
    assert next_label(state) == "1.0.3"


def test_a_bump_ignores_archived_versions_and_skips_their_labels():
    assert next_label(having("1.0.0", "1.0.1", archived=("1.0.1",))) == "1.0.2"


def test_a_bump_counts_from_a_prerelease_only_when_there_is_no_release():
    assert next_label(having("1.0.0", "2.0.0-rc.1")) == "1.0.1"


def test_a_bump_counts_from_the_highest_semver_label_among_others():
    assert next_label(having("1.4.0", "v20261120_190211")) == "1.4.1"


def test_labels_begin_at_1_0_0_when_no_label_is_semver():
    assert next_label(having("v20261120_190211")) == "1.0.0"


def test_a_timestamp_label_is_the_time():
    assert next_label(having(), "timestamp") == "v20261120_190211"


def test_two_timestamp_labels_in_one_second_differ():
    state = having("v20261120_190211")
    assert next_label(state, "timestamp") == "v20261120_190211_2"
    reserve(state, "v20261120_190211_2")
    assert next_label(state, "timestamp") == "v20261120_190211_3"


def test_an_integer_label_is_the_next_integer():
    assert next_label(having(), "integer") == "1"
    assert next_label(having("1", "2"), "integer") == "3"


def test_integer_labels_continue_from_the_highest_integer_label():
    assert next_label(having("10", "5", "v1"), "integer") == "11"


def test_an_integer_label_used_before_is_skipped():
    state = having("1")
    reserve(state, "2")
    assert next_label(state, "integer") == "3"


def test_a_label_is_required_without_auto_increment():
    config = by("semantic", auto_increment=False)
    with pytest.raises(UsageError, match="must be given"):
        labels.automatic(having(), config, "qa", 1, bump="patch", now=NOW)


# Chosen labels


@pytest.mark.parametrize("label", ["1.0.0", "1.0.0-rc.1", "1.0.0+build.5"])
def test_the_semantic_strategy_accepts_semver(label: str):
    assert labels.allowed(by("semantic"), label) == label


@pytest.mark.parametrize("label", ["1.0", "v1.0.0", "nightly", "1"])
def test_the_semantic_strategy_refuses_anything_but_semver(label: str):
    with pytest.raises(UsageError, match="Invalid version format"):
        labels.allowed(by("semantic"), label)


@pytest.mark.parametrize("strategy", ["timestamp", "integer"])
@pytest.mark.parametrize("label", ["1.0.0", "nightly", "v2", "a_b+c-d"])
def test_the_other_strategies_accept_any_form(strategy: str, label: str):
    assert labels.allowed(by(strategy), label) == label


@pytest.mark.parametrize("strategy", ["timestamp", "integer"])
@pytest.mark.parametrize("label", ["latest", "deprecated", "archived", *LADDER])
def test_a_label_named_like_a_stage_or_environment_is_refused(strategy: str, label: str):
    with pytest.raises(UsageError, match="cannot be a label"):
        labels.allowed(by(strategy), label)


def test_a_label_named_like_a_configured_environment_is_refused():
    config = a_config(an_environment("eu"), versioning=Versioning("integer"))
    with pytest.raises(UsageError, match="cannot be a label"):
        labels.allowed(config, "eu")


def test_a_label_named_like_the_title_of_a_rung_is_refused():
    config = a_config(versioning=Versioning("integer"))
    titled = config._replace(rungs=(Rung("development", "Lab"), *config.rungs[1:]))
    with pytest.raises(UsageError, match="cannot be a label"):
        labels.allowed(titled, "Lab")


def test_a_bare_number_is_accepted_only_by_the_integer_strategy():
    assert labels.allowed(by("integer"), "7") == "7"
    with pytest.raises(UsageError, match="cannot be a label"):
        labels.allowed(by("timestamp"), "7")
