"""Bytes that are not JSON as DSPy writes it raise ``NotAState``."""

from __future__ import annotations

import golden_states as golden
import pytest

from dspyreg.formats.document import MAX_BYTES, MAX_DEPTH, NotAState
from dspyreg.formats.known import read

SMALL = b'{"generate": {"demos": [], "traces": [], "train": [], "lm": %s}}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"demos"',
        b"1",
        b"{",
        b"{} {}",
        b"\x80\x04\x95",  # how pickles begin
        b"\xef\xbb\xbf" + golden.data("d-flat"),
        golden.data("d-flat").decode().encode("utf-16"),
        golden.data("d-flat").decode().encode("utf-16-le"),
        golden.data("d-flat").decode().encode("utf-32"),
        SMALL % b'"\xe4"',
        SMALL % b'"\\ud800"',
        SMALL % b'"\\uDFFF"',
        SMALL % b'{"\\ud83d": 1}',
        SMALL % (b"1" + b"0" * 5000),
        SMALL % b'{"model": 1, "model": 2}',
        SMALL.replace(b'"train"', b'"demos"') % b"null",
        SMALL % b'"\x00"',
        SMALL % b"nan",
        SMALL % b"0x10",
        SMALL % b"'single'",
    ],
)
def test_json_that_dspy_never_writes_is_not_a_state(data: bytes):
    with pytest.raises(NotAState):
        read(data)


@pytest.mark.parametrize("value", [b"NaN", b"-Infinity", b"1e999", b'"\\ud83d\\ude00"', b"1" * 99])
def test_json_that_dspy_may_have_written_is_a_state(value: bytes):
    assert read(SMALL % value).digest() == read(SMALL % value).digest()


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_truncated_state_is_not_a_state(name: str):
    data = golden.data(name).rstrip()
    for end in range(len(data)):
        with pytest.raises(NotAState):
            read(data[:end])


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [MAX_DEPTH, 10_000, 1_000_000])
@pytest.mark.parametrize("closed", [True, False])
def test_deep_nesting_is_not_a_state(opening: bytes, depth: int, closed: bool):
    closing = b"]" if opening == b"[" else b"}"
    value = opening * depth + b"1" + (closing * depth if closed else b"")
    with pytest.raises(NotAState):
        read(SMALL % value)


def test_nesting_depth_is_counted_from_the_top_to_the_deepest_container():
    room = MAX_DEPTH - 2
    read(SMALL % (b"[" * room + b"]" * room))
    with pytest.raises(NotAState, match="deeper than 200"):
        read(SMALL % (b"[" * (room + 1) + b"]" * (room + 1)))


def test_a_state_of_the_maximum_size_is_read():
    state = SMALL % (b'"' + b"a" * (MAX_BYTES - len(SMALL)) + b'"')
    assert len(state) == MAX_BYTES
    assert read(state).family == "Z"


def test_the_error_for_a_duplicate_key_shortens_it():
    key = b"k" * 10_000
    with pytest.raises(NotAState, match=r"duplicate key 'k{60}'") as caught:
        read(SMALL % (b'{"%s": 1, "%s": 2}' % (key, key)))
    assert len(str(caught.value)) < 200


def test_many_duplicate_keys_are_refused():
    pairs = b",".join(b'"%d": 0' % (n // 2) for n in range(200_000, 0, -1))
    with pytest.raises(NotAState, match="duplicate key"):
        read(SMALL % (b"{" + pairs + b"}"))
