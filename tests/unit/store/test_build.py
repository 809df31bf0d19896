"""Building an index in one transaction; a foreign file in its place is replaced, not truncated."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry, unprivileged

from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.model.line import Line
from dspyreg.store import build as building
from dspyreg.store.build import build, remove
from dspyreg.store.index import Index
from dspyreg.store.index_file import Behind, Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.store.index_state import IndexState


class Made:
    """A store of two versions, and an index of it built directly."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "index.sqlite"
        with a_local_registry(directory / "store", caches=[]) as registry:
            programs = Programs(registry, directory)
            programs.register("qa", "1.0.0")
            programs.register("qa", "2.0.0")
        self.store = local.open_store(Location.of(directory / "store"))

    def lines(self) -> Iterable[Line]:
        return self.store.journal.read(self.store.genesis)

    def build(
        self,
        *,
        lines: Callable[[], Iterable[Line]] | None = None,
        then: Callable[[IndexState], None] = lambda _: None,
        anew: bool = False,
    ) -> None:
        build(self.path, lines or self.lines, self.store.blobs, then, anew=anew)

    def labels(self) -> list[str]:
        """Return the labels in the index, as another process reads them."""
        with closing(opened(self.path)) as db:
            return [label for (label,) in db.execute("select label from versions order by number")]

    def lie(self) -> None:
        with closing(opened(self.path)) as db:
            db.execute("update versions set label = 'a lie'")


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


RIGHT, LIES = ["1.0.0", "2.0.0"], ["a lie", "a lie"]


def test_an_index_built_by_another_process_is_reused(made: Made):
    made.build()
    made.lie()
    made.build()
    assert made.labels() == LIES


def test_an_index_is_rebuilt_on_request(made: Made):
    made.build()
    made.lie()
    made.build(anew=True)
    assert made.labels() == RIGHT


def test_readers_use_the_old_index_until_a_rebuild_is_done(made: Made):
    made.build()
    made.lie()
    seen = []
    made.build(anew=True, then=lambda _: seen.extend(made.labels()))
    assert (seen, made.labels()) == (LIES, RIGHT)


def test_a_process_that_waited_for_a_build_uses_its_result(made: Made):
    read = list[Line]()

    def noted() -> Iterable[Line]:
        for line in made.lines():
            read.append(line)
            yield line

    waiting = threading.Thread(target=made.build, kwargs={"lines": noted})

    def begin_to_wait(_: IndexState) -> None:
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()

    made.build(then=begin_to_wait)
    waiting.join()
    assert (made.labels(), read) == (RIGHT, [])


def test_rebuilding_keeps_the_file_of_an_index_in_use(made: Made):
    """SQLite would take the journal of a transaction on a new file for one on the old file."""
    made.build()
    inode = made.path.stat().st_ino
    made.build(anew=True)
    assert made.path.stat().st_ino == inode


def without_meta(path: Path) -> None:
    with closing(opened(path)) as db:
        db.execute("drop table meta")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: os.truncate(path, 0),
        lambda path: os.truncate(path, 5000),
        lambda path: path.write_bytes(b"garbage " * 100 + path.read_bytes()[800:]),
        without_meta,
    ],
    ids=["empty", "short", "other", "no meta"],
)
def test_a_process_with_a_damaged_index_open_notices_its_replacement(
    made: Made, damage: Callable[[Path], None]
):
    """Rewriting the same file would go unnoticed: SQLite counts the changes of a file from 1."""
    made.build()
    reader = Index(made.path, made.store.blobs)
    assert reader.head(made.store.genesis).seq == 2
    damage(made.path)
    made.build(anew=True)
    assert made.labels() == RIGHT
    assert not reader.is_in_place()
    reader.close()


def test_every_new_index_file_has_a_new_name(made: Made):
    """SQLite would take the journal of a transaction on one file for one on the other."""
    made.build()
    first = made.path.resolve()
    made.path.unlink()
    made.build()
    assert first.exists()
    assert made.path.resolve() not in {first, made.path}
    with closing(opened(first)) as reader, closing(opened(made.path)) as writer:
        writer.execute("pragma cache_size = 2")
        writer.execute("begin immediate")
        writer.execute("update versions set label = 'a lie'")
        writer.execute("create table large as select hex(zeroblob(500000)) as x")
        assert reader.execute("select count(*) from versions").fetchone() == (2,)
        writer.execute("commit")
    assert made.labels() == LIES


def test_a_dangling_index_link_is_replaced(made: Made):
    made.build()
    made.path.resolve().unlink()
    made.build()
    assert made.labels() == RIGHT


def test_the_target_of_a_foreign_index_link_is_left_alone(made: Made, tmp_path: Path):
    (tmp_path / "precious").write_text("my only copy")
    made.path.symlink_to(tmp_path / "precious")
    made.build()
    assert made.labels() == RIGHT
    assert (tmp_path / "precious").read_text() == "my only copy"


def test_a_foreign_database_behind_the_index_link_is_left_alone(made: Made, tmp_path: Path):
    with closing(opened(tmp_path / "photos")) as db:
        db.execute("create table photos (name)")
        made.path.symlink_to(tmp_path / "photos")
        made.build()
        assert db.execute("select name from sqlite_master").fetchall() == [("photos",)]
    assert made.labels() == RIGHT


def test_a_foreign_database_in_place_of_the_index_is_replaced_and_not_emptied(
    made: Made, tmp_path: Path
):
    with closing(opened(made.path)) as db:
        db.execute("create table photos (name)")
        os.link(made.path, tmp_path / "photos")
        made.build()
        assert db.execute("select name from sqlite_master").fetchall() == [("photos",)]
    assert made.labels() == RIGHT


def test_an_index_is_built_on_a_file_system_without_links(
    made: Made, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "symlink", refuse)
    made.build()
    assert made.labels() == RIGHT


def test_a_failed_build_leaves_the_old_index(made: Made):
    made.build()
    made.lie()

    def fail(_: IndexState) -> None:
        raise KeyError("no refs")

    with pytest.raises(KeyError, match="no refs"):
        made.build(then=fail, anew=True)
    assert made.labels() == LIES


def test_a_killed_build_leaves_the_old_index(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made.build()
    made.lie()
    monkeypatch.setattr(building, "_CACHE_KIB", 8)  # small, so that much is written early
    file, left = made.path.resolve(), tmp_path / "left"
    left.mkdir()

    def as_if_killed(_: IndexState) -> None:
        for path in (file, journal := file.with_name(f"{file.name}-journal")):
            shutil.copy(path, left / path.name)
        assert journal.stat().st_size > 0

    made.build(then=as_if_killed, anew=True)
    assert made.labels() == RIGHT
    made.path = left / file.name
    assert made.labels() == LIES


def test_a_build_waits_for_an_open_transaction(made: Made, monkeypatch: pytest.MonkeyPatch):
    made.build()
    monkeypatch.setattr(building, "PATIENCE", 0.01)
    with closing(opened(made.path)) as writer:
        writer.execute("begin immediate")
        with pytest.raises(Behind):
            made.build(anew=True)
        with pytest.raises(Behind):
            remove(made.path, made.path.stat().st_ino, patience=0.01)
        writer.execute("update versions set label = 'a lie'")
        writer.execute("commit")
    assert made.labels() == LIES


def test_an_index_removed_by_one_process_is_built_by_the_next(made: Made):
    made.build()
    remove(made.path, made.path.stat().st_ino, patience=1.0)
    with pytest.raises(Stale):
        Index(made.path, made.store.blobs)
    made.build()
    assert made.labels() == RIGHT


def test_removal_spares_an_index_that_was_replaced_meanwhile(made: Made):
    made.build()
    inode = made.path.stat().st_ino
    made.path.rename(made.path.with_name("elsewhere"))
    made.build()
    remove(made.path, inode, patience=1.0)
    assert made.labels() == RIGHT


def test_a_build_that_waits_for_a_replaced_file_builds_the_new_one(
    made: Made, monkeypatch: pytest.MonkeyPatch
):
    made.build()
    held = building._held
    replaced = iter([True])

    @contextmanager
    def late(path: Path, how: str, patience: float) -> Iterator[sqlite3.Connection]:
        with held(path, how, patience) as db:
            if next(replaced, False):
                path.unlink()
            yield db

    monkeypatch.setattr(building, "_held", late)
    made.build(anew=True)
    assert made.labels() == RIGHT


def test_an_unwritable_index_file_is_an_os_error(made: Made, tmp_path: Path):
    made.build()
    made.path.chmod(0o444)
    with unprivileged(tmp_path), pytest.raises(OSError, match="cannot build"):
        made.build(anew=True)


def test_an_unwritable_damaged_index_file_is_an_os_error(made: Made, tmp_path: Path):
    made.path.write_bytes(b"no database" * 1000)
    made.path.chmod(0o444)
    with unprivileged(tmp_path), pytest.raises(PermissionError):
        made.build()


def test_an_index_that_cannot_be_opened_is_an_os_error(made: Made):
    (made.path / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="in the way"):
        made.build()


@pytest.mark.parametrize("suffix", ["", "-journal", "-wal"])
def test_an_index_file_with_a_second_hard_link_is_rebuilt_in_another_file(
    made: Made, tmp_path: Path, suffix: str
):
    made.build()
    made.lie()
    file = made.path.resolve()
    shared = file.with_name(file.name + suffix)
    shared.touch()
    os.link(shared, tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    with pytest.raises(Stale):
        Index(made.path, made.store.blobs)
    made.build()
    assert made.labels() == RIGHT
    assert made.path.resolve() != file
    assert (tmp_path / "backup").read_bytes() == before


@pytest.mark.parametrize("name", ["index.sqlite.0000000g", "x.sqlite.00000000", "../index"])
def test_an_index_link_to_a_foreign_file_name_is_not_followed(
    made: Made, tmp_path: Path, name: str
):
    made.build()
    other = tmp_path / name
    made.path.resolve().rename(other)
    made.path.unlink()
    made.path.symlink_to(name)
    with pytest.raises(Stale):
        Index(made.path, made.store.blobs)
    made.build()
    assert other.exists()
    assert made.path.resolve() != other.resolve()
