"""A foreign file at every path of a store: a link, a FIFO, a socket, a device, a directory.

Nothing hangs, and nothing outside the store changes. Among the log and the blobs it is corruption;
in the place of a cache it is replaced, with a notice.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from builders import Programs, a_local_registry, a_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 120  # a safety net for all commands at one path: a hanging one would hang forever
OK, CORRUPT = 0, 6
SEGMENT = "log/00000000000000000001.jsonl"
COMMANDS = {
    "read": "cat qa@1.0.0",
    "write": "register qa new.json",
    "verify": "verify",
    "gc": "gc --grace 0s --undo-window 0d --yes",
}
BLOB, SHARD = "BLOB", "SHARD"  # these have other names in each store
INDEX, JOURNAL = "INDEX", "JOURNAL"
HISTORY = ["format", "log", SEGMENT, "log/cut", "objects", SHARD, BLOB]
CACHES = [
    *("refs", "refs/qa", "refs/qa/stages", "refs/qa/stages/production"),
    *("synced", "index.sqlite", INDEX, JOURNAL),
]


def link_to_a_file(place: Path, precious: Path) -> None:
    place.symlink_to(precious / "note")


def link_to_a_directory(place: Path, precious: Path) -> None:
    place.symlink_to(precious)


def link_to_what_was_there(place: Path, precious: Path) -> None:
    (precious / "moved").mkdir()
    kept = precious / "moved" / "it"
    was = place.with_name(f"{place.name}.was")
    shutil.move(was, kept) if was.exists() else kept.touch()
    place.symlink_to(kept)


def dangling_link(place: Path, precious: Path) -> None:
    place.symlink_to(precious / "to-be-made")


def fifo(place: Path, _: Path) -> None:
    os.mkfifo(place)


def a_socket(place: Path, _: Path) -> None:
    here = Path.cwd()
    os.chdir(place.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def a_directory(place: Path, _: Path) -> None:
    place.mkdir()


def a_device(place: Path, _: Path) -> None:
    os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero, which has no end


def a_file(place: Path, _: Path) -> None:
    place.write_text("my only copy\n")


KINDS = [
    *(link_to_a_file, link_to_a_directory, link_to_what_was_there, dangling_link),
    *(fifo, a_socket, a_directory, a_device, a_file),
]


class Case(NamedTuple):
    """A command in a directory with a store that has a foreign file at one path."""

    kind: str
    command: str
    directory: Path
    place: Path
    before: object

    def __str__(self) -> str:
        return f"{self.kind}, {self.command}"


class Answer(NamedTuple):
    status: int | None
    told: str


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a store, and a tree of precious files that resemble refs."""
    base = tmp_path_factory.mktemp("template")
    with a_local_registry(base / ".dspyreg") as registry:
        programs = Programs(registry, base)
        programs.in_production()
        programs.register()
    (base / "new.json").write_text(a_program("new"))
    (base / "precious" / "qa" / "stages").mkdir(parents=True)
    (base / "precious" / "qa" / "stages" / "lost").write_text("1.0.0\n")
    (base / "precious" / "note").write_text("my only copy, without a line break")
    return base


def place_in(store: Path, name: str) -> Path:
    if name in {INDEX, JOURNAL}:
        file = store / os.readlink(store / "index.sqlite")
        return file if name == INDEX else file.with_name(f"{file.name}-journal")
    if name in {BLOB, SHARD}:
        blobs = (store / "objects").glob("*/*")
        blob = next(each for each in blobs if each.read_bytes() == a_program(1).encode())
        return blob if name == BLOB else blob.parent
    return store / name


def cases_at(name: str, template: Path, work: Path) -> Iterator[Case]:
    for kind in KINDS:
        for command in COMMANDS:
            directory = work / f"{kind.__name__}-{command}"
            shutil.copytree(template, directory, symlinks=True)
            place = place_in(directory / ".dspyreg", name)
            if name == "log/cut":
                with (directory / ".dspyreg" / SEGMENT).open("ab") as log:
                    log.write(b"torn")
            if name.startswith("refs"):  # as after a clone: refs are written with a new index
                (directory / ".dspyreg" / "index.sqlite").unlink()
            if is_as_it_should_be(place, kind) or not planted(kind, place, directory / "precious"):
                continue
            yield Case(kind.__name__, command, directory, place, seen(directory / "precious"))


def is_as_it_should_be(place: Path, kind: object) -> bool:
    if not place.exists():
        return kind is (a_directory if place.name == "cut" else a_file)
    return (a_directory if place.is_dir() else a_file) is kind


def planted(kind: Callable[[Path, Path], None], place: Path, precious: Path) -> bool:
    if place.exists():
        place.rename(place.with_name(f"{place.name}.was"))
    try:
        kind(place, precious)
    except PermissionError:  # only root makes devices, and not in every container
        return False
    return True


def seen(precious: Path) -> object:
    """Return everything below a directory: type, bytes and modification time."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in precious.rglob("*")
    }


def answers_to(cases: list[Case]) -> list[Answer]:
    told = [(str(case.directory), COMMANDS[case.command].split()) for case in cases]
    environment = {**os.environ, "DSPYREG_ACTOR": "ada", "DSPYREG_STORE": ".dspyreg"}
    environment["XDG_CACHE_HOME"] = str(cases[0].directory.parent / "cache")
    child = Path(__file__).with_name("commands_in_a_row.py")
    with subprocess.Popen(
        [sys.executable, child], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        try:
            out, _ = process.communicate(json.dumps(told).encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
    answers = [Answer(*json.loads(row)) for row in out.splitlines()]
    assert len(answers) == len(cases), f"{cases[len(answers)]} hangs"
    return answers


@pytest.mark.parametrize("name", HISTORY)
def test_a_foreign_file_in_place_of_history_is_corruption(
    name: str, template: Path, tmp_path: Path
):
    cases = [*cases_at(name, template, tmp_path)]
    wrong = [
        f"{case}: {why}"
        for case, answer in zip(cases, answers_to(cases), strict=True)
        for why in complaints_of_history(name, case, answer)
    ]
    assert not wrong, "\n".join(wrong)


def complaints_of_history(name: str, case: Case, answer: Answer) -> Iterator[str]:
    if seen(case.directory / "precious") != case.before:
        yield "something outside of the store has changed"
    may_be_ok = case.command in {"write", "gc"} and name in {BLOB, SHARD}
    if name == "log/cut":
        may_be_ok = case.command in {"read", "gc"}
    if answer.status != CORRUPT and not (may_be_ok and answer.status == OK):
        yield f"exit {answer.status}: {answer.told}"
    named = name in answer.told or case.place.name in answer.told
    if answer.status == CORRUPT and case.command != "verify" and not named:
        yield f"it is not named: {answer.told}"


@pytest.mark.parametrize("name", CACHES)
def test_a_foreign_file_in_place_of_a_cache_is_replaced(name: str, template: Path, tmp_path: Path):
    cases = [*cases_at(name, template, tmp_path)]
    wrong = [
        f"{case}: {why}"
        for case, answer in zip(cases, answers_to(cases), strict=True)
        for why in complaints_of_a_cache(name, case, answer)
    ]
    assert not wrong, "\n".join(wrong)


def complaints_of_a_cache(name: str, case: Case, answer: Answer) -> Iterator[str]:
    if seen(case.directory / "precious") != case.before:
        yield "something outside of the store has changed"
    if answer.status != OK:
        yield f"exit {answer.status}: {answer.told}"
    if name == "synced" and case.command != "write":
        return
    if case.kind == a_file.__name__:
        if case.place.read_text() != "my only copy\n":
            yield "a file of others was replaced"
        if "left alone" not in answer.told and case.command != "verify":
            yield f"that it is in the way is not said: {answer.told}"
        return
    if not is_of_ours(case.place):
        yield "it was not replaced"
    if not any(word in answer.told for word in ("replaced", "rebuilt")):
        yield f"that it was replaced is not said: {answer.told}"


def is_of_ours(place: Path) -> bool:
    """Return whether a path is a directory, a regular file, an index link, or missing."""
    if place.name.startswith("index.sqlite."):  # another file has replaced it
        index = place.with_name("index.sqlite").resolve()
        return index != place and index.parent == place.parent.resolve() and index.is_file()
    if place.is_symlink():
        return os.readlink(place).startswith("index.sqlite.")
    return place.is_file() or place.is_dir()
