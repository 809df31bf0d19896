"""The worked example of docs/reference/format.md, read by a reader written from that page only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import worked_example
from blake3 import blake3
from builders import a_local_registry

from dspyreg.config.value import DEFAULT
from dspyreg.formats import known as formats
from dspyreg.model import canonical, names
from dspyreg.model.canary import Canary
from dspyreg.model.state import Pointer

PAGE = Path(__file__).parents[2] / "docs/reference/format.md"
FENCE = re.compile(r"^```\w+ ([^\n]+)\n(.*?\n)```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(FENCE.findall(PAGE.read_text(encoding="utf-8")))
LINE = re.compile(
    rb'\{[^\x00-\x1f]+,"seq":([1-9][0-9]{0,18}),"prev":"(b3:[0-9a-f]{64})","id":"(b3:[0-9a-f]{64})"\}'
)
LOG = "log/00000000000000000001.jsonl"


def shown() -> dict[str, bytes]:
    """Return the files on the page, by their path in the store."""
    files = {}
    for place, text in BLOCKS.items():
        if place.startswith(".dspyreg/"):
            name = place.removeprefix(".dspyreg/")
            whole = text.removesuffix("\n") if name.startswith("objects/") else text
            files[name] = whole.encode()
    return files


def digest(data: bytes) -> str:
    return "b3:" + blake3(data).hexdigest()


def read_log(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Return the entries, each checked against its own id and the previous line."""
    line_1 = files["format"].partition(b"\n")[0] + b"\n"
    seq, before, entries = 0, digest(line_1), []
    for line in files[LOG].removesuffix(b"\n").split(b"\n"):
        match = LINE.fullmatch(line)
        assert match is not None
        assert len(line) < 65536
        assert (int(match[1]), match[2].decode()) == (seq + 1, before)
        assert digest(line[: line.rindex(b',"id":')]) == match[3].decode()
        seq, before = seq + 1, match[3].decode()
        entries.append(json.loads(line))
    return entries


def state_at(entries: list[dict[str, Any]], seq: int) -> dict[str, Any]:
    """Return the names and their values; replay reads only ``changes``."""
    state: dict[str, Any] = {}
    for entry in entries[:seq]:
        for change in entry["changes"]:
            assert state.get(change["name"]) == change["old"]
            state[change["name"]] = change["new"]
            if change["new"] is None:
                del state[change["name"]]
    return state


def effective(entries: list[dict[str, Any]]) -> set[int]:
    undone: set[int] = set()
    for entry in reversed(entries):
        if "undoes" in entry and entry["seq"] not in undone:
            undone.add(entry["undoes"])
    return {entry["seq"] for entry in entries} - undone


def test_the_registry_id_contains_its_own_checksum():
    line_1, line_2, rest = shown()["format"].split(b"\n")
    identity = line_1.removeprefix(b"dspyreg ")
    assert len(identity) == 32
    assert blake3(identity[:24]).hexdigest()[:8] == identity[24:].decode()
    assert (line_2, rest) == (b"format 1", b"")


def test_every_blob_is_stored_under_its_digest():
    blobs = {name: data for name, data in shown().items() if name.startswith("objects/")}
    assert len(blobs) == 2
    for name, data in blobs.items():
        hexadecimal = blake3(data).hexdigest()
        assert name == f"objects/{hexadecimal[:2]}/{hexadecimal[2:]}"


def test_the_log_of_the_example_is_a_valid_chain():
    assert [entry["operation"] for entry in read_log(shown())] == ["register", "promote", "undo"]


def test_a_changed_byte_breaks_the_chain():
    files = shown()
    files[LOG] = files[LOG].replace(b"smoke tests", b"smoke tosts", 1)
    with pytest.raises(AssertionError):
        read_log(files)


def test_replaying_the_changes_gives_the_state_on_the_page():
    state = state_at(read_log(shown()), 3)
    assert state == json.loads(BLOCKS["state at 3"])


def test_an_undone_entry_is_not_effective():
    assert effective(read_log(shown())) == {1, 3}


def test_the_version_is_live_in_the_state_before_the_undo():
    state = state_at(read_log(shown()), 2)
    assert state["environments/qa/staging"]["live"] == 1


def test_the_expectations_of_an_entry_hold_before_it():
    entries = read_log(shown())
    for entry in entries:
        state = state_at(entries, entry["seq"] - 1)
        for name, value in entry.get("expects", []):
            if name.endswith("/"):
                assert newest_under(entries[: entry["seq"] - 1], name) == value
            else:
                assert state.get(name) == value


def newest_under(entries: list[dict[str, Any]], prefix: str) -> int:
    touched = (
        entry["seq"]
        for entry in entries
        for change in entry["changes"]
        if change["name"].startswith(prefix)
    )
    return max(touched, default=0)


def test_the_version_document_is_canonical_and_names_the_files():
    files = shown()
    address = state_at(read_log(files), 3)["versions/qa/1"]["document"]
    data = files[f"objects/{address[3:5]}/{address[5:]}"]
    document = json.loads(data)
    assert data == json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    (file,) = document["files"]
    content = files[f"objects/{file['digest'][3:5]}/{file['digest'][5:]}"]
    assert (digest(content), len(content)) == (file["digest"], file["size"])


def test_a_label_is_reserved_with_the_digest_of_the_files():
    content = json.dumps([["program.json", digest(worked_example.PROGRAM)]], separators=(",", ":"))
    reserved = state_at(read_log(shown()), 3)["reserved/qa/label/1.0.0"]
    assert reserved == digest(content.encode())


def test_every_digest_on_the_page_belongs_to_the_example():
    files = shown()
    listed = json.dumps([["program.json", digest(worked_example.PROGRAM)]], separators=(",", ":"))
    texts = (listed, BLOCKS["built-in configuration"].removesuffix("\n"))
    line_1 = files["format"].partition(b"\n")[0] + b"\n"
    known = {digest(data) for data in (*files.values(), line_1, *map(str.encode, texts))}
    known |= {entry["id"] for entry in read_log(files)}
    known.add(formats.read(worked_example.PROGRAM).digest())
    assert set(re.findall(r"b3:[0-9a-f]{64}", PAGE.read_text(encoding="utf-8"))) <= known


def test_the_built_in_configuration_is_as_the_page_shows():
    text = BLOCKS["built-in configuration"].removesuffix("\n").encode()
    assert text == canonical.dumps(DEFAULT.to_json())
    assert digest(text) == read_log(shown())[1]["evidence"]["configuration"]


def test_dspyreg_writes_the_bytes_on_the_page(tmp_path: Path):
    store = tmp_path / "store"
    worked_example.make(store)
    made = worked_example.files(store)
    advice = {".gitignore", ".gitattributes"}
    assert {name: data for name, data in made.items() if name not in advice} == shown()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The registry on the page, as files."""
    for name, data in shown().items():
        path = tmp_path / "store" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "store"


def test_dspyreg_reads_the_registry_on_the_page(store: Path):
    with a_local_registry(store) as registry:
        assert registry.verify(repair=False).entries == 3
        assert registry.read("qa@1.0.0") == worked_example.PROGRAM
        assert registry.resolve("qa@staging", at="2").label == "1.0.0"
        assert registry.show("qa").stage == "development"


def test_dspyreg_needs_only_format_objects_and_log(store: Path):
    for path in sorted((store / "refs").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with a_local_registry(store) as registry:
        registry.promote("qa@1.0.0")
        assert registry.verify().ok


def appended(store: Path, **members: Any) -> None:
    """Append an entry as another writer would that knows only the page."""
    entries = read_log({name: (store / name).read_bytes() for name in ("format", LOG)})
    told = {
        "time": "2026-11-02T00:00:00.000000Z",
        "actor": "another writer",
        "operation_id": f"{len(entries):016x}",
        **members,
    }
    intent = json.dumps(told, ensure_ascii=False)[1:-1]
    body = f'{{{intent},"seq":{len(entries) + 1},"prev":"{entries[-1]["id"]}"'.encode()
    with open(store / LOG, "ab") as file:
        file.write(body + f',"id":"{digest(body)}"}}\n'.encode())


def test_dspyreg_continues_after_a_line_of_another_writer(store: Path):
    old = {"stage": "development", "reason": "Registered"}
    new = {"stage": "archived", "reason": "by hand"}
    change = {"name": "stages/qa/1", "old": old, "new": new}
    appended(store, operation="archive", program="qa", label="1.0.0", changes=[change])
    with a_local_registry(store) as registry:
        assert registry.show("qa@1.0.0").stage == "archived"
        registry.restore("qa@1.0.0")
    assert len(read_log({name: (store / name).read_bytes() for name in ("format", LOG)})) == 5


def test_an_unknown_operation_with_unknown_members_is_read_and_can_be_undone(store: Path):
    old = {"stage": "development", "reason": "Registered"}
    new = {"stage": "staging", "reason": "frozen", "until": "2027"}
    changes = [
        {"name": "stages/qa/1", "old": old, "new": new, "why": "a member of tomorrow"},
        {"name": "freezes/qa/1", "old": None, "new": [1, 2]},
    ]
    appended(store, operation="freeze", program="qa", label="1.0.0", changes=changes, mood="good")
    with a_local_registry(store) as registry:
        assert registry.show("qa@1.0.0").stage == "staging"
        registry.undo(4)
        assert registry.show("qa@1.0.0").stage == "development"
        assert registry.verify().ok


def test_unknown_members_of_any_value_are_ignored(store: Path):
    deployment = {
        "number": 1,
        "status": "live",
        "strategy": "replace",
        "percent": 100,
        "reason": None,
        "rollback_from": None,
        "restores": None,
        "region": "north",
    }
    pointer = {"live": 1, "deployment": "development-00000000deadbeef", "canary": None, "warm": 3}
    configuration = canonical.dumps({**DEFAULT.to_json(), "of": "tomorrow"})
    for data in (configuration, b"format: 1\n"):
        hexadecimal = blake3(data).hexdigest()
        path = store / "objects" / hexadecimal[:2] / hexadecimal[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    address = {"document": digest(configuration), "source": digest(b"format: 1\n"), "kind": "?"}
    changes = [
        {"name": "config", "old": None, "new": address},
        {
            "name": "deployments/qa/development/00000000deadbeef",
            "old": None,
            "new": deployment,
        },
        {"name": "environments/qa/development", "old": None, "new": pointer},
    ]
    appended(store, operation="deploy", program="qa", label="1.0.0", changes=changes)
    with a_local_registry(store) as registry:
        assert registry.resolve("qa@development").label == "1.0.0"
        assert registry.gc(dry_run=True).deleted == ()
        assert registry.verify().ok


def test_unknown_members_of_a_canary_are_ignored():
    canary = {"number": 2, "percent": 10, "deployment": "eu-1", "sticky": True}
    pointer = Pointer.of({"live": 1, "deployment": "eu-0", "canary": canary})
    assert pointer.canary == Canary(2, 10, "eu-1")


@pytest.mark.parametrize("letter", [" ", "/", "%", "~", "+", "-", "_", ".", "é", "日", '"', "@"])
def test_segments_of_log_names_are_encoded_as_the_page_says(letter: str):
    safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+-"
    spelt = letter if letter in safe else quote(letter, safe="")
    assert names.tag("qa", 1, f"a{letter}b") == f"tags/qa/1/a{spelt}b"
    assert names.split(f"tags/qa/1/a{spelt}b")[3] == f"a{letter}b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [None, True]}, '{"a":[null,true],"b":1}'),
        ("é\u2028\x7f", '"é\u2028\x7f"'),
        ('"\\\n\r\t\b\f\x01', '"\\"\\\\\\n\\r\\t\\b\\f\\u0001"'),
        (
            [0.81, 1.0, 1e-09, 1e16, 12345678901234567890],
            "[0.81,1.0,1e-09,1e+16,12345678901234567890]",
        ),
    ],
)
def test_canonical_json_is_written_as_the_page_says(value: Any, text: str):
    assert canonical.dumps(value) == text.encode()
