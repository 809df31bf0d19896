"""Real programs round-trip byte for byte."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import a_local_registry
from corpus import programs

from dspyreg.model.protected import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.registry.facade.registry import Registry

CORPUS = programs.in_the_corpus()


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry on disk."""
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        yield registry


def a_state(directory: Path, name: str = "next.json") -> Path:
    """Write a state that differs from every other program."""
    path = directory / name
    path.write_text(
        '{"predict": {"demos": [], "signature": {"instructions": "Next.", "fields": []}}}'
    )
    return path


def to_production(registry: Registry, program: Path) -> None:
    """Register a program, accepting secrets and any file, and promote it twice."""
    made = registry.register("qa", program, allow_secrets=True, any_file=True)
    assert made.version is not None
    for rung in ("staging", "production"):
        registry.promote(f"qa@{made.version.label}", to=rung)


def back_in_production(registry: Registry, program: Path, directory: Path) -> Path:
    """Promote a program to production, replace it, roll back, and check out the live version."""
    to_production(registry, program)
    to_production(registry, a_state(directory))
    registry.rollback("qa", reason="worse")
    assert registry.resolve("qa@production").label == "1.0.0"
    registry.checkout("qa@production", directory / "out")
    (directory / "out" / MARKER).unlink()
    return directory / "out"


def _name(path: Path) -> str:
    root = programs.FOLDER if path in CORPUS else path.parent
    return path.relative_to(root or path.parent).as_posix()


def _each(*paths: Path) -> pytest.MarkDecorator:
    missing = f"{programs.VARIABLE} names no folder of programs"
    nothing = pytest.param(None, id="corpus", marks=pytest.mark.skip(reason=missing))
    return pytest.mark.parametrize("program", paths or [nothing], ids=_name if paths else None)


@_each(*programs.shipped())
def test_a_shipped_program_round_trips_byte_for_byte(
    registry: Registry, tmp_path: Path, program: Path
):
    out = back_in_production(registry, program, tmp_path)
    assert programs.contents(out) == programs.contents(program)


@_each(*CORPUS)
def test_a_program_of_the_corpus_round_trips_byte_for_byte(
    registry: Registry, tmp_path: Path, program: Path
):
    out = back_in_production(registry, program, tmp_path)
    assert programs.contents(out) == programs.contents(program)


def test_a_configured_corpus_has_states_and_program_directories():
    if programs.FOLDER is None:
        pytest.skip(f"{programs.VARIABLE} names no folder of programs")
    assert any(path.parts[-1] == "saved_program" for path in CORPUS)
    for part in ("made", "found"):
        assert any(path.is_relative_to(programs.FOLDER / part) for path in CORPUS)


def test_all_programs_fit_into_one_intact_registry(registry: Registry):
    paths = [*programs.shipped(), *CORPUS]
    for nth, path in enumerate(paths):
        registry.register(f"program-{nth}", path, allow_secrets=True, any_file=True)
    assert len(registry.programs()) == len(paths)
    for nth, path in enumerate(paths):
        for name, data in programs.contents(path).items():
            assert registry.read(f"program-{nth}", name) == data, path
    verdict = registry.verify()
    assert verdict.ok, verdict


class Burglar:
    """Creates a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that appears when a burglar is unpickled."""
    return tmp_path / "unpickled"


def test_a_pickled_state_is_stored_without_being_unpickled(
    registry: Registry, tmp_path: Path, mark: Path
):
    program = tmp_path / "program.pkl"
    program.write_bytes(pickle.dumps(Burglar(mark)))
    out = back_in_production(registry, program, tmp_path)
    registry.verify()
    assert programs.contents(out) == programs.contents(program)
    assert not mark.exists()


def test_a_program_directory_is_stored_without_being_unpickled(
    registry: Registry, tmp_path: Path, mark: Path
):
    program = tmp_path / "program"
    program.mkdir()
    (program / "metadata.json").write_text('{"dependency_versions": {"dspy": "3.0.0"}}')
    (program / "program.pkl").write_bytes(pickle.dumps(Burglar(mark)))
    out = back_in_production(registry, program, tmp_path)
    assert programs.contents(out) == programs.contents(program)
    assert not mark.exists()


def test_the_malicious_pickle_would_be_noticed_if_loaded(mark: Path):
    pickle.loads(pickle.dumps(Burglar(mark)))
    assert mark.exists()


def test_changing_a_checkout_changes_neither_source_nor_store(registry: Registry, tmp_path: Path):
    [first, *_] = programs.shipped()
    program = tmp_path / first.name
    program.write_bytes(first.read_bytes())
    out = back_in_production(registry, program, tmp_path)
    with open(out / first.name, "ab") as file:
        file.write(b"changed")
    assert program.read_bytes() == first.read_bytes()
    assert registry.read("qa@production") == first.read_bytes()
