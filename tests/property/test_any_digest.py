"""Properties of model/digest, for any value."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model.digest import Digest


@given(st.binary(max_size=2000))
def test_a_stream_has_the_digest_of_its_bytes(data: bytes):
    assert Digest.of_stream(io.BytesIO(data)) == Digest.of(data)


@given(st.binary(max_size=64))
def test_a_digest_round_trips_through_its_text(data: bytes):
    assert str(Digest.parse(str(Digest.of(data)))) == Digest.of(data)
