"""Secrets that enter by any argument or file: neither stored nor printed nor emitted."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from commandline import dspyreg

if TYPE_CHECKING:
    from pathlib import Path

# Lower case, as in program names; no part of it occurs in other output.
TOKEN = "gl" + "pat-" + "q7x2k9w4z8v3m6t1r5y0"
HIDDEN = TOKEN[6:]
STATE = (
    '{"predict": {"demos": [], "lm": null, "signature": {"instructions": "Answer.", "fields": []}}}'
)

WITH_SECRETS = {
    "state.json": STATE.replace("Answer.", f"Answer with {TOKEN} ."),
    "key.json": STATE.replace("demos", TOKEN),
    "model.json": STATE.replace("null", f'{{"model": "m", "api_key": "{HIDDEN}"}}'),
    ".env": f"A=1\nexport HF_TOKEN={TOKEN}\n",
    f"{TOKEN}.json": STATE,
    f"below/{TOKEN}/program.json": STATE,
    "meta.yaml": f"source: {TOKEN}\n",
    "metrics.yaml": f"{TOKEN}: 0.5\n",
    "result.json": json.dumps({"score": 0.5, "note": TOKEN}),
    "hook.yaml": f"hooks:\n  after:\n    deploy: ['curl -H x:{TOKEN} https://h.example']\n",
    "comment.yaml": f"# {TOKEN}\nmetrics: {{primary: em}}\n",
    "environment.yaml": f"environments:\n  live: {{url: 'https://{TOKEN}@h.example'}}\n",
    "named.yaml": f"environments:\n  {TOKEN}: {{min_stage: development}}\n",
    "notify.yaml": f"notify:\n  - {{url: 'https://h.example/?t={TOKEN}'}}\n",
}
DOORS = {
    "a state": "register qa state.json",
    "a key of a state": "register qa key.json",
    "a language model": "register qa model.json",
    "settings of a shell": "register qa .env",
    "the name of a file": f"register qa {TOKEN}.json",
    "the name of a directory": "register qa below",
    "the name of no file": f"register qa missing-{TOKEN}",
    "metadata": f"register qa program.json --meta source={TOKEN}",
    "a key of metadata": f"register qa program.json --meta {TOKEN}=1",
    "no metadata": f"register qa program.json --meta {TOKEN}",
    "a file of metadata": "register qa program.json --meta-file meta.yaml",
    "a changelog": f"register qa program.json --changelog {TOKEN}",
    "a tag": f"register qa program.json --tag {TOKEN}",
    "a metric": f"register qa program.json --metric {TOKEN}=1",
    "a metric's number": f"register qa program.json --metric em={TOKEN}",
    "a file of metrics": "register qa program.json --metrics-file metrics.yaml",
    "a class": f"register qa program.json --class {TOKEN}:Program",
    "a version's label": f"register qa program.json --version {TOKEN}",
    "build of a label": f"register qa program.json --version 1.2.0+{TOKEN}",
    "a program": f"register {TOKEN} program.json",
    "an operation's key": f"register qa program.json --operation-id {TOKEN}",
    "who acts": f"register qa program.json --as {TOKEN}",
    "an address": f"register qa program.json --as https://me:{HIDDEN}@h.example",
    "the reason to promote": f"promote qa@1.0.0 --reason {TOKEN}",
    "a rung": f"promote qa@1.0.0 --to {TOKEN}",
    "the reason to archive": f"archive qa@1.0.0 --reason {TOKEN}",
    "a selector": f"archive qa@{TOKEN}",
    "the reason to undo": f"undo --reason {TOKEN} --yes",
    "what to undo": f"undo {TOKEN}",
    "the reason to deploy": f"deploy qa@1.0.0 --env development --reason {TOKEN}",
    "an environment": f"deploy qa@1.0.0 --env {TOKEN}",
    "a way to select": f"deploy qa --env development --select {TOKEN}",
    "a score": f"score qa@1.0.0 {TOKEN}=1",
    "a score's number": f"score qa@1.0.0 em={TOKEN}",
    "a file of scores": "score qa@1.0.0 --file metrics.yaml",
    "the reason of a score": f"score qa@1.0.0 em=1 --reason {TOKEN}",
    "the reason to approve": f"approve qa@1.0.0 --reason {TOKEN}",
    "evidence": f"evidence add qa@1.0.0 {TOKEN}",
    "a note": f"evidence add qa@1.0.0 load --note {TOKEN}",
    "a file of evidence": "evidence add qa@1.0.0 load --file .env",
    "the name of evidence": f"evidence add qa@1.0.0 load --file {TOKEN}.json",
    "a hook": "config apply hook.yaml --yes",
    "a comment": "config apply comment.yaml --yes",
    "an environment's address": "config apply environment.yaml --yes",
    "an environment's name": "config apply named.yaml --yes",
    "a notification": "config apply notify.yaml --yes",
    "the reason of a configuration": f"config apply plain.yaml --yes --reason {TOKEN}",
    "a preset": f"init --preset {TOKEN}",
}


@pytest.fixture
def busy(store: Path, here: Path) -> Path:
    """A registry with a version, and files that hold secrets beside it."""
    dspyreg("register", "qa", "program.json")
    (here / "plain.yaml").write_text("metrics: {primary: em}\n")
    for name, text in WITH_SECRETS.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text)
    return store


def unpacked(content: bytes) -> bytes:
    for undo in (zlib.decompress, gzip.decompress):
        try:
            return content + undo(content)
        except (zlib.error, OSError, EOFError):
            continue
    return content


def bytes_of(store: Path) -> bytes:
    """Return every byte of a store, decompressed where needed, and every name."""
    paths = sorted(store.rglob("*"))
    names = "\n".join(str(path.relative_to(store)) for path in paths).encode()
    return names + b"".join(unpacked(path.read_bytes()) for path in paths if path.is_file())


@pytest.mark.parametrize("more", ["", "--json", "--redact", "--dry-run"])
@pytest.mark.parametrize("door", DOORS.values(), ids=list(DOORS))
def test_a_refused_secret_is_neither_stored_nor_printed_nor_emitted(
    busy: Path, here: Path, door: str, more: str
):
    words = [*door.split(), *more.split(), "--events", "events.jsonl"]
    ran = dspyreg(*words)
    events = here / "events.jsonl"
    told = ran.out + ran.err + (events.read_text() if events.exists() else "")
    assert HIDDEN not in told
    assert HIDDEN.encode() not in bytes_of(busy)
    assert ran.status != 0 or more == "--redact", "it was neither refused nor redacted"


@pytest.mark.parametrize("door", ["a state", "metadata", "a changelog", "a tag", "a note"])
def test_an_allowed_secret_is_stored_where_the_test_searches_for_it(
    busy: Path, here: Path, door: str
):
    (here / "program.json").write_text(STATE.replace("Answer.", "Answer briefly."))
    assert dspyreg(*DOORS[door].split(), "--allow-secrets").status == 0
    assert HIDDEN.encode() in bytes_of(busy)
