"""Every connection to an index is closed; Python 3.13 warns otherwise."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_local_registry

if TYPE_CHECKING:
    from pathlib import Path

_connect = sqlite3.connect


class Connections:
    """Counts opened and closed connections."""

    def __init__(self) -> None:
        self.opened, self.closed = 0, 0

    def connect(self, *words: Any, **more: Any) -> sqlite3.Connection:
        """Open a connection that counts its closing."""
        counts = self

        class Counted(sqlite3.Connection):
            def close(self) -> None:
                counts.closed += 1
                super().close()

        connection = _connect(*words, factory=Counted, **more)
        self.opened += 1
        return connection


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    """The connections opened from now on."""
    counts = Connections()
    monkeypatch.setattr(sqlite3, "connect", counts.connect)
    return counts


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a version of a program, and its index."""
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        Programs(registry, tmp_path).register()
    return tmp_path / ".dspyreg"


def used_and_closed(store: Path, connections: Connections) -> None:
    """Use a registry, close it, and require that no connection is open."""
    with a_local_registry(store) as registry:
        assert registry.resolve("qa").label == "1.0.0"
        registry.verify()
    assert connections.opened > 0
    assert connections.closed == connections.opened


def test_a_registry_closes_its_connections(store: Path, connections: Connections):
    used_and_closed(store, connections)


def test_a_registry_without_an_index_closes_its_connections(store: Path, connections: Connections):
    (store / "index.sqlite").unlink()
    used_and_closed(store, connections)


@pytest.mark.parametrize("bytes_", [b"", b"no index", b"SQLite format 3\x00" + bytes(4080)])
def test_a_registry_with_a_damaged_index_closes_its_connections(
    store: Path, connections: Connections, bytes_: bytes
):
    (store / "index.sqlite").write_bytes(bytes_)
    used_and_closed(store, connections)


def test_a_registry_with_a_copied_index_closes_its_connections(
    store: Path, connections: Connections
):
    data = (store / "index.sqlite").read_bytes()
    (store / "index.sqlite").rename(store / "elsewhere")
    (store / "index.sqlite").write_bytes(data)
    used_and_closed(store, connections)


@pytest.mark.parametrize("change", ["delete from meta", "update meta set schema = 99"])
def test_a_registry_with_an_incompatible_index_closes_its_connections(
    store: Path, connections: Connections, change: str
):
    with _connect(store / "index.sqlite") as db:
        db.execute(change)
    db.close()
    used_and_closed(store, connections)


def test_a_registry_with_an_index_of_another_log_closes_its_connections(
    store: Path, connections: Connections
):
    with _connect(store / "index.sqlite") as db:
        db.execute("update meta set id = 'b3:' || substr(hex(zeroblob(32)), 1, 64)")
    db.close()
    used_and_closed(store, connections)
