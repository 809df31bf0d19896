"""Detection rates: secrets of public kinds in any place, and false alarms."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import secret_kinds as kinds
from corpus import programs

from dspyreg.formats import secrets

if TYPE_CHECKING:
    from pathlib import Path


def test_more_than_a_hundred_kinds_of_secrets_are_tested():
    assert len(kinds.tokens(Random(1))) + len(kinds.NAMED) > 100


@pytest.mark.parametrize("token", kinds.tokens(Random(4)), ids=lambda token: token.kind)
def test_a_redacted_text_has_no_secrets(token: kinds.Planted):
    text = f"before {token.text} and {token.text} after"
    clean = secrets.without(text)
    assert token.text not in clean
    assert clean.startswith("before ")
    assert secrets.find_in_lines(clean) == []


NOUNS = ("the model", "a release", "our pipeline", "this prompt", "each key", "the secret")
VERBS = ("resets", "explains", "rotates", "counts", "hides", "must never print", "asks for")
OBJECTS = (
    *("the password", "a passphrase", "an API key", "tokens", "credentials", "a bearer token"),
    *("the authorization header", "a cache key", "the secret santa list", "your API_KEY"),
)


def prose(random: Random) -> str:
    return (
        f"{random.choice(NOUNS)} {random.choice(VERBS)} {random.choice(OBJECTS)}: "
        f"{random.choice(VERBS)} {random.choice(OBJECTS)} after {random.randint(2, 900)} tokens, "
        f"version {random.randint(1, 9)}.{random.randint(0, 20)}.{random.randint(0, 20)}"
    )


def harmless(random: Random) -> str:
    """Return a text of a kind that must not be refused."""
    data = random.randbytes(48)
    written = [
        *(prose(random) for _ in range(6)),
        f"commit {data[:20].hex()} by ada",
        f"sha256:{sha256(data).hexdigest()}",
        f"digest b3:{sha256(data).hexdigest()} of the state",
        f'{{"dspy_uuid": "{UUID(bytes=data[:16])}", "dspy_split": "train"}}',
        "data:image/png;base64," + b64encode(b"\x89PNG\r\n" + random.randbytes(900)).decode(),
        'api_key = os.environ["OPENAI_API_KEY"]',
        "client = OpenAI(api_key=os.getenv('OPENAI_API_KEY'))",
        "export OPENAI_API_KEY=YOUR_API_KEY",
        "api_key: ${API_KEY}",
        "password: '***'",
        'headers = {"Authorization": f"Bearer {token}"}',
        "curl -H 'Authorization: Bearer <token>' https://api.example.com/v1",
        "Authorization: Bearer $TOKEN",
        "postgresql://user:password@localhost:5432/db",
        "postgres://${USER}:${PASSWORD}@db/app",
        "see https://github.com/stanfordnlp/dspy/pull/1234#discussion_r123456789",
        "mail ada@example.com or https://ada@example.com/",
        "task-oriented-dialogue-systems-2024 and risk-assessment-of-llms-v2",
        "disk-based-vector-index-with-quantization, mask-language-modeling-objective",
        f"max_tokens={random.randint(1, 4096)}, key={random.choice(NOUNS)!r}",
        "def login(username: str, password: str) -> Token: ...",
        "token = tokenizer.encode(text, return_tensors='pt')",
        "password = getpass.getpass('Password: ')",
        "sorted(items, key=lambda item: item.score)",
        f'{{"cache_key": "{data[:20].hex()}", "next_page_token": "CAUQAA"}}',
        "eos_token: </s>, pad_token: [PAD], bos_token: <s>",
        "Q: What is a bearer token? A: Basic authentication sends a password in base64.",
        "api_key=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "set api_key to <your-api-key-here>",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        f"/usr/lib/python3.11/site-packages/dspy-{random.randint(2, 3)}.1.0.dist-info/METADATA",
        f"order {random.randrange(10**11)}, phone +49 30 {random.randrange(10**7)}",
        "secret: the treasure is buried under the old oak tree",
        f"trace_id={random.randbytes(16).hex()} span={random.randbytes(8).hex()}",
    ]
    return random.choice(written)


def of_the_corpus() -> list[str]:
    """Return texts of real programs; none without a corpus."""
    found: dict[str, None] = {}
    for path in programs.in_the_corpus():
        if path.suffix == ".json" and b"FAKE" not in path.read_bytes():
            waiting = [json.loads(path.read_bytes())]
            while waiting:
                value = waiting.pop()
                if isinstance(value, str) and value:
                    found[value] = None
                elif isinstance(value, dict | list):
                    waiting.extend(value.values() if isinstance(value, dict) else value)
    return list(found)


def test_at_most_one_in_200_harmless_texts_is_refused(tmp_path: Path):
    random = Random(7)
    texts = of_the_corpus()[:1000]
    texts += [harmless(random) for _ in range(2000 - len(texts))]
    false = [text for text in texts if secrets.find_in_lines(text) or secrets.find({"q": text})]
    print(f"{len(false)} of {len(texts)} were taken for secrets")
    assert len(texts) == 2000
    assert len(false) <= 10, false
