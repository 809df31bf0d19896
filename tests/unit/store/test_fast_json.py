"""Bulk extraction from a line agrees with ``json``."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from forging import Raw, spelled

from dspyreg.model import canonical
from dspyreg.model import line as lines
from dspyreg.model.line import Head, Line, compose, genesis
from dspyreg.store import index_state
from dspyreg.store.fast_json import loads, parse, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES = [
    *("null", "true", "0", "-1.5e-7", "123456789012345678901234567890", "1e999", '"null"'),
    *('"é\\u00e9\\n"', "[]", '{"a":{"b":[1,null]}}', ' { "a" : 1 } ', '"}],\\"changes\\":[{"'),
]
START = genesis(b"a registry\n")
METRIC = "metrics/qa/1/em/00ff00ff00ff00ff"


def members(*changes: str, **more: Any) -> dict[str, Any]:
    return {
        "time": "2026-11-20T19:02:11.123456Z",
        "actor": "ada",
        "operation": "score",
        "operation_id": "00ff00ff00ff00ff",
        "program": "qa",
        **more,
        "changes": Raw(f"[{','.join(changes)}]"),
    }


def line(*changes: str, seq: int = 7, **more: Any) -> Line:
    intent = spelled(members(*changes, **more))[1:-1].encode()
    made = lines.parse(compose(intent, Head(seq - 1, START.id))[:-1])
    assert made is not None
    return made


def change(name: str, value: str) -> str:
    return f'{{"name":"{name}","old":null,"new":{value}}}'


def test_bulk_extraction_keeps_the_spelling_of_a_value():
    found = parse(line(change(METRIC, "8.10e-1")).data, 7)
    assert found is not None
    assert found[1] == [(METRIC, 7, "8.10e-1")]


def test_bulk_extraction_returns_no_text_for_null():
    found = parse(line(change(METRIC, "null")).data, 7)
    assert found is not None
    assert found[1] == [(METRIC, 7, None)]


def test_bulk_extraction_reads_the_other_members_of_an_entry():
    found = parse(line(undoes=3, signed=[1, 2]).data, 7)
    assert found is not None
    told, rows = found
    assert rows == []
    assert (told.time, told.actor) == ("2026-11-20T19:02:11.123456Z", "ada")
    assert (told.operation, told.operation_id) == ("score", "00ff00ff00ff00ff")
    assert (told.program, told.undoes) == ("qa", 3)


@pytest.mark.parametrize(
    "data",
    [
        *(b"[]", b"{}", b"{", line(change(METRIC, "NaN")).data, line(undoes="3").data),
        *(line(undoes=7).data, line(change("labels/qa/x", "1"), change("labels/qa/x", "1")).data),
        *(line(change(METRIC, value)).data for value in VALUES if value not in {"null", "0"}),
    ],
)
def test_lines_in_another_spelling_are_left_to_the_full_reader(data: bytes):
    if b"-1.5e-7" not in data:
        assert parse(data, 7) is None


@pytest.mark.parametrize(
    "text", [*VALUES, "-0", '"\\ud800"', "18446744073709551616", '{"a":1,"a":2}']
)
def test_bulk_values_agree_with_json(text: str):
    assert repr(value_of(text.strip())) == repr(index_state.value_of(text.strip()))


def said(loads: Callable[[bytes], Any], data: bytes) -> str | None:
    with suppress(ValueError):
        return repr(loads(data))
    return None


@pytest.mark.parametrize(
    "text",
    [
        *(*VALUES, "-0", '"\\ud800"', "18446744073709551616", '{"a":1,"a":2}'),
        *("NaN", "-Infinity", '{"a":NaN}', "1 2", "", "[" * 3000, "[" * 3000 + "]" * 3000),
    ],
)
def test_bulk_reading_of_a_blob_agrees_with_canonical_json(text: str):
    assert said(loads, text.encode()) == said(canonical.loads, text.encode())


def test_a_blob_that_is_not_utf8_is_refused_by_both_readers():
    for data in (b'"\xff"', b'{"\xe9":1}', b"\xef\xbb\xbf1", '"é"'.encode("utf-16")):
        assert said(loads, data) == said(canonical.loads, data)
