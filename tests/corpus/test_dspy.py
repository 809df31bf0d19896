"""DSPy itself loads what was checked out, into the classes that the programs came from."""

from __future__ import annotations

import importlib
import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pytest
from builders import a_local_registry
from corpus import programs

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = {"qa-1": "QA", "qa-2": "QA", "qa-3": "QA", "summarize-1": "Summarize"}


def _missing() -> str:
    """Return why DSPy is not available; empty if it is."""
    try:
        installed = version("dspy")
    except PackageNotFoundError:
        return "dspy is not installed: nobody has loaded what was checked out"
    return "" if int(installed.partition(".")[0]) >= 3 else f"dspy {installed} is older than 3"


pytestmark = [
    pytest.mark.skipif(bool(_missing()), reason=_missing() or "it is there"),
    pytest.mark.filterwarnings("ignore"),  # ignore warnings of DSPy's own dependencies
]


@pytest.fixture
def makers(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script that made the programs, with their classes."""
    monkeypatch.setenv("DSPY_CACHEDIR", str(tmp_path_factory.getbasetemp() / "dspy-cache"))
    return importlib.import_module("golden.make_demo_programs")


def checked_out(program: Path, directory: Path) -> Path:
    """Register a program, promote it to production, and check out the live version."""
    with a_local_registry(directory / ".dspyreg") as registry:
        registry.register("qa", program)
        for rung in ("staging", "production"):
            registry.promote("qa@1.0.0", to=rung)
        registry.checkout("qa@production", directory / "live")
    return directory / "live" / program.name


def loaded(makers: Any, program: Path, path: Path) -> Any:
    """Return the program that DSPy loads from a state."""
    module = getattr(makers, CLASSES[program.stem])()
    module.load(path)
    return module


@pytest.fixture(params=programs.shipped(), ids=lambda path: path.stem)
def program(request: pytest.FixtureRequest) -> Path:
    """A state that ships with the package."""
    path: Path = request.param
    return path


def test_dspy_loads_the_instructions_that_were_registered(
    makers: Any, program: Path, tmp_path: Path
):
    module = loaded(makers, program, checked_out(program, tmp_path))
    written = json.loads(program.read_bytes())
    for name, predictor in module.named_predictors():
        assert predictor.signature.instructions == written[name]["signature"]["instructions"]


def test_dspy_loads_the_demos_that_were_registered(makers: Any, program: Path, tmp_path: Path):
    module = loaded(makers, program, checked_out(program, tmp_path))
    written = json.loads(program.read_bytes())
    for name, predictor in module.named_predictors():
        assert [dict(demo) for demo in predictor.demos] == written[name]["demos"]


def test_dspy_saves_a_loaded_program_as_it_was_registered(
    makers: Any, program: Path, tmp_path: Path
):
    module = loaded(makers, program, checked_out(program, tmp_path))
    module.save(tmp_path / "again.json")
    again, written = (json.loads(p.read_bytes()) for p in (tmp_path / "again.json", program))
    assert {**again, "metadata": None} == {**written, "metadata": None}


def test_dspy_loads_the_good_demos_after_a_rollback(makers: Any, tmp_path: Path):
    _, good, bad, _ = programs.shipped()
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        for path, label in ((good, "1.0.0"), (bad, "1.1.0")):
            registry.register("qa", path, version=label)
            registry.promote(f"qa@{label}")
            registry.promote(f"qa@{label}", to="production")
        registry.rollback("qa", reason="essays")
        registry.checkout("qa@production", tmp_path / "live")
    [predictor] = loaded(makers, good, tmp_path / "live" / good.name).predictors()
    assert [demo["answer"] for demo in predictor.demos] == ["2018", "no", "unknown"]
