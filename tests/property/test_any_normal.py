"""Properties of formats/normal that hold for any value."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from strategies import JSON_VALUES

from dspyreg.formats.known import of
from dspyreg.formats.normal import same


@given(JSON_VALUES, JSON_VALUES)
def test_values_are_the_same_exactly_if_their_json_is(a: Any, b: Any):
    spelt = [json.dumps(value, sort_keys=True) for value in (a, b)]
    assert same(a, b) is (spelt[0] == spelt[1])


# Values of a pickled state that are not JSON.
ODD = st.recursive(
    st.none()
    | st.floats()
    | st.integers(10**4990, 10**5000)
    | st.text()
    | st.just(date(2025, 1, 2))
    | st.binary(max_size=3)
    | st.frozensets(st.integers() | st.text(max_size=3), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=3) | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(ODD)
def test_every_program_has_a_digest_whatever_its_values(value: Any):
    state = {"demos": [{"odd": value}], "lm": {"model": value}}
    assert of(state).digest() == of(copy.deepcopy(state)).digest()
