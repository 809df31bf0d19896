"""Canonical JSON: one form for each value."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dspyreg.model import canonical


def test_canonical_json_is_sorted_compact_and_utf8():
    assert canonical.dumps({"b": [1, 2.5], "a": "ä"}) == '{"a":"ä","b":[1,2.5]}'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "\ud800", {"a": [math.nan]}])
def test_values_that_json_or_utf8_cannot_hold_are_a_value_error(value: Any):
    with pytest.raises(ValueError):  # noqa: PT011 - json and codecs choose the words
        canonical.dumps(value)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b"[Infinity]", b"[-Infinity]", b"\xff", b"{} {}"]
)
def test_bytes_that_are_not_json_are_a_value_error(data: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - json and codecs choose the words
        canonical.loads(data)


def test_reading_deeply_nested_json_is_a_value_error():
    with pytest.raises(ValueError, match="nested too deeply"):
        canonical.loads(b"[" * 100_000 + b"]" * 100_000)


def test_writing_deeply_nested_json_is_a_value_error():
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        canonical.dumps(value)
