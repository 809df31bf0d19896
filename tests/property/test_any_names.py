"""Properties of model/names, for any value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model import names

SEGMENTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5
)


@given(SEGMENTS)
def test_a_log_name_splits_into_its_segments(segments: list[str]):
    assert names.split(names.path(*segments)) == tuple(segments)


@given(SEGMENTS, SEGMENTS)
def test_log_names_are_equal_only_if_their_segments_are(a: list[str], b: list[str]):
    assert (names.path(*a) == names.path(*b)) == (a == b)


@given(SEGMENTS)
def test_a_log_name_is_plain_ascii(segments: list[str]):
    assert names.path(*segments).isascii()
