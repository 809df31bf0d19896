"""The document of a version, and the version object."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dspyreg.errors import UnsupportedFormat
from dspyreg.model import canonical
from dspyreg.model.digest import Digest
from dspyreg.model.document import Document, File, described, file_path, files_digest
from dspyreg.model.version import Transition, Version

STATE = File("program.json", Digest.of(b"{}"), 2)
OTHER = File("a/b.txt", Digest.of(b"b"), 1)


def a_document(**more: Any) -> Document:
    told: dict[str, Any] = {
        "program": "qa",
        "files": (STATE,),
        "author": "ada",
        "time": "2026-11-20T19:02:11.123456Z",
        "metadata": {"optimizer": "MIPROv2"},
        "changelog": "first",
        "parent": None,
        "change_type": None,
        "context": {"host": "h"},
    }
    return Document(**{**told, **more})


def changed(**members: Any) -> bytes:
    return canonical.dumps({**json.loads(a_document().to_bytes()), **members})


def test_a_version_document_round_trips():
    document = a_document(contract={"predictors": []})
    assert Document.read(document.to_bytes()) == document


def test_a_version_document_is_canonical_for_any_order_of_files():
    one, two = a_document(files=(STATE, OTHER)), a_document(files=(OTHER, STATE))
    assert one.to_bytes() == two.to_bytes() == canonical.dumps(json.loads(one.to_bytes()))


def test_unknown_members_of_a_version_document_are_ignored():
    assert Document.read(changed(tomorrow={"x": 1})) == a_document()


def test_an_unknown_member_of_a_file_is_ignored():
    files = [{**STATE._asdict(), "mode": 0o644}]
    assert Document.read(changed(files=files)) == a_document()


def test_an_unknown_format_of_a_version_document_is_refused_by_its_number():
    with pytest.raises(UnsupportedFormat) as caught:
        Document.read(changed(format=2))
    assert (caught.value.found, caught.value.exit_code) == ("2", 7)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"7", b"[]", b"{}", b'{"format":"1"}', b'{"format":true}', b'{"format":1}'),
        b"\xff",
        changed(files=[{"path": "../x", "digest": STATE.digest, "size": 1}]),
        changed(files=[{"path": 5, "digest": STATE.digest, "size": 1}]),
        changed(files=[{"path": "x", "digest": "b3:0", "size": 1}]),
        changed(files=[{"path": "x", "digest": STATE.digest, "size": "big"}]),
        changed(files=["x"]),
        changed(files=7),
    ],
)
def test_an_invalid_version_document_is_a_value_error(data: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - json chooses some of the words
        Document.read(data)


@pytest.mark.parametrize("path", ["program.json", "a/b/c", "ä b", "a..b", "...", "x" * 1024])
def test_a_relative_path_is_accepted(path: str):
    assert file_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "..", "a/../b", ".", "a//b", "a/", "./a", "a\\b", "a\nb", "a\0"],
)
def test_an_absolute_or_unsafe_path_is_a_value_error(path: str):
    with pytest.raises(ValueError, match="not a relative path"):
        file_path(path)


def test_a_path_is_at_most_1024_bytes():
    with pytest.raises(ValueError, match="1024"):
        file_path("ä" * 513)


def test_the_digest_of_files_depends_on_their_paths_and_bytes():
    assert files_digest((STATE,)) != files_digest((STATE._replace(path="x"),))
    assert files_digest((STATE,)) != files_digest((STATE._replace(digest=OTHER.digest),))


def a_version(**more: Any) -> Version:
    told: dict[str, Any] = {
        **dict.fromkeys(Version._fields),
        **described(a_document()),
        "program": "qa",
        "label": "1.0.0",
        "number": 1,
        "digest": Digest.of(a_document().to_bytes()),
        "stage": "staging",
        "is_deployed": False,
        "live_in": (),
        "metrics": {},
        "tags": ("nightly",),
        "files": (STATE,),
        "transitions": (Transition(1, "t", "ada", None, "development", "Registered"),),
    }
    return Version(**{**told, **more})


def test_a_version_round_trips_through_json():
    version = a_version()
    assert Version.from_json(json.loads(json.dumps(version.to_json()))) == version


def test_a_version_is_named_by_its_program_and_label():
    assert str(a_version()) == "qa@1.0.0"


def test_a_version_with_a_lost_document_is_described_with_nulls():
    lost = described(None)
    assert set(lost) == set(described(a_document()))
    assert (lost["files"], lost["metadata"], lost["files_digest"]) == ([], {}, None)
