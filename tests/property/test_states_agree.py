"""The overlay state, the index and past states all agree with the replayed log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_local_registry, a_registry
from store_history import answers, life, prefixes, replayed

from dspyreg.backends.local import store as local
from dspyreg.model import names
from dspyreg.store import index as indexes
from dspyreg.store.follow_many import FollowMany
from dspyreg.store.index_state import IndexState
from dspyreg.store.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.model.entry import Entry
    from dspyreg.model.line import Line
    from dspyreg.model.state import NameValue
    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Registry]:
    """A registry with a history."""
    with a_local_registry(tmp_path / "store") as registry:
        for _ in life(registry, Programs(registry, tmp_path)):
            pass
        yield registry


def test_the_overlay_state_equals_the_replayed_log(tmp_path: Path):
    with a_local_registry(tmp_path / "store") as registry:
        for _ in life(registry, Programs(registry, tmp_path)):
            registry.context.entries.refresh()
            assert answers(registry.context.entries.state()) == answers(replayed(registry))


def test_the_overlay_state_equals_the_replayed_log_however_far_the_index_has_followed(
    tmp_path: Path,
):
    with a_local_registry(tmp_path / "store") as registry:
        for nth, _ in enumerate(life(registry, Programs(registry, tmp_path))):
            registry.context.entries.refresh()
            if nth % 3 == 0:
                registry.context.entries.follow()
            assert answers(registry.context.entries.state()) == answers(replayed(registry))


def test_the_indexed_state_equals_the_replayed_log(tmp_path: Path):
    with a_local_registry(tmp_path / "store") as registry:
        for _ in life(registry, Programs(registry, tmp_path)):
            registry.context.entries.refresh()
            assert answers(registry.context.entries.settled()) == answers(replayed(registry))


def test_the_state_of_an_index_in_memory_equals_the_replayed_log(tmp_path: Path):
    with a_registry() as registry:
        for _ in life(registry, Programs(registry, tmp_path)):
            pass
        registry.context.entries.refresh()
        assert answers(registry.context.entries.settled()) == answers(replayed(registry))


def test_a_past_state_equals_the_log_replayed_up_to_its_seq(lived: Registry):
    last = lived.context.entries.refresh().seq
    assert last > 25
    for seq in range(last + 1):
        assert answers(lived.context.entries.past(seq)) == answers(replayed(lived, seq))


def test_the_newest_change_under_a_prefix_is_that_of_the_replayed_log(lived: Registry):
    spelt = replayed(lived)
    followed, above = lived.context.entries.settled(), lived.context.entries.state()
    for prefix in [*prefixes(spelt), "nothing/", "stages/nothing/"]:
        assert followed.newest(prefix) == above.newest(prefix) == spelt.newest(prefix)


def test_a_digest_finds_the_same_versions_in_the_index_and_in_the_overlay(tmp_path: Path):
    with a_local_registry(tmp_path / "store") as registry:
        for _ in life(registry, Programs(registry, tmp_path)):
            registry.context.entries.refresh()
            above = registry.context.entries.state()
            found = [above.by_digest("qa", f"b3:{nibble:x}") for nibble in range(16)]
            settled = registry.context.entries.settled()
            assert found == [settled.by_digest("qa", f"b3:{nibble:x}") for nibble in range(16)]


TABLES = ("entries", "changes", "newest", "versions", "deployments", "digests")


def rows(registry: Registry) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the index, without the file's inode."""
    db = registry.context.entries.settled().db
    found = {table: sorted(db.execute(f"select * from {table}").fetchall()) for table in TABLES}  # noqa: S608
    found["meta"] = db.execute("select schema, seq, id, hint, time from meta").fetchall()
    return found


@pytest.mark.parametrize("many", [1, 20, 1_000])
def test_an_index_that_followed_has_the_same_rows_as_a_rebuilt_one(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Compare byte by byte after every entry, with both ways of reading lines."""
    monkeypatch.setattr(indexes, "_MANY", many)
    with a_local_registry(tmp_path / "store") as followed:
        for nth, _ in enumerate(life(followed, Programs(followed, tmp_path))):
            elsewhere = tmp_path / f"built{nth}" / "index.sqlite"
            with a_local_registry(tmp_path / "store", caches=[elsewhere]) as built:
                built.context.entries.refresh()
                assert rows(built) == rows(followed)


@pytest.mark.parametrize("many", [1, 1_000])
def test_an_index_in_memory_has_the_same_rows_as_a_rebuilt_one(
    many: int, lived: Registry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(indexes, "_MANY", many)
    with a_registry(local.open_store(lived.context.store.location), caches=[]) as built:
        built.context.entries.refresh()
        assert rows(built) == rows(lived)


def test_an_operation_returns_the_entry_that_the_log_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    returned: list[Entry] = []
    append = Log.append

    def remembering(log: Log, *arguments: Any) -> Entry:
        returned.append(append(log, *arguments))
        return returned[-1]

    monkeypatch.setattr(Log, "append", remembering)
    with a_local_registry(tmp_path / "store") as registry:
        for _ in life(registry, Programs(registry, tmp_path)):
            pass
        kept = registry.context.entries.entries([entry.seq for entry in returned])
    assert len(returned) > 25
    assert returned == kept


def test_many_lines_are_read_in_bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(indexes, "_MANY", 3)
    read, bulk = list[int](), FollowMany.read

    def remembering(follow: FollowMany, line: Line) -> None:
        read.append(line.seq)
        bulk(follow, line)

    with a_local_registry(tmp_path / "store") as registry:
        registry.context.entries.refresh()  # builds an index without lines
        monkeypatch.setattr(FollowMany, "read", remembering)
        programs = Programs(registry, tmp_path)
        for _ in range(4):
            programs.register("qa")
            registry.context.entries.follow()
    assert read == [3, 4]


def test_past_states_of_several_seqs_can_be_read_alternately(lived: Registry):
    head = lived.context.entries.refresh().seq
    seqs = (head, head // 2, head - 1)
    states = [lived.context.entries.past(seq) for seq in seqs]
    for _ in range(2):
        for seq, state in zip(seqs, states, strict=True):
            assert answers(state) == answers(replayed(lived, seq))


def test_a_past_read_lists_nothing_that_grows_with_the_versions(
    lived: Registry, monkeypatch: pytest.MonkeyPatch
):
    asked, under = set[str](), IndexState.under

    def noted(self: IndexState, prefix: str) -> list[NameValue]:
        asked.add(prefix)
        return under(self, prefix)

    monkeypatch.setattr(IndexState, "under", noted)
    at = str(lived.context.entries.refresh().seq)
    for program in lived.programs(at=at):
        if program.latest:
            lived.resolve(program.name, at=at)
        lived.status(program.name, at=at)
        lived.versions(program.name, at=at)
        lived.history(program.name, at=at)
        lived.trends(program.name, at=at)
    lived.board(at=at)
    of_programs = {prefix for prefix in asked if prefix.count("/") == len(("kind", "program"))}
    assert {names.split(prefix)[0] for prefix in of_programs} == {"environments", "reserved"}
