"""The tour: real commands on real programs, in a store of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commandline import dspyreg

from dspyreg.cli.care import demo
from dspyreg.cli.commands import COMMANDS

if TYPE_CHECKING:
    from commandline import Ran

CHECKOUT = Path(__file__).resolve().parents[2]
LINES = [scene.line for chapter in demo.TOUR for scene in chapter.scenes]


@pytest.fixture
def temporary(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary directories."""
    directory = here.parent / "temporary"
    directory.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    return directory


def the_tour(*words: object, terminal: bool = False) -> Ran:
    played = dspyreg("demo", *words, terminal=terminal)
    assert played.status == 0, played.err
    return played


def a_tour_of(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    scenes = tuple(demo.Scene(line, "Why not?") for line in lines)
    monkeypatch.setattr(demo, "TOUR", (demo.Chapter("A tour", scenes),))


def in_a_process(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    """Run the tour in a process, with both streams in one pipe."""
    return subprocess.run(
        [sys.executable, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        **more,  # type: ignore[call-overload]
    )


@pytest.mark.usefixtures("here")
def test_the_tour_shows_its_commands_in_order_each_with_a_sentence():
    shown = the_tour().out.splitlines()
    prompts = [line.removeprefix("$ dspyreg ") for line in shown if line.startswith("$ ")]
    assert prompts == LINES
    after = [shown[nth + 1] for nth, line in enumerate(shown) if line.startswith("$ ")]
    assert all(line.startswith("# ") for line in after)


@pytest.mark.usefixtures("here")
def test_the_tour_ends_with_the_good_version_in_production_and_an_intact_store():
    out = the_tour().out
    assert "\n$ dspyreg resolve qa@production\n# A script" in out
    assert out.partition("$ dspyreg resolve qa@production\n")[2].splitlines()[1] == "1.1.0"
    assert out.partition("--at 10\n")[2].splitlines()[1] == "1.2.0"
    assert "\nok: yes\n" in out


@pytest.mark.usefixtures("here")
def test_the_tour_shows_a_refusal_and_its_reason():
    assert "Cannot promote from development to production" in the_tour().err


def test_the_tour_prints_what_its_commands_print_in_the_kept_store(here: Path):
    out = the_tour("--keep", "kept").out
    for line in ("status qa", "resolve qa@production --at 10", "verify"):
        again = dspyreg(*line.split(), "--store", here / "kept" / ".dspyreg")
        assert again.status == 0
        assert again.out in out, line


def test_the_tour_checks_out_the_bytes_that_ship_with_the_package(here: Path):
    the_tour("--keep", "kept")
    shipped = files("dspyreg").joinpath("demo", "programs", "qa-2.json").read_bytes()
    assert (here / "kept" / "live" / "qa-2.json").read_bytes() == shipped


def test_the_tour_removes_its_store_and_says_so(here: Path, temporary: Path):
    assert "The store is removed" in the_tour().out
    assert list(temporary.iterdir()) == []
    assert list(here.iterdir()) == []


def test_the_directory_to_keep_holds_the_store_and_the_programs(here: Path):
    out = the_tour("--keep", "a b/kept").out
    assert "The store is yours: `cd 'a b/kept'`" in out
    kept = {path.name for path in (here / "a b" / "kept").iterdir()}
    assert kept == {".dspyreg", "live", "qa-1.json", "qa-2.json", "qa-3.json"}


def test_the_tour_refuses_a_directory_that_is_not_empty(here: Path):
    (here / "mine").write_text("mine")
    played = dspyreg("demo", "--keep", here)
    assert (played.status, played.out) == (4, "")
    assert played.err == f"error: {here} is not empty\nhint: name a new directory\n"
    assert [path.name for path in here.iterdir()] == ["mine"]


def test_the_tour_refuses_a_file_in_place_of_a_directory(here: Path):
    (here / "mine").write_text("mine")
    played = dspyreg("demo", "--keep", "mine")
    assert (played.status, played.err.splitlines()[0]) == (4, "error: mine is not a directory")


def test_the_tour_does_not_touch_the_registry_of_the_user(
    store: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DSPYREG_STORE", str(store))
    the_tour()
    assert dspyreg("log").out == ""


@pytest.mark.usefixtures("here")
def test_the_tour_accepts_neither_a_store_nor_json():
    assert dspyreg("demo", "--store", "other").status == 2
    refused = dspyreg("demo", "--json")
    assert (refused.status, refused.error["code"]) == (2, "usage")
    assert refused.error["message"] == "demo prints a tour and has no --json"


@pytest.mark.usefixtures("here")
def test_a_failing_step_ends_the_tour_with_its_exit_code(monkeypatch: pytest.MonkeyPatch):
    a_tour_of(monkeypatch, "init", "resolve nobody", "verify")
    played = dspyreg("demo")
    assert played.status == 3
    assert "nobody" in played.err
    assert "$ dspyreg verify" not in played.out


@pytest.mark.usefixtures("here")
def test_a_missing_refusal_fails_the_tour(monkeypatch: pytest.MonkeyPatch):
    scene = demo.Scene("init", "It should have been refused.", status=1)
    monkeypatch.setattr(demo, "TOUR", (demo.Chapter("A tour", (scene,)),))
    assert dspyreg("demo").status == 70


def test_a_failed_tour_leaves_nothing_behind(temporary: Path, monkeypatch: pytest.MonkeyPatch):
    a_tour_of(monkeypatch, "init", "resolve nobody")
    dspyreg("demo")
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("here")
def test_the_actor_option_names_the_actor_of_the_tour():
    assert "\tgrace\trollback\t" in the_tour("--as", "grace").out


@pytest.mark.usefixtures("here")
def test_the_tour_prints_colour_only_on_a_terminal_without_no_color(
    monkeypatch: pytest.MonkeyPatch,
):
    assert "\x1b" not in the_tour(terminal=True).out
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b" not in the_tour().out
    assert "\x1b[1m\n$ dspyreg init\x1b[0m" in the_tour(terminal=True).out


@pytest.mark.usefixtures("here")
def test_the_help_of_the_tour_uses_its_one_line_description():
    assert COMMANDS["demo"].help in dspyreg("demo", "--help").out


def test_standard_output_and_error_keep_their_order_in_one_pipe(here: Path):
    played = in_a_process("-m", "dspyreg", "demo", cwd=here)
    assert played.returncode == 0, played.stdout
    _, _, step = played.stdout.partition("$ dspyreg promote qa@1.0.0\n")
    _sentence, row, first, second, *_ = step.splitlines()
    assert "\tpromote\tqa@1.0.0" in row
    assert first == "qa@1.0.0: development → staging (Promoted to staging)"
    assert second == "staging: nothing → 1.0.0"


def test_the_tour_needs_neither_a_network_nor_dspy(here: Path):
    script = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was asked for")
socket.socket = socket.create_connection = refuse
sys.modules["dspy"] = None
from dspyreg.cli.app import main
main(["demo"])
"""
    played = in_a_process("-c", script, cwd=here)
    assert played.returncode == 0, played.stdout


def test_the_tour_works_from_a_wheel(here: Path):
    played = in_a_process(
        "-c",
        "import dspyreg, sys; print(dspyreg.__file__)\n"
        "from dspyreg.registry.change import presets; assert presets.read('governed')\n"
        "from dspyreg.cli.app import main; main(['demo'])",
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(_unpacked_wheel(here.parent))},
    )
    assert played.returncode == 0, played.stdout
    assert played.stdout.startswith(str(here.parent / "unpacked"))


def _unpacked_wheel(directory: Path) -> Path:
    """Build the wheel from a copy of the checkout, offline, and unpack it."""
    _require_builders()
    source, wheels, unpacked = (directory / name for name in ("source", "wheels", "unpacked"))
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, source)
    shutil.copytree(
        CHECKOUT / "dspyreg", source / "dspyreg", ignore=shutil.ignore_patterns("__pycache__")
    )
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    built = in_a_process("-m", "pip", "wheel", *options, "-w", wheels, source, cwd=directory)
    assert built.returncode == 0, built.stdout
    [wheel] = wheels.iterdir()
    zipfile.ZipFile(wheel).extractall(unpacked)
    return unpacked


def _require_builders() -> None:
    try:
        version("pip")
        found = version("setuptools")
    except PackageNotFoundError as missing:
        pytest.skip(f"the wheel was not tried: {missing.name} is not installed")
    if int(found.partition(".")[0]) < 77:
        pytest.skip(f"the wheel was not tried: setuptools {found} is older than 77")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("streams", ["", "2>&1"])
def test_a_closed_pipe_ends_the_tour_without_a_traceback(streams: str):
    line = f"{sys.executable} -m dspyreg demo {streams} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "141"
    assert "Traceback" not in done.stderr
