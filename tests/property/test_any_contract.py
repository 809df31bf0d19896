"""Properties of compare/contract, for any value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.compare.inference import key


@given(st.text(max_size=30))
def test_every_field_name_has_a_key(name: str):
    assert key(name).strip("_") == key(name)
