"""An index is replaced or removed only while nobody has a transaction on it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from builders import unprivileged

from dspyreg.store.alone import alone_with, remove
from dspyreg.store.index import Behind

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)


def written(path: Path, word: str) -> Path:
    with closing(opened(path)) as db:
        db.execute("create table said (word text)")
        db.execute("insert into said values (?)", (word,))
    return path


def said(path: Path) -> str:
    with closing(opened(path)) as db:
        (word,) = db.execute("select word from said").fetchone()
        return str(word)


def test_an_empty_file_that_was_made_for_it_goes_again(path: Path):
    with alone_with(path):
        assert path.exists()
    assert not path.exists()


def test_what_was_there_stays(path: Path):
    written(path, "here")
    with alone_with(path) as db:
        assert db.execute("select word from said").fetchone() == ("here",)
    assert said(path) == "here"


def test_who_has_a_transaction_is_not_disturbed(path: Path):
    written(path, "before")
    with closing(opened(path)) as writer:
        writer.execute("begin immediate")
        with pytest.raises(Behind), alone_with(path, patience=0.01):
            pytest.fail("it is not alone")
        writer.execute("update said set word = 'after'")
        writer.execute("commit")
    assert said(path) == "after"


def test_others_wait_and_find_what_was_put_in_its_place(path: Path, tmp_path: Path):
    found: list[str] = []

    def wait() -> None:
        with alone_with(path) as db:
            found.extend(db.execute("select word from said").fetchone())

    with alone_with(path):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.1)
        written(tmp_path / "other", "new").replace(path)
    waiting.join()
    assert found == ["new"]


def test_what_is_no_database_is_removed_first(path: Path):
    path.write_bytes(b"x" * 5000)
    with alone_with(path):
        assert path.read_bytes() == b""


def test_what_a_killed_transaction_left_damages_no_other_file(path: Path, tmp_path: Path):
    written(path, "before")
    with closing(opened(path)) as db:
        db.execute("pragma cache_size = 2")
        db.execute("begin immediate")
        db.execute("update said set word = 'after'")
        db.execute("create table large as select hex(zeroblob(500000)) as x")  # more than the cache
        left = tmp_path / "left"
        left.mkdir()
        for each in (path, path.with_name("index.sqlite-journal")):
            shutil.copy(each, left / each.name)
    killed = left / "index.sqlite"
    with alone_with(killed):
        assert not (left / "index.sqlite-journal").exists(), "it was not undone"
        written(tmp_path / "other", "new").replace(killed)
    assert said(killed) == "new"


def test_nobody_is_alone_with_a_file_that_cannot_be_written(path: Path):
    written(path, "x").chmod(0o444)
    with (
        unprivileged(path.parent),
        pytest.raises(OSError, match="cannot replace"),
        alone_with(path),
    ):
        pytest.fail("SQLite takes no lock there")


def test_what_cannot_be_opened_is_an_error_of_the_system(path: Path):
    path.mkdir()
    with pytest.raises(OSError, match="cannot replace"), alone_with(path):
        pytest.fail("a directory was opened")


def test_to_remove_takes_the_journal_along(path: Path):
    written(path, "x")
    path.with_name("index.sqlite-journal").write_bytes(b"")
    with alone_with(path):
        remove(path)
        assert list(path.parent.iterdir()) == []
