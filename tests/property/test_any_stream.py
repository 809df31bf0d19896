"""Any stream is searched for secrets, quickly and in little memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.formats import streams

if TYPE_CHECKING:
    from collections.abc import Iterable


OPENAI = "sk-proj-" + "Ab3dEf6hIj9k" * 4


def blocks(data: bytes, size: int) -> Iterable[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def test_an_endless_text_takes_no_memory_and_hides_no_secret():
    def endless() -> Iterable[bytes]:
        yield b'{"lm": {"model": "'
        yield from [b"a" * (1 << 20)] * 40
        yield b'\\" no end", "api_key": "abcdefghijkl"}}'

    (secret,) = streams.find(endless())
    assert secret.what == "the value of `api_key`"


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "eyJ", "://", "x://a:", "Bearer ", "-----BEGIN ", "sk-", "://:", "a.", "xoxb-"),
        *('"lm":{', '"lm":[', '"', "\\", '\\"', '"lm": {"api_key": "', "[", '"lm": "'),
    ],
)
def test_a_repeated_text_hides_no_secret(piece: str):
    data = (piece * ((1 << 20) // len(piece)) + f"\n{OPENAI}\n").encode()
    assert any(OPENAI[:4] in secret.masked for secret in streams.find(blocks(data, 1 << 19)))


@given(st.binary(max_size=200), st.integers(1, 50))
def test_the_search_accepts_any_bytes(data: bytes, size: int):
    list(streams.find(blocks(b'{"lm": {' + data, size)))
