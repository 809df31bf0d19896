"""The clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dspyreg.errors import UsageError
from dspyreg.system.clock import clock


def test_the_clock_returns_the_time_in_utc():
    told = clock()()
    assert told.tzinfo is UTC
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["2026-11-20T19:02:11Z", "2026-11-20T20:02:11+01:00"])
def test_dspyreg_now_stops_the_clock(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("DSPYREG_NOW", text)
    tell = clock()
    assert tell() == tell() == datetime(2026, 11, 20, 19, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize("text", ["noon", "2026-13-01", "0001-01-01T00:00+05:00"])
def test_an_invalid_dspyreg_now_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("DSPYREG_NOW", text)
    with pytest.raises(UsageError, match="DSPYREG_NOW"):
        clock()
