"""Any bytes are read as a state document or refused, in little memory."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import suppress

import golden_states as golden
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.formats import document
from dspyreg.formats.document import NotAState
from dspyreg.formats.known import read

SMALL = b'{"generate": {"demos": [], "traces": [], "train": [], "lm": %s}}'


HALVES = [r"\ud83d", r"\uDE00", "\\\\", "a", r"\n", r"\u00e9", "u", "d83d", "\U0001f600"]


@given(st.lists(st.sampled_from(HALVES), max_size=8).map("".join))
def test_an_unpaired_surrogate_is_found_anywhere_in_a_text(text: str):
    told = json.loads(f'"{text}"')
    try:
        read(SMALL % f'"{text}"'.encode())
        found = False
    except NotAState:
        found = True
    assert found is any(0xD800 <= ord(letter) < 0xE000 for letter in told)


@given(st.binary(max_size=200))
def test_random_bytes_are_not_a_state(data: bytes):
    with pytest.raises(NotAState):
        read(data)


@given(st.sampled_from(golden.NAMES), st.integers(0), st.binary(min_size=1, max_size=3))
def test_a_state_with_a_changed_byte_is_a_state_or_is_refused(name: str, where: int, other: bytes):
    data = bytearray(golden.data(name))
    where %= len(data)
    data[where : where + len(other)] = other
    with suppress(NotAState):
        read(bytes(data)).digest()


def test_a_state_of_100_mb_is_refused_unread():
    data = SMALL % (b'"' + b"a" * 100_000_000 + b'"')
    tracemalloc.start()
    try:
        with pytest.raises(NotAState, match="above 64 MiB"):
            read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("item", [b"0,", b'"",', b"[],", b"{},", b'{"a":0},', b"[[[[]]]],"])
def test_many_small_values_need_little_more_memory_than_json_itself(item: bytes):
    data = SMALL % (b"[" + item * (1_000_000 // len(item)) + b"0]")
    assert _peak(document.loads, data) < 2 * _peak(json.loads, data)


def _peak(work: object, data: bytes) -> int:
    assert callable(work)
    tracemalloc.start()
    try:
        work(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
