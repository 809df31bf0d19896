"""Programs saved whole, with their code: loaded only where that is allowed."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import live_programs
import pytest
from live_programs import MODEL, QA, dspy

import dspyreg
from dspyreg.errors import Conflict, Refused

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = live_programs.OUR_WARNINGS_ONLY

SIGNATURES = """
import dspy
import myhelp

class QA(dspy.Module):
    def __init__(self):
        super().__init__()
        self.answer = dspy.Predict("question -> answer")

    def forward(self, question):
        return myhelp.same(self.answer(question=question))
"""


def whole(registry, tmp_path: Path, program: Any, **more: Any) -> Any:
    program.save(tmp_path / "whole", save_program=True, **more)
    return registry.register("qa", tmp_path / "whole", any_file=True)


def load(registry, **more: Any) -> Any:
    return dspyreg.load("qa", program=True, allow_pickle=True, registry=registry, **more)


def test_a_whole_program_is_refused_unless_pickles_are_allowed(registry, tmp_path):
    whole(registry, tmp_path, QA())
    with pytest.raises(Refused, match="executes"):
        dspyreg.load("qa", program=True, registry=registry)


def test_a_whole_program_is_loaded_with_its_class_and_provenance(registry, tmp_path):
    whole(registry, tmp_path, QA())
    loaded = load(registry)
    assert type(loaded).__name__ == "QA"
    assert dspyreg.provenance(loaded).label == "1.0.0"


def test_a_whole_program_takes_a_language_model_passed_to_load(registry, tmp_path):
    whole(registry, tmp_path, QA())
    own = dspy.LM(MODEL)
    assert load(registry, lm=own).get_lm() is own


def test_a_whole_program_cannot_be_loaded_into_another_program(registry, tmp_path):
    whole(registry, tmp_path, QA())
    with pytest.raises(Conflict, match="saved whole"):
        dspyreg.load("qa", into=QA(), registry=registry)


@pytest.fixture
def mysigs(tmp_path, monkeypatch) -> Any:
    """A user module that imports another one."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mysigs.py").write_text(SIGNATURES)
    (tmp_path / "code" / "myhelp.py").write_text("def same(it):\n    return it\n")
    monkeypatch.syspath_prepend(tmp_path / "code")
    yield importlib.import_module("mysigs")
    forget()


def forget() -> None:
    for name in ("mysigs", "myhelp"):
        sys.modules.pop(name, None)


def test_registering_a_whole_program_names_the_modules_that_loading_needs(
    registry, tmp_path, mysigs
):
    outcome = whole(registry, tmp_path, mysigs.QA())
    assert "loading program.pkl needs modules: mysigs" in outcome.notices


def test_registering_a_whole_program_without_foreign_modules_gives_no_notice(registry, tmp_path):
    outcome = whole(registry, tmp_path, dspy.ChainOfThought("question -> answer"))
    assert not [notice for notice in outcome.notices if "modules" in notice]


def test_loading_a_whole_program_names_a_missing_module(registry, tmp_path, mysigs, monkeypatch):
    whole(registry, tmp_path, mysigs.QA())
    monkeypatch.undo()
    forget()
    with pytest.raises(Conflict, match="needs modules that are not here: mysigs") as told:
        load(registry)
    assert "modules_to_serialize=[mysigs]" in (told.value.hint or "")


def test_registering_a_whole_program_names_modules_that_its_saved_code_imports(
    registry, tmp_path, mysigs, monkeypatch
):
    outcome = whole(registry, tmp_path, mysigs.QA(), modules_to_serialize=[mysigs])
    assert "loading program.pkl needs modules: myhelp" in outcome.notices
    assert type(load(registry)).__name__ == "QA"
    monkeypatch.undo()
    forget()
    with pytest.raises(Conflict, match="not here: myhelp"):
        load(registry)


def test_loading_a_whole_program_names_a_class_missing_from_its_module(registry, tmp_path, mysigs):
    whole(registry, tmp_path, mysigs.QA())
    del mysigs.QA
    with pytest.raises(Conflict, match=r"cannot be loaded whole: AttributeError") as told:
        load(registry)
    assert "the code" in (told.value.hint or "")


@pytest.mark.parametrize("data", [b"", b"\x80\x05N.", b"nonsense", b"cos\nno_such_name\n."])
@pytest.mark.parametrize("metadata", ["{}", "nonsense", '{"dependency_versions": {}}'])
def test_an_invalid_whole_program_raises_a_registry_error(
    registry, tmp_path, data: bytes, metadata: str
):
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "program.pkl").write_bytes(data)
    (tmp_path / "whole" / "metadata.json").write_text(metadata)
    registry.register("qa", tmp_path / "whole", any_file=True)
    with pytest.raises(Conflict, match="cannot be loaded whole"):
        load(registry)
