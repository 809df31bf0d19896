"""Properties of compare/trends, for any value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.compare.trends import (
    days_of,
    direction,
    improvement,
)

SCORES = st.lists(st.integers(1, 10**8).map(lambda cents: cents / 100), min_size=1, max_size=20)


@given(SCORES)
def test_improvement_does_not_depend_on_the_unit(scores: list[float]):
    doubled = [score * 2 for score in scores]
    assert improvement(scores) == pytest.approx(improvement(doubled), rel=1e-9, abs=0.02)


@given(st.lists(st.sampled_from([1.7e308, -1.7e308, 5e-324, 0.0]), min_size=1, max_size=8))
def test_trends_accept_extreme_numbers(values: list[float]):
    improvement(values)
    direction(values, falls=False)
    days_of("em", {"2026-11-01": values})
