"""Secrets are found anywhere, masked when shown, and redacted without breaking a state."""

from __future__ import annotations

from typing import Any

import pytest

from dspyreg.formats import secrets

OPENAI = "sk-proj-0123456789abcdefghijklmnop"

SHAPED = {
    "an OpenAI or Anthropic key": OPENAI,
    "an AWS access key": "AKIAABCDEFGHIJKLMNOP",
    "a Google API key": "AIza" + "a" * 35,
    "a GitHub token": "ghp_" + "a" * 36,
    "a GitLab token": "glpat-" + "a" * 20,
    "a Slack token": "xoxb-1234567890-abc",
    "a Hugging Face token": "hf_" + "a" * 30,
    "a Groq key": "gsk_" + "a" * 40,
    "a private key": "-----BEGIN RSA PRIVATE KEY-----",
    "a JSON web token": "eyJ" + "a" * 10 + ".eyJ" + "b" * 10 + "." + "c" * 10,
    "a bearer token": "Authorization: Bearer 0123456789abcdef",
    "a password in a URL": "postgres://me:pa55word@db.example/qa",
}


def a_state(**lm: Any) -> dict[str, Any]:
    return {"generate.predict": {"demos": [], "lm": {"model": "openai/gpt-4o-mini", **lm}}}


@pytest.mark.parametrize(("what", "text"), SHAPED.items(), ids=list(SHAPED))
def test_a_secret_of_a_known_form_is_found_anywhere_in_a_state(what: str, text: str):
    (secret,) = secrets.find({"demos": [{"question": f"what is {text} ?"}]})
    assert (secret.location, secret.what) == ("demos[0].question", what)


@pytest.mark.parametrize("key", ["api_key", "aws_secret_access_key", "azure_ad_token", "password"])
def test_a_language_model_value_under_a_secret_name_is_a_secret(key: str):
    (secret,) = secrets.find(a_state(**{key: "anything at all"}))
    assert secret.location == f"generate.predict.lm.{key}"


@pytest.mark.parametrize(
    "harmless",
    [{"max_tokens": 500}, {"cache": True}, {"api_key": None}, {"api_key": ""}, {"num_retries": 3}],
)
def test_harmless_language_model_settings_are_not_secrets(harmless: dict[str, Any]):
    assert secrets.find(a_state(**harmless)) == []


def test_every_header_of_a_language_model_is_a_secret():
    matches = secrets.find(a_state(headers={"X-Api-Key": "one", "X-Team": "two"}))
    assert [secret.location for secret in matches] == [
        "generate.predict.lm.headers.X-Api-Key",
        "generate.predict.lm.headers.X-Team",
    ]


def test_only_the_beginning_of_a_secret_is_shown():
    (secret,) = secrets.find(a_state(api_key=OPENAI))
    assert secret.masked == "sk-p…(34 characters)"
    assert OPENAI[5:] not in str(secret)


def test_no_part_of_a_short_secret_is_shown():
    assert secrets.mask("12345678") == "…"


@pytest.mark.parametrize("text", SHAPED.values(), ids=list(SHAPED))
def test_a_redacted_state_has_no_secrets_left(text: str):
    state = {"demos": [{"question": f"what is {text} or {text}?"}], "lm": {"token": text}}
    cleaned = secrets.redacted(state)
    assert secrets.find(cleaned) == []
    assert cleaned["demos"][0]["question"].startswith("what is ")


def test_redaction_changes_nothing_else():
    state = a_state(api_key=OPENAI, temperature=0.2, api_base="https://me:secret@llm.example/v1")
    lm = secrets.redacted(state)["generate.predict"]["lm"]
    assert lm == {
        "model": "openai/gpt-4o-mini",
        "api_key": "REDACTED",
        "temperature": 0.2,
        "api_base": "https://me:REDACTED@llm.example/v1",
    }
