"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dspyreg.model import moment


def test_times_in_other_zones_are_written_in_utc():
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
def test_a_time_in_any_other_form_is_refused_in_the_log(text: str):
    with pytest.raises(ValueError, match="not a time"):
        moment.exact(text)


def test_a_date_means_its_first_instant_in_utc():
    assert moment.parse("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)


def test_an_explicit_time_zone_is_respected():
    assert moment.parse("2026-11-20T01:00+02:00") == datetime(2026, 11, 19, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"]
)
def test_an_invalid_time_is_a_value_error(text: str):
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
def test_a_duration_has_a_unit(text: str, length: timedelta):
    assert moment.duration(text) == length


@pytest.mark.parametrize("text", ["", "-1h", "1.5h", "1y", "1 h", "h", "999999999w", "٣h"])
def test_an_invalid_duration_is_a_value_error(text: str):
    with pytest.raises(ValueError, match="not a duration"):
        moment.duration(text)
