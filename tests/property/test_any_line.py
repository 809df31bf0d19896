"""Properties of model/line, for any value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head, genesis

START = genesis(b"a registry\n")


HEADS = st.builds(Head, st.integers(0, 10**18), st.binary(max_size=8).map(Digest.of))


BYTES = st.binary(min_size=1, max_size=200).map(lambda data: bytes(b | 0x20 for b in data))


def a_line(intent: bytes = b'"time":"now"', head: Head = START) -> bytes:
    return lines.compose(intent, head)[:-1]


@given(BYTES, HEADS)
def test_a_composed_line_parses_to_its_intent_and_head(intent: bytes, head: Head):
    data = lines.compose(intent, head)
    line = lines.parse(data[:-1])
    assert line is not None
    assert line.follows(head)
    assert data == b"{" + intent + line.data[1 + len(intent) :] + b"\n"


@given(st.data())
def test_changing_any_byte_makes_a_line_invalid(data: st.DataObject):
    line = bytearray(a_line())
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= data.draw(st.integers(1, 255))
    assert lines.parse(bytes(line)) is None


@given(BYTES | st.just(b'"a":",\\"seq\\":1,"'), HEADS, HEADS, st.binary(max_size=9))
def test_following_a_head_requires_a_valid_line_that_follows_it(
    intent: bytes, head: Head, other: Head, more: bytes
):
    data = a_line(intent, head)
    for before in (head, other, head._replace(id=other.id), head._replace(seq=head.seq + 1)):
        for tried in (data, data + more, more + data, data[: -len(more)], more):
            line = lines.parse(tried, f"1:{len(tried) + 10}")
            expected = [line] if line is not None and line.follows(before) else []
            assert lines.chain(before, [tried], 1, 9) == expected
