"""The address of bytes."""

from __future__ import annotations

import pytest

from dspyreg.model.digest import Digest

HELLO = "b3:d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24"


def test_a_digest_is_the_blake3_of_its_bytes():
    assert Digest.of(b"hello world") == HELLO


def test_the_hex_of_a_digest_is_what_b3sum_prints():
    assert Digest.of(b"hello world").hex == HELLO.removeprefix("b3:")


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
def test_any_other_form_of_a_digest_is_refused(text: object):
    with pytest.raises(ValueError, match="not a digest"):
        Digest.parse(text)
