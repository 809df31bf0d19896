"""Every difference can be rendered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.render.diff_layout import shortened, text_lines


@given(st.text(st.sampled_from("ab \n")), st.text(st.sampled_from("ab \n")))
def test_no_styled_span_crosses_a_line(old: str, new: str):
    assert all("\n" not in span.text for line in text_lines(old, new) for span in line)


@given(st.text(), st.integers(2, 30))
def test_a_shortened_text_fits_its_length(text: str, length: int):
    assert len(shortened(text, length)) <= length
