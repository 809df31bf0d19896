"""An index is built in its file, in one transaction: nobody who uses it is disturbed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry, unprivileged

from dspyreg.backends import local
from dspyreg.model.line import Line
from dspyreg.store import build as building
from dspyreg.store.build import build, empty
from dspyreg.store.index import Behind, Index, Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from dspyreg.store.past import Past


class Made:
    """A store of two versions, and an index of it that is made by hand."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "index.sqlite"
        with a_local_registry(directory / "store", caches=[]) as registry:
            programs = Programs(registry, directory)
            programs.register("qa", "1.0.0")
            programs.register("qa", "2.0.0")
        self.store = local.open_store(directory / "store")

    def lines(self) -> Iterable[Line]:
        return self.store.journal.read(self.store.genesis)

    def build(
        self,
        *,
        lines: Callable[[], Iterable[Line]] | None = None,
        then: Callable[[Past], None] = lambda _: None,
        anew: bool = False,
    ) -> None:
        build(self.path, lines or self.lines, self.store.blobs, then, anew=anew)

    def labels(self) -> list[str]:
        """What the index says, as somebody else reads it."""
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


def test_what_others_have_made_will_do(made: Made):
    made.build()
    made.lie()
    made.build()
    assert made.labels() == LIES


def test_unless_it_must_be_made_anew(made: Made):
    made.build()
    made.lie()
    made.build(anew=True)
    assert made.labels() == RIGHT


def test_until_it_is_done_others_read_what_stood_there(made: Made):
    made.build()
    made.lie()
    seen = []
    made.build(anew=True, then=lambda _: seen.extend(made.labels()))
    assert (seen, made.labels()) == (LIES, RIGHT)


def test_who_waited_for_a_build_takes_what_it_made(made: Made):
    read = list[Line]()

    def noted() -> Iterable[Line]:
        for line in made.lines():
            read.append(line)
            yield line

    waiting = threading.Thread(target=made.build, kwargs={"lines": noted})

    def begin_to_wait(_: Past) -> None:
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()

    made.build(then=begin_to_wait)
    waiting.join()
    assert (made.labels(), read) == (RIGHT, [])


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no database" * 1000),
        lambda path: os.truncate(path, 5000),
        lambda path: sqlite3.connect(path, isolation_level=None).execute("drop table meta"),
        lambda _: None,
    ],
    ids=["empty", "other", "short", "no meta", "whole"],
)
def test_the_file_is_never_replaced(made: Made, change: Callable[[Path], None]):
    """SQLite would take the journal of a transaction on the new file for one on the old."""
    made.build()
    inode = made.path.stat().st_ino
    change(made.path)
    made.build(anew=True)
    assert made.labels() == RIGHT
    assert made.path.stat().st_ino == inode


def test_a_build_that_fails_leaves_what_stood_there(made: Made):
    made.build()
    made.lie()

    def fail(_: Past) -> None:
        raise KeyError("no refs")

    with pytest.raises(KeyError, match="no refs"):
        made.build(then=fail, anew=True)
    assert made.labels() == LIES


def test_so_does_one_that_was_killed(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made.build()
    made.lie()
    monkeypatch.setattr(building, "_CACHE", 8)  # so little that much is written early
    left = tmp_path / "left"
    left.mkdir()

    def as_if_killed(_: Past) -> None:
        for path in (made.path, journal := made.path.with_name("index.sqlite-journal")):
            shutil.copy(path, left / path.name)
        assert journal.stat().st_size > 0

    made.build(then=as_if_killed, anew=True)
    assert made.labels() == RIGHT
    made.path = left / "index.sqlite"
    assert made.labels() == LIES


def test_who_has_a_transaction_is_waited_for(made: Made, monkeypatch: pytest.MonkeyPatch):
    made.build()
    monkeypatch.setattr(building, "PATIENCE", 0.01)
    with closing(opened(made.path)) as writer:
        writer.execute("begin immediate")
        with pytest.raises(Behind):
            made.build(anew=True)
        with pytest.raises(Behind):
            empty(made.path, patience=0.01)
        writer.execute("update versions set label = 'a lie'")
        writer.execute("commit")
    assert made.labels() == LIES


def test_an_index_that_was_emptied_is_none(made: Made):
    made.build()
    with closing(opened(made.path)) as reader:
        assert reader.execute("select count(*) from versions").fetchone() == (2,)
        empty(made.path)
        with pytest.raises(Stale):
            Index(made.path, made.store.blobs)
        made.build()
        assert reader.execute("select count(*) from versions").fetchone() == (2,)


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(made: Made, tmp_path: Path):
    made.build()
    made.path.chmod(0o444)
    with unprivileged(tmp_path), pytest.raises(OSError, match="cannot build"):
        made.build(anew=True)


def test_so_is_a_damaged_one(made: Made, tmp_path: Path):
    made.path.write_bytes(b"no database" * 1000)
    made.path.chmod(0o444)
    with unprivileged(tmp_path), pytest.raises(PermissionError):
        made.build()


def test_so_is_what_cannot_be_opened(made: Made):
    made.path.mkdir()
    with pytest.raises(OSError, match="cannot build"):
        made.build()
