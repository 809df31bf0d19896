"""Refs, as files to read with ``cat``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from builders import DictState, Programs, a_local_registry

from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.model import names
from dspyreg.model.canary import Canary
from dspyreg.store import refs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry in ``store``, with 1.0.0 in production and 1.0.1 in development."""
    with a_local_registry(tmp_path / "store") as registry:
        programs = Programs(registry, tmp_path)
        programs.in_production()
        programs.register()
        yield registry


def there(tmp_path: Path) -> dict[str, str]:
    root = tmp_path / "store" / "refs"
    return {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}


def test_refs_show_the_live_and_the_newest_versions(registry: Registry, tmp_path: Path):
    registry.context.entries.follow()
    assert there(tmp_path) == {
        "qa/environments/staging": "1.0.0\n",
        "qa/environments/production": "1.0.0\n",
        "qa/stages/production": "1.0.0\n",
        "qa/stages/development": "1.0.1\n",
    }


def test_refs_follow_every_change(registry: Registry, tmp_path: Path):
    registry.promote("qa@1.0.1")
    registry.promote("qa@1.0.1", to="production")
    registry.context.entries.follow()
    assert there(tmp_path) == {
        "qa/environments/staging": "1.0.1\n",
        "qa/environments/production": "1.0.1\n",
        "qa/stages/production": "1.0.1\n",
    }


def test_refs_follow_an_undo(registry: Registry, tmp_path: Path):
    for _ in range(4):
        registry.undo()
    registry.context.entries.follow()
    assert there(tmp_path) == {}


def test_a_version_that_is_live_nowhere_has_no_environment_ref(registry: Registry, tmp_path: Path):
    registry.archive("qa@1.0.0", force=True, reason="recalled")
    registry.context.entries.follow()
    assert there(tmp_path) == {"qa/stages/development": "1.0.1\n"}


def test_refs_are_rewritten_when_the_index_is_rebuilt(registry: Registry, tmp_path: Path):
    registry.context.entries.follow()
    right = there(tmp_path)
    (tmp_path / "store/refs/qa/environments/production").write_text("a lie\n")
    (tmp_path / "store/refs/qa/stages/production").unlink()
    (tmp_path / "store/refs/gone/stages").mkdir(parents=True)
    (tmp_path / "store/refs/gone/stages/production").write_text("1.0.0\n")
    registry.context.entries.rebuild()
    assert there(tmp_path) == right


def test_refs_are_not_written_for_an_index_kept_elsewhere(tmp_path: Path):
    local.create_store(Location.of(tmp_path / "store"))
    elsewhere = tmp_path / "cache" / "index.sqlite"
    with a_local_registry(tmp_path / "store", caches=[elsewhere]) as registry:
        Programs(registry, tmp_path).in_production()
    assert there(tmp_path) == {}


def test_refs_follow_entries_of_other_writers(registry: Registry, tmp_path: Path):
    with a_local_registry(tmp_path / "store", caches=[]) as other:
        Programs(other, tmp_path).in_production(label="2.0.0")
    with a_local_registry(tmp_path / "store") as another:
        another.resolve("qa")
    assert there(tmp_path)["qa/environments/production"] == "2.0.0\n"


def test_a_canary_is_on_the_second_line_of_a_ref_with_its_share():
    state = DictState()
    for label in ("1.1.0", "2.0.0"):
        state.add("qa", label, "production")
    state.serve("qa", "production", 1)
    pointer = state.pointer("qa", "production")._replace(canary=Canary(2, 10, "production-x"))
    state.put(names.environment("qa", "production"), pointer.to_json())
    assert refs.expected(state, "qa")["qa/environments/production"] == "1.1.0 90\n2.0.0 10\n"


def test_no_environment_name_leaves_the_refs_directory():
    state = DictState()
    state.add("qa", "1.0.0")
    state.serve("qa", "../../x", 1)
    assert "qa/environments/..%2F..%2Fx" in refs.expected(state, "qa")


def test_deprecated_and_archived_versions_have_no_ref():
    state = DictState()
    for stage in ("deprecated", "archived"):
        state.add("qa", "1.0.0", stage)
    assert refs.expected(state, "qa") == {}


def test_rewriting_unchanged_refs_does_not_touch_their_files(tmp_path: Path):
    texts = {"qa/environments/production": "1.0.0\n"}
    refs.write(tmp_path, texts)
    before = (tmp_path / "qa/environments/production").stat()
    refs.write(tmp_path, texts)
    assert (tmp_path / "qa/environments/production").stat() == before


def test_temporary_ref_files_of_a_crash_are_removed(tmp_path: Path):
    (tmp_path / "qa/environments").mkdir(parents=True)
    (tmp_path / "qa/environments/.production.00ffa1b2").write_text("1.0")
    refs.write(tmp_path, {"qa/environments/production": "1.0.0\n"})
    assert refs.existing(tmp_path) == {"qa/environments/production": "1.0.0\n"}


# Foreign files


def test_a_link_in_place_of_the_refs_directory_is_replaced(registry: Registry, tmp_path: Path):
    registry.context.entries.follow()
    right = there(tmp_path)
    precious = tmp_path / "precious" / "qa" / "stages"
    precious.mkdir(parents=True)
    (precious / "note").write_text("1.0.0\n")
    shutil.rmtree(tmp_path / "store" / "refs")
    (tmp_path / "store" / "refs").symlink_to("../precious")
    registry.context.entries.rebuild()
    assert there(tmp_path) == right
    assert [path.name for path in precious.iterdir()] == ["note"]


@pytest.mark.parametrize(
    "path",
    [
        *("note", "qa/note", "qa/notes/note", "qa/stages/deep/note"),
        *("qa/stages/note", "qa/environments/.note"),
    ],
)
def test_a_file_that_is_not_a_ref_is_kept(tmp_path: Path, path: str):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("I wrote this, and nobody else did.\n")
    refs.write(tmp_path, {"qa/stages/production": "1.0.0\n"})
    assert (tmp_path / path).exists()
    assert refs.existing(tmp_path) == {"qa/stages/production": "1.0.0\n"}


@pytest.mark.parametrize("text", ["1.0.0\n", "1.1.0 90\n2.0.0 10\n", "2.0.0 0.5\n"])
def test_a_ref_without_a_value_in_the_log_is_removed(tmp_path: Path, text: str):
    refs.write(tmp_path, {"qa/environments/old": text})
    refs.write(tmp_path, {})
    assert not (tmp_path / "qa/environments/old").exists()


def test_a_foreign_file_in_place_of_a_ref_is_left_alone_and_reported(tmp_path: Path):
    (tmp_path / "qa").write_text("a file of mine\n")
    told: list[str] = []
    refs.write(tmp_path, {"qa/stages/production": "1.0.0\n"}, tell=told.append)
    assert (tmp_path / "qa").read_text() == "a file of mine\n"
    assert told == [f"{tmp_path}/qa: it is a regular file and in the way; left alone"]
