"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dspyreg.model import moment


def test_other_zones_are_told_as_utc():
    at = datetime(2026, 11, 20, 20, 2, 11, 123456, timezone(timedelta(hours=1)))
    assert moment.text(at) == "2026-11-20T19:02:11.123456Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T19:02:11Z",
        "2026-11-20 19:02:11.123456Z",
        "2026-11-20T19:02:11.123456+00:00",
        "2026-11-20T19:02:11.123456Z\n",
        "٢026-11-20T19:02:11.123456Z",
        "",
    ],
)
def test_the_log_knows_one_spelling(text: str):
    with pytest.raises(ValueError, match="not a time"):
        moment.exact(text)


def test_a_date_is_its_first_instant_in_utc():
    assert moment.parse("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_zone_that_is_said_holds():
    assert moment.parse("2026-11-20T01:00+02:00") == datetime(2026, 11, 19, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"]
)
def test_what_is_no_time_is_a_value_error(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - datetime chooses the words
        moment.parse(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90d", timedelta(days=90)),
        ("24h", timedelta(hours=24)),
        ("30m", timedelta(minutes=30)),
        ("10s", timedelta(seconds=10)),
        ("10", timedelta(seconds=10)),
        ("5ms", timedelta(milliseconds=5)),
        ("7us", timedelta(microseconds=7)),
        ("2w", timedelta(weeks=2)),
        ("0", timedelta()),
        (" 1h ", timedelta(hours=1)),
    ],
)
def test_a_length_of_time_has_a_unit(text: str, length: timedelta):
    assert moment.duration(text) == length


@pytest.mark.parametrize("text", ["", "-1h", "1.5h", "1y", "1 h", "h", "999999999w", "٣h"])
def test_what_is_no_length_of_time_is_a_value_error(text: str):
    with pytest.raises(ValueError, match="not a duration"):
        moment.duration(text)
