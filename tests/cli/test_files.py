"""Unusual arguments of ``register``: links, special files, unreadable files."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import a_program
from commandline import Ran, dspyreg

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def program() -> Path:
    """A directory with a file in it."""
    directory = Path("program")
    (directory / "parts").mkdir(parents=True)
    (directory / "metadata.json").write_text(a_program())
    return directory


def assert_nothing_was_registered() -> None:
    assert dspyreg("list", "--json").document["programs"] == []
    assert dspyreg("log", "--json").document["entries"] == []
    assert dspyreg("verify").status == 0


def refused(path: object, *, status: int = 2) -> Ran:
    ran = dspyreg("register", "qa", path)
    assert ran.status == status
    assert ran.out == ""
    assert_nothing_was_registered()
    return ran


def a_link_out(at: Path) -> None:
    at.symlink_to("/etc/passwd")


def a_link_inside(at: Path) -> None:
    at.symlink_to("../metadata.json")


def a_broken_link(at: Path) -> None:
    at.symlink_to("nowhere")


def a_link_to_a_directory(at: Path) -> None:
    at.symlink_to("..")


def a_pipe(at: Path) -> None:
    os.mkfifo(at)


def a_socket(at: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(at))


@pytest.mark.parametrize(
    "odd",
    [a_link_out, a_link_inside, a_broken_link, a_link_to_a_directory, a_pipe, a_socket],
    ids=lambda make: make.__name__,
)
def test_register_refuses_a_directory_with_special_files(
    program: Path, odd: Callable[[Path], None]
):
    odd(program / "parts" / "odd")
    assert "program/parts/odd is " in refused(program).err


def test_register_refuses_a_pipe_without_waiting():
    os.mkfifo("pipe")
    assert "not a regular file" in refused("pipe").err


def test_register_refuses_a_device():
    assert "not a regular file" in refused("/dev/zero").err


def test_registering_a_link_registers_its_file(program: Path):
    Path("link.json").symlink_to(program / "metadata.json")
    assert dspyreg("register", "qa", "link.json").status == 0
    assert dspyreg("cat", "qa").out == a_program()


def test_a_missing_path_is_reported_by_name():
    assert "missing/program.json" in refused("missing/program.json", status=3).err


def test_registering_a_path_through_a_file_is_not_found():
    refused("program.json/inside", status=3)


def test_registering_an_empty_directory_is_refused():
    Path("empty").mkdir()
    assert "empty has no files" in refused("empty").err


def test_register_refuses_the_registry_itself():
    assert "the registry itself" in refused(".").err


def test_two_files_with_the_same_name_are_refused(program: Path):
    ran = dspyreg("register", "qa", "program.json", program / "metadata.json", "program.json")
    assert ran.status == 2
    assert_nothing_was_registered()


def test_a_file_name_with_a_line_end_is_refused(program: Path):
    (program / "a\nb").write_text("")
    assert "has a name that cannot be stored" in refused(program).err


def test_a_file_name_that_is_not_utf8_is_refused(program: Path):
    with open(os.fsencode(program) + b"/\xff", "wb"):
        pass
    assert "has a name that cannot be stored" in refused(program).err


@pytest.mark.parametrize("name", ["../x", "a/b", "", "q" * 10_240, "q" * 101, "\x1b[31m", "é"])
def test_an_invalid_program_name_is_refused(name: str):
    ran = dspyreg("register", name, "program.json")
    assert ran.status == 2
    assert len(ran.err) < 400
    assert "\x1b" not in ran.err
    assert_nothing_was_registered()


@pytest.mark.parametrize(
    "option",
    [
        ["--version", "1" * 10_240],
        ["--tag", "t" * 10_240],
        ["--tag", "two\nlines"],
        ["--metric", "m" * 10_240 + "=1"],
        ["--metric", "\x1b[31m=1"],
        ["--meta", "=1"],
        ["--meta", "k\ney=1"],
    ],
    ids=lambda option: f"{option[0]} {option[1][:6]!r}",
)
def test_labels_tags_and_metric_names_must_be_one_short_line(option: list[str]):
    ran = dspyreg("register", "qa", "program.json", *option)
    assert ran.status == 2
    assert len(ran.err) < 400
    assert_nothing_was_registered()


def test_a_long_reason_is_kept_in_full():
    reason = "because " * 20_000
    dspyreg("register", "qa", "program.json")
    assert dspyreg("promote", "qa@1.0.0", "--reason", reason).status == 0
    assert dspyreg("log", "--json").document["entries"][0]["reason"] == reason
    assert dspyreg("verify").status == 0


def test_deeply_nested_metadata_is_refused():
    Path("deep.json").write_text("[" * 100_000 + "]" * 100_000)
    ran = dspyreg("register", "qa", "program.json", "--meta-file", "deep.json")
    assert ran.status == 2
    assert_nothing_was_registered()


def test_a_huge_metadata_file_is_refused():
    with open("large.json", "wb") as sink:
        sink.truncate(17 << 20)
    ran = dspyreg("register", "qa", "program.json", "--meta-file", "large.json")
    assert ran.status == 2
    assert_nothing_was_registered()


@pytest.mark.parametrize("option", ["--meta-file", "--metrics-file"])
@pytest.mark.parametrize("data", [b"\xff\xfe", b"em: \x00", b"{", b"em: [", b"\t- x: y"])
def test_a_file_that_is_neither_json_nor_yaml_is_refused(option: str, data: bytes):
    Path("broken").write_bytes(data)
    ran = dspyreg("register", "qa", "program.json", option, "broken")
    assert ran.status == 2
    assert ran.err.startswith("error: broken")
    assert_nothing_was_registered()


def test_checkout_does_not_follow_a_link_outside_its_directory(tmp_path: Path, program: Path):
    (program / "parts" / "x").write_text("x")
    dspyreg("register", "qa", program)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Path("out").mkdir()
    Path("out/parts").symlink_to(elsewhere)
    assert dspyreg("checkout", "qa", "-o", "out", "--force", "--yes").status == 4
    assert list(elsewhere.iterdir()) == []


# Files reserved for git or a registry


@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".dspyreg", "sub/.git"])
def test_files_belonging_to_git_or_a_registry_are_not_registered(program: Path, name: str):
    (program / name).mkdir(parents=True)
    (program / name / "config").write_text("[core]\n")
    ran = refused(program)
    assert f"belongs to {name.rpartition('/')[2]}" in ran.err


@pytest.fixture
def hostile(program: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A version made by another writer, containing a git hook."""
    (program / "sub/.Git/hooks").mkdir(parents=True)
    (program / "sub/.Git/hooks/pre-commit").write_text("#!/bin/sh\n")
    with monkeypatch.context() as patch:
        patch.setattr("dspyreg.registry.artifacts.files.protected_segment", lambda _: None)
        assert dspyreg("register", "qa", program).status == 0
    return "qa@1.0.0"


@pytest.mark.parametrize("more", [[], ["--force"]])
def test_checkout_writes_nothing_into_a_git_directory(hostile: str, more: list[str]):
    Path("out").mkdir()
    ran = dspyreg("checkout", hostile, "-o", "out", *more, "--yes" if more else "--quiet")
    assert ran.status == 1
    assert "sub/.Git/hooks/pre-commit" in ran.err
    assert [*Path("out").iterdir()] == []


def test_cat_prints_a_file_that_checkout_refuses_to_write(hostile: str):
    ran = dspyreg("cat", hostile, "--path", "sub/.Git/hooks/pre-commit")
    assert ran.out == "#!/bin/sh\n"


@pytest.mark.parametrize("output", [".dspyreg", ".dspyreg/objects", "link/new"])
def test_checkout_writes_nothing_into_the_registry(program: Path, output: str):
    assert dspyreg("register", "qa", program).status == 0
    Path("link").symlink_to(".dspyreg")
    ran = dspyreg("checkout", "qa", "-o", output)
    assert (ran.status, "into the registry" in ran.err) == (1, True)
    assert not list(Path(".dspyreg").rglob("metadata.json"))


def test_a_damaged_store_is_not_skipped_for_one_above_it():
    Path("below/.dspyreg").mkdir(parents=True)
    Path("below/.dspyreg/format").symlink_to("nowhere")
    os.chdir("below")
    ran = dspyreg("list")
    assert (ran.status, "format: it is a link" in ran.err) == (6, True)
    assert dspyreg("init").status == 6


def test_a_store_may_be_a_link_to_its_directory(program: Path):
    Path(".dspyreg").rename("elsewhere")
    Path(".dspyreg").symlink_to("elsewhere")
    lines = ["register qa program", "promote qa@1.0.0", "undo", "verify", "gc --yes"]
    assert [dspyreg(*line.split()).status for line in lines] == [0] * len(lines)
    assert Path("elsewhere/refs/qa/stages/development").read_text() == "1.0.0\n"


def test_init_creates_no_store_through_a_dangling_link():
    Path("new").symlink_to("nowhere")
    assert dspyreg("--store", "new", "init").status == 4
    assert not Path("nowhere").exists()


def test_verify_names_every_link_and_special_file_in_the_store(program: Path):
    assert dspyreg("register", "qa", program).status == 0
    blobs = sorted(Path(".dspyreg/objects").glob("*/*"))
    for nth, blob in enumerate(blobs):
        blob.rename(f"moved-{nth}")
        blob.symlink_to(Path(f"moved-{nth}").absolute())
    ran = dspyreg("verify", "--json")
    assert ran.status == 6
    damaged = {each["where"] for each in ran.document["problems"]}
    assert {f"b3:{blob.parent.name}{blob.name}" for blob in blobs} <= damaged
