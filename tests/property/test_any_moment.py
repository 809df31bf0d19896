"""Properties of model/moment that hold for any value."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model import moment

TIMES = st.datetimes(timezones=st.just(UTC))


@given(TIMES)
def test_a_time_comes_back_as_it_went_in(at: datetime):
    assert moment.parse(moment.text(at)) == at


@given(TIMES, TIMES)
def test_texts_sort_as_times_do(a: datetime, b: datetime):
    assert (moment.text(a) < moment.text(b)) == (a < b)


@given(TIMES)
def test_a_text_is_exact(at: datetime):
    assert moment.exact(moment.text(at)) == moment.text(at)
