"""Properties of model/canonical that hold for any value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from strategies import JSON_VALUES, TEXTS

from dspyreg.model import canonical


@given(JSON_VALUES)
def test_a_value_comes_back_as_it_went_in(value: Any):
    assert canonical.loads(canonical.dumps(value)) == value


@given(st.dictionaries(TEXTS, st.integers(), max_size=6))
def test_the_order_of_keys_does_not_show(value: dict[str, int]):
    turned = dict(reversed(value.items()))
    assert canonical.dumps(turned) == canonical.dumps(value)
