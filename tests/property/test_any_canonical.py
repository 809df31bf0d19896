"""Properties of model/canonical, for any value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from strategies import JSON_VALUES, TEXTS

from dspyreg.model import canonical


@given(JSON_VALUES)
def test_a_value_round_trips_through_canonical_json(value: Any):
    assert canonical.loads(canonical.dumps(value)) == value


@given(st.dictionaries(TEXTS, st.integers(), max_size=6))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, int]):
    turned = dict(reversed(value.items()))
    assert canonical.dumps(turned) == canonical.dumps(value)
