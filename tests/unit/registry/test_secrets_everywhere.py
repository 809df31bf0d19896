"""How many secrets of public kinds are found wherever they are planted, and how few false ones."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from base64 import b64encode
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from corpus import programs
from unit.formats import secret_kinds as kinds

from dspyreg.formats import secrets
from dspyreg.registry.artifacts.inspect import secrets_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def a_state(**more: Any) -> dict[str, Any]:
    return {"generate": {"demos": [], "lm": {"model": "m"}, **more}}


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "nothing here\n" * 20)
        archive.writestr(name, data)
    return file.getvalue()


# A token that is known by its shape: where it may stand, as the name and bytes of a file.
AROUND: dict[str, Callable[[str], tuple[str, bytes]]] = {
    "an instruction": lambda t: (
        "a.json",
        as_json(a_state(signature={"instructions": f"Use {t} ."})),
    ),
    "a demo": lambda t: ("a.json", as_json(a_state(demos=[{"question": t}]))),
    "a key of an object": lambda t: ("a.json", as_json(a_state(more={t: 1}))),
    "a list at the top": lambda t: ("a.json", as_json([{"x": f"see {t}"}])),
    "a note": lambda t: ("notes.md", f"# Notes\n\nuse `{t}` for now\n".encode()),
    "a program": lambda t: ("a.py", f"client = Client({t!r})\n".encode()),
    "lines of JSON": lambda t: ("a.jsonl", b'{"a": 1}\n' + as_json({"a": f"x\n{t}"}) + b"\n"),
    "UTF-16": lambda t: ("a.txt", f"it is {t} \n".encode("utf-16")),
    "UTF-16 without a mark": lambda t: ("a.txt", f"it is {t} \n".encode("utf-16-be")),
    "base64": lambda t: ("a.txt", b"data: " + b64encode(f"it is {t} .".encode()) + b"\n"),
    "a zip": lambda t: ("a.zip", zipped("in/a.txt", f"it is {t}\n".encode())),
    "gzip": lambda t: ("a.txt.gz", gzip.compress(f"it is {t}\n".encode())),
    "a zip in gzip": lambda t: ("a.gz", gzip.compress(zipped("a", t.encode()))),
    "a pickle's text": lambda t: ("a.pkl", pickle.dumps({"demos": [f"it is {t}"]})),
    "a pickle's bytes": lambda t: ("a.pickle", pickle.dumps([t.encode()], protocol=3)),
    "a pickle of another name": lambda t: ("a.bin", pickle.dumps({"x": t.encode()})),
    "bytes": lambda t: ("a.bin", b"\0\xff\xfe" * 99 + t.encode() + b"\0" * 99),
}

# A value that only its name gives away.
BESIDE: dict[str, Callable[[str, str], tuple[str, bytes]]] = {
    "a demo": lambda n, v: ("a.json", as_json(a_state(demos=[{n: v}]))),
    "the settings": lambda n, v: ("a.json", as_json(a_state(config={n: v}))),
    "the language model": lambda n, v: ("a.json", as_json(a_state(lm={n: v}))),
    "a neighbour": lambda n, v: ("a.json", as_json({"env": [{"name": n, "value": v}]})),
    "a pair": lambda n, v: ("a.json", as_json({"pairs": [[n, v]]})),
    "settings of a shell": lambda n, v: (".env", f"A=1\nexport {n}={v}\n".encode()),
    "YAML": lambda n, v: ("a.yaml", f"llm:\n  {n}: {v}\n".encode()),
    "YAML in quotes": lambda n, v: ("a.yml", f"llm: {{{n}: '{v}'}}\n".encode()),
    "YAML beside a name": lambda n, v: ("a.yml", f"- name: {n}\n  value: {v}\n".encode()),
    "TOML": lambda n, v: ("a.toml", f'[llm]\n{n} = "{v}"\n'.encode()),
    "a call": lambda n, v: ("a.py", f'LM("m", {n}="{v}")\n'.encode()),
    "an address": lambda n, v: ("a.txt", f"https://h.example/x?{n}={v}&b=1\n".encode()),
    "a command": lambda n, v: ("a.sh", f"run --{n} {v} now\n".encode()),
    "JSON in a text": lambda n, v: ("a.json", as_json({"x": json.dumps({n: v})})),
    "XML": lambda n, v: ("a.xml", f"<x><{n}>{v}</{n}></x>".encode()),
    "UTF-16": lambda n, v: ("a.ini", f"{n} = {v}\r\n".encode("utf-16-le")),
    "a zip": lambda n, v: ("a.zip", zipped(".env", f"{n}={v}\n".encode())),
    "base64": lambda n, v: ("a.txt", b64encode(f"{n}={v}\n".encode())),
    "a pickle": lambda n, v: ("a.pkl", pickle.dumps({n: v})),
    "a pickle's bytes": lambda n, v: ("a.pkl", pickle.dumps({n: v.encode()})),
}


def planted() -> Iterator[tuple[str, str, str, bytes]]:
    """Every kind at every place: which, the secret, the name and bytes of a file."""
    random = Random(12)
    for token in kinds.tokens(random):
        for place, write in AROUND.items():
            yield f"{token.kind} in {place}", token.text, *write(token.text)
    for name in kinds.NAMED:
        for place, write in BESIDE.items():
            value = kinds.value(random)
            yield f"{name} in {place}", value, *write(name, value)


def test_there_are_more_than_a_hundred_kinds():
    assert len(kinds.tokens(Random(1))) + len(kinds.NAMED) > 100


def test_95_of_100_secrets_of_public_kinds_are_found_and_none_is_told(tmp_path: Path):
    missed, count = [], 0
    for what, secret, name, content in planted():
        path = tmp_path / name
        path.write_bytes(content)
        count += 1
        found = secrets_in(path)
        assert secret not in str(found), what
        if not found:
            missed.append(what)
    print(f"{count - len(missed)} of {count} were found")
    assert len(missed) <= 0.05 * count, (count, missed)


@pytest.mark.parametrize("token", kinds.tokens(Random(4)), ids=lambda token: token.kind)
def test_a_text_without_its_secrets_has_none(token: kinds.Planted):
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
    """A text of a kind that must not be refused."""
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
    """Texts of real programs; none without a corpus."""
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


def test_of_2000_harmless_texts_not_one_in_200_is_refused(tmp_path: Path):
    random = Random(7)
    texts = of_the_corpus()[:1000]
    texts += [harmless(random) for _ in range(2000 - len(texts))]
    false = [text for text in texts if secrets.find_in_lines(text) or secrets.find({"q": text})]
    print(f"{len(false)} of {len(texts)} were taken for secrets")
    assert len(texts) == 2000
    assert len(false) <= 10, false
