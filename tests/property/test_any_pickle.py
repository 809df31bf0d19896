"""Any pickle is read without being executed, or refused."""

from __future__ import annotations

import collections
import datetime
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dspyreg.formats import unpickling
from dspyreg.formats.document import NotAState

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.just(datetime.UTC) | st.none())
    | st.decimals(allow_nan=False)
)


VALUES = st.recursive(
    PLAIN | st.frozensets(PLAIN),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.dictionaries(st.text(), inner).map(collections.OrderedDict)
        | st.sets(PLAIN)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES), st.integers(3, pickle.HIGHEST_PROTOCOL))
def test_harmless_pickled_values_are_read_as_python_reads_them(value: Any, protocol: int):
    assert unpickling.loads(pickle.dumps(value, protocol)) == value


@pytest.mark.filterwarnings("ignore:invalid escape")  # pickle itself takes those
@given(st.data())
@settings(max_examples=300)
def test_a_pickle_with_changed_bytes_is_a_state_or_is_refused(data: st.DataObject):
    state = {"x": {"demos": [{"q": (1, "a", {"b"}), "when": datetime.date(2026, 1, 2)}] * 2}}
    content = bytearray(pickle.dumps(state, data.draw(st.integers(0, pickle.HIGHEST_PROTOCOL))))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpickling.as_json(bytes(content))
    except NotAState:
        return


def doubled(times: int, first: Any, pair: Any) -> Any:
    """Return a value that contains itself twice, repeatedly: small as a pickle."""
    for _ in range(times):
        first = pair(first)
    return first


@pytest.mark.parametrize(
    "bomb",
    [
        {"x": doubled(60, "a", lambda a: [a, a])},
        {"x": doubled(60, "a", lambda a: (a, a))},
        {"x": doubled(60, "a", lambda a: {"a": a, "b": a})},
        {"x": [{"a" * 1_000_000: 1}] * 200_000},
        {"x": [1 << 1_000_000]},
    ],
    ids=["lists", "tuples", "dicts", "long-keys", "number"],
)
def test_a_short_pickle_that_expands_enormously_is_refused(bomb: Any):
    with pytest.raises(NotAState):
        unpickling.as_json(pickle.dumps(bomb))
