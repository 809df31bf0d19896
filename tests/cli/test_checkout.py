"""``checkout`` into directories, files and links, repeatedly."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from builders import a_local_registry, a_program
from commandline import dspyreg


@pytest.fixture(autouse=True)
def _two_versions(store: object) -> None:
    """qa 1.0.0, and 1.1.0 with one file less and another text."""
    for label, files in (("1.0.0", {"a.json": "1", "old/b.json": "b"}), ("1.1.0", {"a.json": "2"})):
        for name, text in files.items():
            Path("program", name).parent.mkdir(parents=True, exist_ok=True)
            Path("program", name).write_text(text)
        assert dspyreg("register", "qa", "program", "--any-file", "--version", label).status == 0
        shutil.rmtree("program")


def files(directory: str) -> dict[str, str]:
    """Return the files below a directory, without the marker."""
    found = {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in Path(directory).rglob("*")
        if path.is_file()
    }
    found.pop(".dspyreg-checkout", None)
    return found


def checked_out(selector: str, *words: str) -> None:
    ran = dspyreg("checkout", selector, *words)
    assert ran.status == 0, ran.err


def beside(name: str) -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.name.startswith(f".{name}."))


def test_a_checked_out_directory_is_replaced_by_the_next_version():
    checked_out("qa@1.0.0", "-o", "live")
    checked_out("qa@1.1.0", "-o", "live")
    assert files("live") == {"a.json": "2"}
    checked_out("qa@1.0.0", "-o", "live/")
    assert files("live") == {"a.json": "1", "old/b.json": "b"}
    assert beside("live") == []


def test_the_marker_names_the_checked_out_version():
    checked_out("qa@^1", "-o", "live")
    told = json.loads(Path("live/.dspyreg-checkout").read_text())
    version = dspyreg("show", "qa@1.1.0", "--json").document
    with a_local_registry(Path(".dspyreg")) as registry:
        registry_id = registry.registry_id
    assert told == {
        "format": 1,
        "registry": registry_id,
        "selector": "qa@^1",
        "program": "qa",
        "label": "1.1.0",
        "digest": version["digest"],
        "files": {file["path"]: file["digest"] for file in version["files"]},
    }


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda: Path("live/a.json").write_text("mine"), "live/a.json"),
        (lambda: Path("live/notes.txt").write_text("mine"), "live/notes.txt"),
        (lambda: Path("live/away").symlink_to("/"), "live/away"),
        (lambda: os.rename("live/old/b.json", "live/b.json"), "live/b.json"),
    ],
    ids=["an edit", "a new file", "a link", "a renamed file"],
)
def test_a_checkout_keeps_and_names_files_changed_by_hand(change, named: str):
    checked_out("qa@1.0.0", "-o", "live")
    change()
    before = sorted(map(str, Path("live").rglob("*")))
    ran = dspyreg("checkout", "qa@1.1.0", "-o", "live")
    assert (ran.status, f"{named} is in the way" in ran.err) == (4, True)
    assert sorted(map(str, Path("live").rglob("*"))) == before
    checked_out("qa@1.1.0", "-o", "live", "--force", "--yes")
    assert files("live") == {"a.json": "2"}


def test_a_checkout_restores_deleted_files():
    checked_out("qa@1.0.0", "-o", "live")
    Path("live/a.json").unlink()
    checked_out("qa@1.0.0", "-o", "live")
    assert files("live") == {"a.json": "1", "old/b.json": "b"}


def test_a_directory_that_already_holds_the_version_is_not_touched():
    checked_out("qa@1.0.0", "-o", "live")
    inode = Path("live").stat().st_ino
    checked_out("qa@1.0.0", "-o", "live")
    assert Path("live").stat().st_ino == inode


def test_a_checkout_leaves_unrelated_files_alone():
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    checked_out("qa@1.0.0", "-o", "mine")
    assert files("mine") == {"a.json": "1", "old/b.json": "b", "notes.txt": "mine"}
    assert dspyreg("checkout", "qa@1.1.0", "-o", "mine").status == 4


def test_an_empty_directory_is_filled_and_keeps_its_mode():
    Path("live").mkdir(mode=0o750)
    inode = Path("live").stat().st_ino
    checked_out("qa@1.0.0", "-o", "live")
    assert Path("live").stat().st_ino == inode
    checked_out("qa@1.1.0", "-o", "live")
    assert Path("live").stat().st_mode & 0o777 == 0o750


def test_a_checkout_cleans_up_after_a_killed_checkout():
    checked_out("qa@1.0.0", "-o", "live")
    Path("live").rename(".live.old-0011223344556677")
    Path(".live.new-0011223344556677").mkdir()
    os.utime(".live.new-0011223344556677", (0, 0))
    checked_out("qa@1.1.0", "-o", "live")
    assert files("live") == {"a.json": "2"}
    assert beside("live") == []


def test_a_failed_checkout_leaves_the_directory_as_it_was(monkeypatch: pytest.MonkeyPatch):
    checked_out("qa@1.0.0", "-o", "live")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("dspyreg.store.objects.copy", fails)
        assert dspyreg("checkout", "qa@1.1.0", "-o", "live").status == 8
    rename = Path.rename

    def never_into_place(path: Path, target: str | Path) -> Path:
        if path.name.startswith(".live.new-"):
            raise OSError(5, "Input/output error")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", never_into_place)
        assert dspyreg("checkout", "qa@1.1.0", "-o", "live").status == 8
    assert files("live") == {"a.json": "1", "old/b.json": "b"}
    assert beside("live") == []


def test_a_checkout_does_not_replace_the_working_directory():
    checked_out("qa@1.0.0", "-o", "live")
    os.chdir("live")
    ran = dspyreg("--store", "../.dspyreg", "checkout", "qa@1.1.0", "-o", ".")
    assert (ran.status, "the working directory" in ran.err) == (4, True)


def test_register_skips_the_checkout_marker():
    checked_out("qa@1.0.0", "-o", "live")
    Path("live/a.json").write_text("3")
    assert dspyreg("register", "qa", "live", "--any-file", "--version", "2.0.0").status == 0
    shown = dspyreg("show", "qa@2.0.0", "--json").document
    assert [file["path"] for file in shown["files"]] == ["a.json", "old/b.json"]
    assert dspyreg("register", "rag", "live/.dspyreg-checkout").status == 2


def test_a_version_of_one_file_is_written_as_a_file_and_its_path_is_printed():
    ran = dspyreg("checkout", "qa@1.1.0", "-o", "deep/live.json")
    assert ran.out == "deep/live.json\n"
    assert Path("deep/live.json").read_text() == "2"


def test_every_printed_path_is_a_file_even_behind_a_link():
    for words in (["-o", "live"], ["-o", "linked.json", "--link"]):
        ran = dspyreg("checkout", "qa@1.1.0", *words)
        assert [Path(line).read_text() for line in ran.out.splitlines()] == ["2"]


def test_a_checkout_replaces_a_registered_file_but_no_other():
    checked_out("qa@1.1.0", "-o", "live.json")
    Path("three.json").write_text(a_program(3))
    assert dspyreg("register", "qa", "three.json", "--version", "2.0.0").status == 0
    checked_out("qa@2.0.0", "-o", "live.json")
    assert Path("live.json").read_text() == a_program(3)
    Path("live.json").write_text("mine")
    ran = dspyreg("checkout", "qa@1.1.0", "-o", "live.json")
    assert (ran.status, "live.json is in the way" in ran.err) == (4, True)
    checked_out("qa@1.1.0", "-o", "live.json", "--force", "--yes")
    assert Path("live.json").read_text() == "2"


def test_a_link_moves_to_the_new_version_and_the_old_directory_stays_for_its_readers():
    checked_out("qa@1.0.0", "-o", "live", "--link")
    first = Path("live").resolve()
    checked_out("qa@1.1.0", "-o", "live", "--link")
    assert Path("live").is_symlink()
    assert files("live/") == {"a.json": "2"}
    assert files(str(first)) == {"a.json": "1", "old/b.json": "b"}
    Path("three.json").write_text(a_program(3))
    assert dspyreg("register", "qa", "three.json", "--version", "2.0.0").status == 0
    checked_out("qa@2.0.0", "-o", "live", "--link")
    assert not first.exists()
    assert len(beside("live")) == 2


def test_a_link_never_replaces_a_directory():
    checked_out("qa@1.0.0", "-o", "live")
    assert dspyreg("checkout", "qa@1.1.0", "-o", "live", "--link").status == 4
    assert dspyreg("checkout", "qa@1.1.0", "--link").status == 2
    assert files("live") == {"a.json": "1", "old/b.json": "b"}


@pytest.mark.parametrize("count", [10, 100])
def test_a_checkout_examines_a_directory_equally_often_for_any_number_of_files(
    count: int, monkeypatch: pytest.MonkeyPatch
):
    for nth in range(count):
        path = Path(f"many/a/b/{nth}.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(nth))
    assert dspyreg("register", "many", "many", "--any-file").status == 0
    looks = list[str]()
    for name in ("stat", "lstat", "mkdir"):
        asked = getattr(os, name)

        def noted(path: str, *more: object, asked: Any = asked, **options: object) -> object:
            looks.extend(text for text in [str(path)] if text.endswith(("many/a", "many/a/b")))
            return asked(path, *more, **options)

        monkeypatch.setattr(os, name, noted)
    checked_out("many", "-o", "many")
    assert 2 <= len(looks) <= 10
    assert len(files("many")) == count


def test_a_checkout_refuses_a_file_or_link_in_place_of_a_directory():
    Path("live").mkdir()
    Path("live/old").write_text("")
    ran = dspyreg("checkout", "qa@1.0.0", "-o", "live", "--force", "-y")
    assert (ran.status, "live/old is in the way" in ran.err) == (4, True)
    Path("live/old").unlink()
    Path("live/old").symlink_to("nowhere")
    ran = dspyreg("checkout", "qa@1.0.0", "-o", "live", "--force", "-y")
    assert (ran.status, "live/old is in the way" in ran.err) == (4, True)
