"""Properties of model/moment, for any value."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model import moment

TIMES = st.datetimes(timezones=st.just(UTC))


@given(TIMES)
def test_a_time_round_trips_through_its_text(at: datetime):
    assert moment.parse(moment.text(at)) == at


@given(TIMES, TIMES)
def test_time_texts_sort_as_their_times_do(a: datetime, b: datetime):
    assert (moment.text(a) < moment.text(b)) == (a < b)


@given(TIMES)
def test_a_written_time_text_is_exact(at: datetime):
    assert moment.exact(moment.text(at)) == moment.text(at)
