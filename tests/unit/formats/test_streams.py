"""Files too large to be read whole are searched block by block, with the same results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.formats.test_secrets import OPENAI, SHAPED, a_state

from dspyreg.formats import secrets, streams

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMED = {
    "api_key": "anything at all",
    "headers": {"X-Api-Key": "one", "X-Team": ["two"]},
    "api_keys": ["a", {"b": "c"}],
    "token": 'a "quoted" one\\',
}
HARMLESS = {
    "max_tokens": 500,
    "api_key": None,
    "password": "",
    "token": "REDACTED",
    "list": [{"api_base": "x"}, "plain"],
}


def blocks(data: bytes, size: int) -> Iterable[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def streamed(state: Any, size: int = 1 << 20) -> list[secrets.Secret]:
    return list(streams.find(blocks(json.dumps(state).encode(), size)))


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("what", "text"), SHAPED.items(), ids=list(SHAPED))
def test_a_secret_of_a_known_form_is_found_anywhere_in_a_stream(what: str, text: str, size: int):
    (secret,) = streamed({"demos": [{"question": f"what is {text} ?"}]}, size)
    assert secret.what == what


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("key", "value"), NAMED.items(), ids=list(NAMED))
def test_a_streamed_language_model_value_under_a_secret_name_is_a_secret(
    key: str, value: Any, size: int
):
    state = a_state(temperature=0.5, **{key: value})
    matches = [(secret.what, secret.masked) for secret in streamed(state, size)]
    assert len(matches) == len(secrets.find(state)) > 0
    assert {what for what, _ in matches} == {f"the value of `{key}`"}


@pytest.mark.parametrize(("key", "value"), HARMLESS.items(), ids=list(HARMLESS))
def test_harmless_language_model_settings_in_a_stream_are_not_secrets(key: str, value: Any):
    assert streamed(a_state(**{key: value})) == []


def test_a_secret_name_outside_a_language_model_is_not_a_secret():
    assert (
        streamed({"x": {"demos": [{"api_key": "which one?", "q": 'say "lm": {"api_key": "a"}'}]}})
        == []
    )


def test_a_secret_in_a_stream_is_located_by_path_and_byte():
    state = {"x": {"demos": [], "lm": {"headers": {"X-Key": "abcdefghijkl"}}}}
    (secret,) = streamed(state)
    at = json.dumps(state).index('"abcdefghijkl"')
    assert secret == (
        f"lm.headers.X-Key, byte {at}",
        "the value of `headers`",
        "abcd…(12 characters)",
    )


def test_a_secret_is_found_once_wherever_the_blocks_end():
    data = b" " * 70_000 + json.dumps(OPENAI).encode() + b" " * 70_000
    for size in (1 << 10, 1 << 16, (1 << 16) + 5, 70_010, 1 << 20):
        assert [each.location for each in streams.find(blocks(data, size))] == ["byte 70001"]


def test_escaped_slashes_do_not_hide_a_password():
    data = rb'{"a": "https:\/\/me:pa55word@llm.example\/v1", "b": "https://a","c":"x@y"}'
    (secret,) = streams.find([data])
    assert (secret.what, secret.masked) == ("a password in a URL", "…")
