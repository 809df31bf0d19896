"""SemVer labels: validity, order, bumps and ranges."""

from __future__ import annotations

import random

import pytest

from dspyreg.errors import UsageError
from dspyreg.model import label as labels


def rank(text: str) -> str:
    found = labels.rank(text)
    assert found is not None
    return found


def held(wanted: str, *texts: str) -> list[str]:
    return [text for text in texts if labels.range_of(wanted).holds(rank(text))]


def test_ranks_sort_the_examples_of_the_semver_specification():
    ordered = [
        *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
        *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0"),
    ]
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert sorted(shuffled, key=rank) == ordered


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0\n"),
        *(" 1.0.0", "1.0.0 ", "-1.0.0", "1.0.0-ä", "1٣.0.0", "1.0.0-٣", "latest"),
        "1.0." + "9" * 200,
    ],
)
def test_a_label_that_is_not_semver_is_refused(text: str):
    assert labels.rank(text) is None or len(text) > labels.LONGEST
    with pytest.raises(UsageError, match="Invalid version format"):
        labels.semantic(text)


def test_a_label_with_a_leading_v_gets_a_hint():
    with pytest.raises(UsageError) as caught:
        labels.semantic("v1.2.0")
    assert caught.value.hint == "without the v: 1.2.0"


@pytest.mark.parametrize("text", ["v20261120_190211", "7", "a.b_c+d-e", "x" * 128])
def test_strategies_other_than_semantic_accept_any_form(text: str):
    assert labels.any_form(text) == text


@pytest.mark.parametrize("text", ["", "a b", "a/b", "ä", "a\n", "x" * 129, "#7", "a@b"])
def test_labels_with_forbidden_characters_are_refused(text: str):
    with pytest.raises(UsageError, match="Invalid version format"):
        labels.any_form(text)


@pytest.mark.parametrize(
    ("text", "level", "bumped"),
    [
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3-rc.1", "patch", "1.2.4"),
        ("1.2.3+build", "patch", "1.2.4"),
        ("v7", "patch", None),
    ],
)
def test_a_bump_raises_its_level(text: str, level: str, bumped: str | None):
    assert labels.bump(text, level) == bumped


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        (None, "1.0.0", None),
        ("v1", "1.0.0", None),
        ("1.0.0", "v1", None),
    ],
)
def test_the_level_between_two_labels_is_the_highest_changed_part(
    old: str | None, new: str, level: str | None
):
    assert labels.level_between(old, new) == level


EVERY = ("0.1.0", "0.1.5", "0.2.0", "1.0.0", "1.2.0", "1.2.9", "1.3.0", "2.0.0-rc.1", "2.0.0")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("^1.2", ["1.2.0", "1.2.9", "1.3.0"]),
        ("^1.2.9", ["1.2.9", "1.3.0"]),
        ("^1", ["1.0.0", "1.2.0", "1.2.9", "1.3.0"]),
        ("^0.1", ["0.1.0", "0.1.5"]),
        ("^0.1.5", ["0.1.5"]),
        ("^0", ["0.1.0", "0.1.5", "0.2.0"]),
        ("~1.2", ["1.2.0", "1.2.9"]),
        ("~1.2.3", ["1.2.9"]),
        ("~1", ["1.0.0", "1.2.0", "1.2.9", "1.3.0"]),
        (">=1.0,<2", ["1.0.0", "1.2.0", "1.2.9", "1.3.0"]),
        (">=1.0, <1.3", ["1.0.0", "1.2.0", "1.2.9"]),
        (">1.2", ["1.3.0", "2.0.0"]),
        (">1.2.0", ["1.2.9", "1.3.0", "2.0.0"]),
        ("<=1.2", ["0.1.0", "0.1.5", "0.2.0", "1.0.0", "1.2.0", "1.2.9"]),
        ("<1", ["0.1.0", "0.1.5", "0.2.0"]),
        ("=1.2", ["1.2.0", "1.2.9"]),
        ("=1.2.0", ["1.2.0"]),
        (">=2.0.0-rc.1", ["2.0.0-rc.1", "2.0.0"]),
        ("<2", ["0.1.0", "0.1.5", "0.2.0", "1.0.0", "1.2.0", "1.2.9", "1.3.0"]),
        (">=1.0.0,<2.0.0-rc.2", ["1.0.0", "1.2.0", "1.2.9", "1.3.0", "2.0.0-rc.1"]),
        (">=3", []),
    ],
)
def test_a_range_matches_its_labels(wanted: str, found: list[str]):
    assert held(wanted, *EVERY) == found


def test_a_range_matches_prereleases_only_of_the_core_it_names():
    assert held("^1.2.0-a", "1.2.0-b", "1.3.0-b", "1.2.0", "1.3.0") == ["1.2.0-b", "1.2.0", "1.3.0"]


def test_build_metadata_does_not_affect_a_range():
    assert held("=1.2.0", "1.2.0+a", "1.2.0+b") == ["1.2.0+a", "1.2.0+b"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "1.2", "^", "^x", "^1.2.x", ">=1,", ",", ">=1 <2", "^1.2.3.4", "^01.2.3", "!=1"),
        *("^1.2.3-01", ">=1" * 100, ">=1,\n<2,\0", "^1.٣", "~~1", "^^1"),
    ],
)
def test_an_invalid_range_is_a_usage_error(text: str):
    with pytest.raises(UsageError, match="not a range"):
        labels.range_of(text)
