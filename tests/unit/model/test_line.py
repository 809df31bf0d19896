"""One line of the log, to the byte."""

from __future__ import annotations

import pytest

from dspyreg.errors import UsageError
from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Change, Intent
from dspyreg.model.line import Head, genesis

START = genesis(b"a registry\n")


def a_line(intent: bytes = b'"time":"now"', head: Head = START) -> bytes:
    return lines.compose(intent, head)[:-1]


def test_every_flipped_bit_is_detected():
    line = a_line()
    for at in range(len(line)):
        for bit in range(8):
            flipped = line[:at] + bytes([line[at] ^ 1 << bit]) + line[at + 1 :]
            assert lines.parse(flipped) is None
            assert lines.chain(START, [flipped]) == []


def test_a_chain_ends_before_the_first_line_that_does_not_follow():
    first = a_line()
    second = a_line(head=lines.chain(START, [first])[0].head)
    assert [line.data for line in lines.chain(START, [first, second, first])] == [first, second]
    assert [line.hint for line in lines.chain(START, [first, second], 1)] == [
        f"1:{len(first) + 1}",
        f"1:{len(first) + len(second) + 2}",
    ]


@pytest.mark.parametrize("cut", range(1, len(a_line())))
def test_a_truncated_line_is_invalid(cut: int):
    assert lines.parse(a_line()[:cut]) is None


@pytest.mark.parametrize("more", [b" ", b"\n", b"\0", b"}", b"{}"])
def test_a_line_followed_by_other_bytes_is_invalid(more: bytes):
    assert lines.parse(a_line() + more) is None


def test_the_id_of_a_line_hashes_every_byte_before_it():
    data = a_line()
    body, _, rest = data.partition(b',"id":"')
    assert rest == Digest.of(body).encode() + b'"}'


def test_the_first_line_follows_the_format_file():
    line = lines.parse(a_line())
    assert line is not None
    assert (line.seq, line.prev) == (1, START.id)


def test_a_line_follows_exactly_one_head():
    line = lines.parse(a_line(head=Head(6, Digest.of(b"x"))))
    assert line is not None
    assert line.follows(Head(6, Digest.of(b"x"), "wherever"))
    assert not line.follows(Head(5, Digest.of(b"x")))
    assert not line.follows(Head(6, Digest.of(b"y")))


def test_a_line_whose_text_contains_a_line_tail_is_parsed():
    inside = a_line()[1:]
    line = lines.parse(a_line(inside, Head(41, Digest.of(b"x"))))
    assert line is not None
    assert line.seq == 42


@pytest.mark.parametrize("intent", [b"", b'"a":"\n"', b'"a":"\0"', b'"a":"\x1f"'])
def test_control_bytes_in_an_intent_are_refused(intent: bytes):
    with pytest.raises(ValueError, match="no control bytes"):
        lines.compose(intent, START)


def test_a_line_is_at_most_64_kib():
    empty = len(lines.compose(b"x", START)) - 1
    assert len(lines.compose(b"x" * (lines.LONGEST - empty), START)) == lines.LONGEST
    with pytest.raises(ValueError, match="at most"):
        lines.compose(b"x" * (lines.LONGEST - empty + 1), START)


def test_the_longest_intent_fits_a_line():
    late = Head(10**18, Digest.of(b""))
    intent = Intent("t", "ada", "undo", "op", reason="", undoes=1)
    room = lines.LONGEST - 256 - len(intent.members())
    longest = intent._replace(reason="x" * (room - 1))
    assert len(lines.compose(longest.members(), late)) <= lines.LONGEST
    with pytest.raises(UsageError) as refusal:
        intent._replace(reason="x" * room).members()
    assert refusal.value.hint == "most of it is its reason"


@pytest.mark.parametrize("rest", [b"", b"\0", b"\n", b"rubbish"])
def test_a_complete_line_at_the_beginning_of_a_tail_is_found(rest: bytes):
    assert lines.first_complete(a_line() + rest) == len(a_line())


def test_a_line_that_quotes_another_line_is_complete_only_at_its_own_end():
    quoting = a_line(b'"reason":"' + a_line().replace(b'"', b"'") + b'"')
    assert lines.first_complete(quoting) == len(quoting)


@pytest.mark.parametrize("tail", [b"", b"{", a_line()[:-1], b"\0" * 512, b"x" + a_line()])
def test_a_tail_without_a_complete_line_is_recognized(tail: bytes):
    assert lines.first_complete(tail) == 0


def test_a_line_with_unknown_members_is_kept_unchanged():
    intent = Intent("2026-11-20T19:02:11.123456Z", "ada", "promote", "op")
    data = a_line(intent.members() + b',"tomorrow":1')
    line = lines.parse(data)
    assert line is not None
    assert line.data == data


def test_heads_are_compared_without_their_hints():
    assert Head(3, Digest.of(b""), "1:0").same(Head(3, Digest.of(b""), "7:99"))
    assert not Head(3, Digest.of(b"")).same(Head(4, Digest.of(b"")))


def test_the_head_of_a_line_is_its_seq_id_and_hint():
    line = lines.parse(a_line())
    assert line is not None
    assert line._replace(hint="1:9").head == Head(1, line.id, "1:9")


def test_an_intent_never_writes_a_raw_control_byte():
    change = Change("tags/qa/1/x", None, "\x00\x1f\n\r\x7f\u2028")
    intent = Intent("t", "ada", "tag", "op", reason="a\nb", changes=(change,))
    assert lines.parse(a_line(intent.members())) is not None
