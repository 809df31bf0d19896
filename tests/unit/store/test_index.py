"""The index is a cache: whatever happens to it, the log is right."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import traceback
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_local_registry, a_registry, unprivileged

from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.errors import RegistryError, StorageError
from dspyreg.store import index, view
from dspyreg.store.caches import Caches
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.store.index import Index


class Kept:
    """A store on disk with 1.0.0 in production and 2.0.0 in staging, opened for each access."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.told = directory / "store", list[str]()
        self.index = self.directory / "index.sqlite"
        self.caches = [self.index]
        with self.open() as registry:
            programs = Programs(registry, directory)
            programs.in_production("qa", "1.0.0")
            programs.register("qa", "2.0.0")
            registry.promote("qa@2.0.0")

    def open(self) -> Registry:
        """Open the store as a command does."""
        return a_local_registry(self.directory, caches=self.caches, tell=self.told.append)

    def answer(self) -> tuple[str, str, list[str]]:
        """Return the live and the existing versions."""
        with self.open() as registry:
            live = (registry.resolve(f"qa@{name}").label for name in ("production", "staging"))
            return *live, [version.label for version in registry.versions("qa").versions]

    @property
    def log(self) -> Path:
        return max((self.directory / "log").glob("*.jsonl"))

    def forget_last_entry(self) -> None:
        """Replace the log with an older one, as git does on a checkout."""
        lines = self.log.read_bytes().splitlines(keepends=True)
        self.log.write_bytes(b"".join(lines[:-1]))


RIGHT = ("1.0.0", "2.0.0", ["2.0.0", "1.0.0"])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A store with an index at the head."""
    return Kept(tmp_path)


def sql(path: Path, text: str) -> None:
    db = sqlite3.connect(path)
    db.execute(text)
    db.commit()
    db.close()


LIE = "update versions set label = 'a lie', json = replace(json, '2.0.0', 'a lie')"


def test_a_valid_index_is_used(kept: Kept):
    sql(kept.index, LIE)
    assert kept.answer()[2] == ["a lie", "1.0.0"]


def test_a_deleted_index_is_rebuilt(kept: Kept):
    kept.index.unlink()
    assert kept.answer() == RIGHT
    assert kept.index.exists()


def test_a_copied_index_is_rebuilt(kept: Kept, tmp_path: Path):
    """Another clone, or a restored backup: its content may be of another time."""
    sql(kept.index, LIE)
    shutil.copy(kept.index, tmp_path / "copy")
    (tmp_path / "copy").replace(kept.index)
    assert kept.answer() == RIGHT


def test_an_index_of_another_schema_is_rebuilt(kept: Kept):
    sql(kept.index, LIE)
    sql(kept.index, "update meta set schema = 9999")
    assert kept.answer() == RIGHT


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"\0",
        lambda _: b"not a database" * 1000,
        lambda data: data[:100],
        lambda data: data[: len(data) // 2],
        lambda data: b"\0" * len(data),
        lambda data: b"\0" * 100 + data[100:],
        lambda data: data[:100] + b"\0" * 4096 + data[4196:],
    ],
    ids=["empty", "NUL", "other", "short", "half", "zeros", "header", "schema"],
)
def test_a_damaged_index_is_rebuilt(kept: Kept, damage: Callable[[bytes], bytes]):
    kept.index.write_bytes(damage(kept.index.read_bytes()))
    assert kept.answer() == RIGHT
    assert kept.answer() == RIGHT


def test_damage_inside_an_index_fails_at_most_one_command(kept: Kept):
    """Only the pages needed are read; the command that meets the damage may fail."""
    whole = kept.index.read_bytes()
    for page in range(4096, len(whole), 4096):
        kept.index.write_bytes(whole[:page] + b"\xff" * 4096 + whole[page + 4096 :])
        with suppress(StorageError):
            assert kept.answer() == RIGHT
        assert kept.answer() == RIGHT
        kept.index.unlink()
        kept.answer()
        whole = kept.index.read_bytes()


def test_an_index_without_its_tables_is_rebuilt(kept: Kept):
    sql(kept.index, "drop table versions")
    with suppress(StorageError):
        assert kept.answer() == RIGHT
    assert kept.answer() == RIGHT


def test_a_directory_in_place_of_the_index_is_replaced(kept: Kept):
    kept.index.unlink()
    kept.index.mkdir()
    assert kept.answer() == RIGHT


def test_an_index_behind_the_log_catches_up(kept: Kept, tmp_path: Path):
    older = tmp_path / "older"
    older.mkdir()
    with a_local_registry(kept.directory, caches=[older / "index.sqlite"]) as registry:
        Programs(registry, tmp_path).register("qa", "3.0.0")
    assert kept.answer()[2] == ["3.0.0", "2.0.0", "1.0.0"]
    assert kept.told == []


def test_an_index_ahead_of_the_log_is_reported_and_rebuilt(kept: Kept):
    kept.forget_last_entry()
    with kept.open() as registry:
        assert registry.show("qa@2.0.0").stage == "development"
    assert ["ahead of the log" in text for text in kept.told] == [True]


def test_an_index_ahead_of_the_log_is_reported_once(kept: Kept):
    kept.forget_last_entry()
    for _ in range(3):
        with kept.open() as registry:
            registry.resolve("qa")
    assert len(kept.told) == 1


def test_verify_reports_an_index_ahead_of_the_log(kept: Kept):
    kept.forget_last_entry()
    with kept.open() as registry:
        verdict = registry.verify()
    assert any("ahead" in text for text in (*kept.told, *map(str, verdict.repaired)))


def test_a_log_with_another_history_is_reported_and_the_index_is_rebuilt(
    kept: Kept, tmp_path: Path
):
    kept.forget_last_entry()
    with a_local_registry(kept.directory, caches=[]) as registry:
        registry.archive("qa@2.0.0", reason="another history")
        Programs(registry, tmp_path).register("qa", "3.0.0")
    with kept.open() as registry:
        assert registry.show("qa@2.0.0").stage == "archived"
    assert len(kept.told) == 1
    assert "entry 5" in kept.told[0]


# Location of the index


def test_an_unwritable_store_is_read_with_an_index_elsewhere(kept: Kept, tmp_path: Path):
    kept.index.unlink()
    elsewhere = tmp_path / "cache" / "index.sqlite"
    kept.caches = [kept.index, elsewhere]
    with unprivileged(kept.directory):
        assert kept.answer() == RIGHT
    assert elsewhere.exists()
    assert not kept.index.exists()


def test_an_index_that_cannot_catch_up_is_replaced_by_one_elsewhere(kept: Kept, tmp_path: Path):
    with a_local_registry(kept.directory, caches=[]) as registry:
        Programs(registry, tmp_path).register("qa", "3.0.0")
    elsewhere = tmp_path / "cache" / "index.sqlite"
    kept.caches = [kept.index, elsewhere]
    kept.index.chmod(0o444)
    with unprivileged(kept.directory):
        assert kept.answer()[2] == ["3.0.0", "2.0.0", "1.0.0"]


def test_the_index_is_in_memory_when_nothing_is_writable(kept: Kept, tmp_path: Path):
    kept.index.unlink()
    cache = tmp_path / "cache"
    cache.mkdir()
    kept.caches = [kept.index, cache / "dspyreg" / "index.sqlite"]
    with unprivileged(kept.directory, cache):
        assert kept.answer() == RIGHT
    assert list(cache.iterdir()) == []


def test_a_read_only_store_is_read_with_its_existing_index(kept: Kept):
    sql(kept.index, LIE)
    with unprivileged(kept.directory):
        assert kept.answer()[2] == ["a lie", "1.0.0"]


def test_building_an_index_leaves_no_other_files(kept: Kept):
    there = set(kept.directory.glob("index*"))
    assert there == {kept.index, kept.index.resolve()}


def test_an_index_that_cannot_be_built_leaves_no_partial_file(kept: Kept):
    kept.index.unlink()
    lines = kept.log.read_bytes().splitlines(keepends=True)
    kept.log.write_bytes(b"".join([lines[0], b"rubbish\n", *lines[2:]]))
    with pytest.raises(RegistryError) as caught:
        kept.answer()
    assert caught.value.exit_code == 6
    with closing(sqlite3.connect(kept.index)) as db:
        assert db.execute("select count(*) from meta").fetchone() == (0,)


# Several processes


def test_a_long_lived_reader_sees_new_entries(kept: Kept, tmp_path: Path):
    with kept.open() as reader, kept.open() as writer:
        assert reader.resolve("qa").label == "2.0.0"
        Programs(writer, tmp_path).register("qa", "3.0.0")
        assert reader.resolve("qa").label == "3.0.0"
        writer.undo()
        assert reader.resolve("qa").label == "2.0.0"


def test_a_reader_continues_after_its_index_file_was_replaced(kept: Kept, tmp_path: Path):
    with kept.open() as reader:
        reader.resolve("qa")
        kept.index.unlink()
        with kept.open() as writer:
            Programs(writer, tmp_path).register("qa", "3.0.0")
        assert reader.resolve("qa").label == "3.0.0"


def test_a_reader_does_not_wait_for_an_index_being_written(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(index, "PATIENCE", 0.01)  # it waits for a while
    with a_local_registry(kept.directory, caches=[]) as registry:
        Programs(registry, tmp_path).register("qa", "3.0.0")
    with kept.open() as reader:
        busy = sqlite3.connect(kept.index, isolation_level=None)
        busy.execute("begin immediate")
        try:
            assert reader.resolve("qa").label == "3.0.0"
        finally:
            busy.close()


def test_a_reader_waits_longer_for_the_index_than_a_follower(kept: Kept, tmp_path: Path):
    """Many writers in turn can keep a reader out for seconds."""

    def waits() -> float:
        used = registry.context.entries._caches.index
        return float(used.db.execute("pragma busy_timeout").fetchone()[0]) / 1000

    with kept.open() as registry:
        registry.resolve("qa")
        at_first = waits()
        Programs(registry, tmp_path).register("qa", "3.0.0")
        registry.context.entries.follow()
        assert at_first == waits() > index.PATIENCE


def test_a_reader_with_many_newer_lines_does_not_wait_for_a_busy_index(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(view, "MAX_ABOVE", 2)
    with a_local_registry(kept.directory, caches=[]) as writer, kept.open() as reader:
        reader.resolve("qa")
        busy = sqlite3.connect(kept.index, isolation_level=None)
        busy.execute("begin immediate")
        monkeypatch.setattr(Caches, "follow", patiently := Patience(Caches.follow))
        programs = Programs(writer, tmp_path)
        for label in ("3.0.0", "4.0.0", "5.0.0"):
            programs.register("qa", label)
            assert reader.resolve("qa").label == label
        assert set(patiently.seen) == {False}
        busy.execute("rollback")
        programs.register("qa", "6.0.0")
        assert reader.resolve("qa").label == "6.0.0"
        assert reader.context.entries._overlay.lines < 2
        busy.close()


def test_a_reader_with_very_many_newer_lines_builds_an_index_elsewhere(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(view, "MAX_ABOVE", 1)
    monkeypatch.setattr(view, "_MAX_ABOVE_BUSY", 3)
    monkeypatch.setattr(index, "PATIENCE", 0.01)
    with a_local_registry(kept.directory, caches=[]) as writer, kept.open() as reader:
        programs = Programs(writer, tmp_path)
        reader.resolve("qa")
        busy = sqlite3.connect(kept.index, isolation_level=None)
        busy.execute("begin immediate")
        used = []
        for label in ("3.0.0", "4.0.0", "5.0.0", "6.0.0"):
            programs.register("qa", label)
            assert reader.resolve("qa").label == label
            used.append(reader.context.entries.index_path is not None)
        busy.close()
    assert used == [True, True, True, False]


class Patience:
    """Does what it wraps, and sees how patient it should be where there is a file."""

    def __init__(self, follow: Callable[..., None]) -> None:
        self.follow, self.seen = follow, list[bool]()

    def __get__(self, caches: Caches, _: type) -> Callable[..., None]:
        return partial(self, caches)

    def __call__(self, caches: Caches, lines: Any, *, patient: bool = True) -> None:
        self.seen += [patient] if caches.path is not None else []
        self.follow(caches, lines, patient=patient)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.parametrize("written", [False, True], ids=["after a read", "after a write"])
def test_a_forked_process_opens_its_own_index(kept: Kept, written: bool):
    """SQLite's locks do not survive a fork: a child using the parent's file would break it."""
    with kept.open() as registry:
        registry.resolve("qa")
        if written:
            registry.promote("qa@2.0.0")
        parents = registry.context.entries._caches.index
        status = _in_a_fork(lambda: _uses_another(registry, parents))
        assert status == 0
        assert registry.resolve("qa").label == "4.0.0"
    assert kept.answer()[2][0] == "4.0.0"


def _uses_another(registry: Registry, parents: Index | None) -> None:
    assert parents is not None
    registry.context.entries.refresh()
    assert registry.context.entries._caches.index is not parents
    program = registry.context.store.location.directory.parent / "program.json"  # type: ignore[union-attr]
    program.write_text("of the fork")
    registry.register("qa", program, version="4.0.0", any_file=True)
    assert registry.resolve("qa").label == "4.0.0"
    registry.close()
    parents.db.execute("select 1")  # the parent's connection was not closed either


def _in_a_fork(work: Callable[[], None]) -> int:
    """Run a function in a child process; return 0 if it succeeded."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="shows open files on Linux alone")
def test_a_large_index_in_memory_spills_to_a_temporary_file(kept: Kept):
    with kept.open() as registry, closing(index.Index(None, registry.context.blobs)) as made:
        before = temporary_bytes()
        with made.following():
            made.db.execute("create table large as select zeroblob(32 << 20)")
        assert temporary_bytes() - before > 16 << 20


def temporary_bytes() -> int:
    """Return the bytes in open files without a name."""
    size = 0
    for fd in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            there = os.fstat(int(fd))
            size += there.st_size if stat.S_ISREG(there.st_mode) and not there.st_nlink else 0
    return size


def test_a_forked_process_does_not_use_the_index_in_memory_of_its_parent(kept: Kept):
    with a_registry(local.open_store(Location.of(kept.directory))) as registry:
        registry.resolve("qa")
        parents = registry.context.entries._caches.index
        assert _in_a_fork(lambda: _uses_another(registry, parents)) == 0
        assert registry.resolve("qa").label == "4.0.0"


def test_old_files_of_killed_builds_are_removed_by_the_next_build(kept: Kept):
    old, young, other = (kept.index.with_name(f"index.sqlite.{end}") for end in LEFT)
    for path in (old, young, other):
        path.write_bytes(b"half an index")
    for path in (old, other):
        os.utime(path, (0, 0))
    kept.index.unlink()
    assert kept.answer() == RIGHT
    assert [path.exists() for path in (old, young, other)] == [False, True, True]


LEFT = ("0123abcd", "89abcdef", "kept")


def busy(*_: object) -> None:
    """Fail as an index locked by another process does."""
    raise sqlite3.OperationalError("database is locked")


def failing(*_: object) -> None:
    """Fail as a disk error does."""
    raise sqlite3.OperationalError("disk I/O error")


def test_an_unreadable_index_is_a_storage_error_for_the_configuration_too(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
):
    with kept.open() as registry:
        monkeypatch.setattr(IndexState, "get", failing)
        with pytest.raises(StorageError) as caught:
            registry.configuration()
        assert caught.value.hint == "try again"
    assert not kept.index.exists()


def test_an_index_locked_for_long_is_not_replaced(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    with kept.open() as registry:
        monkeypatch.setattr(IndexState, "get", busy)
        with pytest.raises(StorageError, match="locked"):
            registry.resolve("qa@production")
    assert kept.index.stat().st_size > 0


def test_a_registry_whose_index_failed_after_a_write_can_be_closed(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
):
    with kept.open() as registry:
        registry.promote("qa@2.0.0", to="production")
        monkeypatch.setattr(IndexState, "get", failing)
        with pytest.raises(StorageError):
            registry.resolve("qa@stage:production")
    monkeypatch.undo()
    assert kept.answer()[0] == "2.0.0"
