"""Valid names, and the form of log names."""

from __future__ import annotations

import pytest

from dspyreg.errors import UsageError
from dspyreg.model import names


def test_a_prefix_matches_only_the_names_below_it():
    assert names.stage("qa", 3).startswith(names.prefix("stages", "qa"))
    assert not names.stage("qa2", 3).startswith(names.prefix("stages", "qa"))


def test_every_prefix_of_a_log_name_is_returned():
    assert names.prefixes("metrics/qa/3/em/op") == [
        "metrics/",
        "metrics/qa/",
        "metrics/qa/3/",
        "metrics/qa/3/em/",
    ]


def test_a_slash_in_a_segment_is_encoded():
    assert names.metric("qa", 3, "a/b", "op") == "metrics/qa/3/a%2Fb/op"


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        (names.version("qa", 3), "versions/qa/3"),
        (names.label("qa", "1.0.0+x"), "labels/qa/1.0.0+x"),
        (names.stage("qa", 3), "stages/qa/3"),
        (names.environment("qa", "eu west"), "environments/qa/eu%20west"),
        (names.deployment("qa", "production", "ab12"), "deployments/qa/production/ab12"),
        (names.tag("qa", 3, "ä"), "tags/qa/3/%C3%A4"),
        (names.reserved_number("qa"), "reserved/qa/number"),
        (names.reserved_label("qa", "1.0.0"), "reserved/qa/label/1.0.0"),
        (names.reserved_name("QA"), "reserved/.name/qa"),
        (names.CONFIG, "config"),
    ],
)
def test_each_kind_of_log_name_has_its_own_form(name: str, spelt: str):
    assert name == spelt


@pytest.mark.parametrize("text", ["qa", "QA", "a", "0", "a.b_c-d", "a" * 100, "console", "com10"])
def test_a_valid_program_name_is_accepted(text: str):
    assert names.program(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", ".qa", "-qa", "_qa", "qa.", "a/b", "../x", "a b", "a\n", "qa\n", "ä"),
        *("a" * 101, "x" * 10_000, "con", "NUL", "aux", "prn", "com1", "LPT9", "con.txt", "a%b"),
        *("qa\0", "a\\b", "a:b", "a@b", "~", "\ud800"),
    ],
)
def test_an_invalid_program_name_is_a_usage_error(text: str):
    with pytest.raises(UsageError):
        names.program(text)


@pytest.mark.parametrize("text", ["em", "a/b", "ä ö", "exact match", "日本", "x" * 200])
def test_one_printable_line_is_a_valid_word(text: str):
    assert names.word("tag", text) == text


@pytest.mark.parametrize(
    "text", ["", "  ", "a\nb", "a\tb", "\x1b[31m", "\x7f", "a\u2028b", "x" * 201, "\ud800"]
)
def test_an_invalid_word_is_a_usage_error(text: str):
    with pytest.raises(UsageError, match="tag"):
        names.word("tag", text)
