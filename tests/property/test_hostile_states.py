"""States with arbitrary members are read as a program or raise ``NotAState``."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import golden_states as golden
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import JSON_VALUES

from dspyreg.compare.inference import inferred
from dspyreg.formats import convert
from dspyreg.formats.document import NotAState
from dspyreg.formats.known import read

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[Any, ...]

ANYTHING = (
    JSON_VALUES
    | st.floats()
    | st.integers(-(10**4000), 10**4000)
    | st.sampled_from(["demos", "signature", "fields", "metadata", "extended_signature"])
)
STATES = {name: golden.state(name) for name in golden.NAMES}
EXTREME = (None, True, 0, -1.5, "", "demos", [], {}, [None], {"": None}, [[]], {"demos": []})


def survives(value: Any) -> None:
    """Read a value, and run every operation on states if it is one."""
    data = json.dumps(value).encode()
    try:
        program = read(data)
    except NotAState:
        return
    assert program.digest() == read(data).digest()
    assert list(inferred(program).predictors) == [each.name for each in program.predictors]
    list(convert.losses(program))
    again = read(convert.text_of(program).encode())
    assert convert.text_of(again) == convert.text_of(program)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield every path into a state, from the top down."""
    yield place
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], (*place, key))


def replaced(value: Any, place: Place, other: Any) -> Any:
    """Return a state with another value at one path."""
    if not place:
        return other
    value = copy.deepcopy(value)
    inner = value
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = other
    return value


PLACES = [(name, place) for name, state in STATES.items() for place in places(state)]


def test_a_state_member_of_another_type_causes_no_crash():
    for name, place in PLACES:
        for other in EXTREME:
            survives(replaced(STATES[name], place, other))


def test_a_missing_state_member_causes_no_crash():
    for name, place in PLACES:
        if place:
            value = copy.deepcopy(STATES[name])
            inner = value
            for key in place[:-1]:
                inner = inner[key]
            del inner[place[-1]]
            survives(value)


@given(st.sampled_from(PLACES), ANYTHING)
@settings(max_examples=300)
def test_any_value_of_a_state_member_causes_no_crash(where: tuple[str, Place], other: Any):
    name, place = where
    survives(replaced(STATES[name], place, other))


@given(st.sampled_from(PLACES), st.sampled_from(PLACES))
@settings(max_examples=300)
def test_a_state_member_taken_from_another_state_causes_no_crash(
    where: tuple[str, Place], other: tuple[str, Place]
):
    inner: Any = STATES[other[0]]
    for key in other[1]:
        inner = inner[key]
    survives(replaced(STATES[where[0]], where[1], inner))


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("demos", "traces", "train", "lm", "signature", "fields", "metadata", "x"),
                *("signature_instructions", "signature_prefix", "extended_signature"),
                *("extended_signature_instructions", "extended_signature_prefix", "self"),
            ]
        ),
        st.recursive(
            ANYTHING | st.sampled_from([STATES["b-flat"], STATES["a-flat"], STATES["d-flat"]]),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["demos", "x"]), inner),
            max_leaves=4,
        ),
    )
)
@settings(max_examples=300)
def test_impossible_combinations_of_state_members_cause_no_crash(value: Any):
    survives(value)
