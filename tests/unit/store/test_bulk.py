"""What is taken out of a line in bulk is what ``json`` says of it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from dspyreg.model import canonical
from dspyreg.store import past
from dspyreg.store.bulk import loads, number_in, told_by, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = '"time":"2026-11-20T19:02:11.123456Z","actor":"ada","operation":"tag","operation_id":"7f"'
VALUES = [
    *("null", "true", "0", "-1.5e-7", "123456789012345678901234567890", "1e999", '"null"'),
    *('"é\\u00e9\\n"', "[]", '{"a":{"b":[1,null]}}', ' { "a" : 1 } ', '"}],\\"changes\\":[{"'),
]


def line(value: str, rest: str = "") -> bytes:
    return (
        f'{{{HEAD},"changes":[{{"name":"tags/qa/1/a","old":null,"new":{value}}}]{rest}}}'.encode()
    )


@pytest.mark.parametrize("value", VALUES)
def test_a_value_stays_spelled_as_it_is(value: str):
    told = told_by(line(value))
    assert told is not None
    [(name, seq, kept)] = told.rows(7)
    assert (name, seq) == ("tags/qa/1/a", 7)
    assert kept == (None if value == "null" else value.strip())


def test_the_rest_of_an_entry_is_known_by_its_names():
    told = told_by(line("1", ',"undoes":3,"program":"qa","signed":[1,2]'))
    assert told is not None
    assert (told.time, told.actor) == ("2026-11-20T19:02:11.123456Z", "ada")
    assert (told.operation, told.operation_id) == ("tag", "7f")
    assert (told.program, told.undoes) == ("qa", 3)


def test_an_entry_without_changes_has_no_rows():
    told = told_by(f"{{{HEAD}}}".encode())
    assert told is not None
    assert told.rows(1) == []


@pytest.mark.parametrize(
    "data",
    [
        *(b"[]", b"{}", b"{", line("NaN"), line("1", ',"undoes":"3"'), line("1") + b"x"),
        *(line("[" * 3000 + "]" * 3000), line('"é"').decode().encode("latin-1")),
        json.dumps({"time": 7}).encode(),
    ],
)
def test_what_is_no_such_entry_is_left_to_json(data: bytes):
    assert told_by(data) is None


@pytest.mark.parametrize(
    "text", [*VALUES, "-0", '"\\ud800"', "18446744073709551616", '{"a":1,"a":2}']
)
def test_a_value_is_what_json_says_of_it(text: str):
    assert repr(value_of(text.strip())) == repr(past.value_of(text.strip()))


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
def test_a_blob_is_what_canonical_json_says_of_it(text: str):
    assert said(loads, text.encode()) == said(canonical.loads, text.encode())


def test_a_blob_that_is_no_utf_8_is_none_either_way():
    for data in (b'"\xff"', b'{"\xe9":1}', b"\xef\xbb\xbf1", '"é"'.encode("utf-16")):
        assert said(loads, data) == said(canonical.loads, data)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('{"number":3,"status":"live"}', 3),
        ('{"status":"\\ud800","number":3}', 3),
        ('{"number":3.0}', 3.0),
        ('{"number":123456789012345678901234567890}', 123456789012345678901234567890),
        ('{"number":null}', None),
    ],
)
def test_a_deployment_is_of_the_version_that_json_says(text: str, number: Any):
    assert number_in(text) == past.value_of(text)["number"] == number


@pytest.mark.parametrize("text", ["{}", "[]", "3"])
def test_a_deployment_of_no_version_is_an_error_as_it_is_with_json(text: str):
    with pytest.raises((KeyError, TypeError)):
        number_in(text)
