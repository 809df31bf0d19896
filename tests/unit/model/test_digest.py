"""The address of bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model.digest import Digest

HELLO = "b3:d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24"


def test_a_digest_is_the_blake3_of_the_bytes():
    assert Digest.of(b"hello world") == HELLO


def test_its_hex_is_what_b3sum_prints():
    assert Digest.of(b"hello world").hex == HELLO.removeprefix("b3:")


@given(st.binary(max_size=2000))
def test_a_stream_has_the_digest_of_its_bytes(data: bytes):
    assert Digest.of_stream(io.BytesIO(data)) == Digest.of(data)


@given(st.binary(max_size=64))
def test_a_digest_parses_to_itself(data: bytes):
    assert str(Digest.parse(str(Digest.of(data)))) == Digest.of(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        HELLO.upper(),
        HELLO + "\n",
        " " + HELLO,
        HELLO[:-1],
        HELLO + "0",
        HELLO.removeprefix("b3:"),
        HELLO.replace("b3", "sha256"),
        HELLO[:-1] + "g",
        HELLO.encode(),
        None,
        7,
    ],
)
def test_there_is_no_other_spelling(text: object):
    with pytest.raises(ValueError, match="not a digest"):
        Digest.parse(text)
