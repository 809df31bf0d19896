"""The search for secrets accepts any bytes."""

from __future__ import annotations

import gzip
import io
import zipfile
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.formats import detectors, secrets, streams
from dspyreg.formats.archives import Allowance, Reader

TOKEN = "gh" + "p_" + "a1B2" * 9


PIECES = st.sampled_from(
    [
        *(
            "api_key",
            "password",
            "token",
            "=",
            ":",
            '"',
            "'",
            "\\",
            "://",
            "@",
            "Bearer ",
            "Basic ",
        ),
        *(
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "sk-",
            "eyJ",
            "\0",
            "\n",
            "value",
            "name: ",
            "--",
            "-u ",
        ),
        *(
            "</",
            "<",
            ">",
            "&",
            "?",
            "Q~",
            "%",
            "{",
            f" {TOKEN} ",
            "é",
            "\ud800",
            "UEsDBA",
            "login a password ",
        ),
    ]
)


MIXED = st.lists(PIECES | st.text(max_size=12), max_size=30).map("".join)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | MIXED,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MIXED, inner, max_size=4),
    max_leaves=12,
)


@given(MIXED)
def test_the_detectors_accept_any_text(text: str):
    data = text.encode(errors="surrogatepass")
    found = detectors.spans(data)
    assert all(0 <= a.start < a.end <= len(data) for a in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    secrets.without(text)


@given(TREES)
def test_no_secret_of_any_state_is_printed_or_survives_redaction(state: object):
    for secret in secrets.find(state):
        assert TOKEN not in str(secret)
    assert TOKEN not in str(secrets.redacted(state))


@given(st.binary(max_size=400), st.integers(1, 60))
def test_the_search_accepts_any_bytes_in_blocks_of_any_size(data: bytes, size: int):
    for content in (data, b"PK\x03\x04" + data, b"\x1f\x8b\x08" + data, data * 3 + TOKEN.encode()):
        blocks = (content[at : at + size] for at in range(0, len(content), size))
        list(streams.Search().through(blocks))


@given(st.binary(max_size=300), st.integers(1, 99), st.integers(1, 99))
def test_a_secret_in_an_archive_is_found_wherever_the_blocks_end(
    noise: bytes, size: int, more: int
):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first", noise)
        archive.writestr("second", b"." * more + b" " + TOKEN.encode())
    packed = file.getvalue()
    for content in (packed, gzip.compress(b"x" * more + b" " + TOKEN.encode())):
        blocks = (content[at : at + size] for at in range(0, len(content), size))
        assert [each.what for each in streams.Search().through(blocks)] == ["a GitHub token"]


def test_a_decompression_bomb_is_abandoned_when_the_allowance_is_spent():
    bomb = gzip.compress(gzip.compress(b"\0" * (48 << 20)))
    search = streams.Search(Allowance(8 << 20))
    assert list(search.through([bomb])) == []
    assert search.is_cut
    assert sum(len(piece.data) for piece in Reader(Allowance(1000)).take(bomb)) <= 1000


def test_an_archive_with_too_many_members_is_abandoned():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(10_050):
            archive.writestr(str(n), b"")
    search = streams.Search()
    assert list(search.through([file.getvalue()])) == []
    assert search.is_cut
