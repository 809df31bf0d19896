"""The bytes of files being registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dspyreg.errors import Conflict
from dspyreg.registry.artifacts import contents
from dspyreg.registry.artifacts.contents import Contents

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "_MAX_KEPT", 0)


def test_the_bytes_that_were_screened_are_stored_even_if_the_file_changes(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"searched")
    data = Contents({"a.txt": path})
    assert data["a.txt"] == b"searched"
    path.write_bytes(b"changed")
    assert data["a.txt"] == b"searched"


def test_a_file_too_large_for_memory_is_read_again(tmp_path: Path, without_room: None):
    path = tmp_path / "a.txt"
    path.write_bytes(b"searched")
    data = Contents({"a.txt": path})
    assert [data["a.txt"], data["a.txt"]] == [b"searched", b"searched"]


def test_a_file_changed_after_screening_is_a_conflict(tmp_path: Path, without_room: None):
    path = tmp_path / "a.txt"
    path.write_bytes(b"searched")
    data = Contents({"a.txt": path})
    assert data["a.txt"] == b"searched"
    path.write_bytes(b"sk-changed")
    with pytest.raises(Conflict, match="changed while it was being read"):
        data["a.txt"]


def test_testing_for_a_file_reads_nothing(tmp_path: Path):
    data = Contents({"gone.txt": tmp_path / "gone.txt"})
    assert "gone.txt" in data
    assert "other.txt" not in data
    assert len(data) == 1
