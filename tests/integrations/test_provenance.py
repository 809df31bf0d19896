"""A loaded program, and everything derived from it, knows the version that it came from."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import live_programs
import pytest
from builders import a_local_registry
from live_programs import QA, a_predictor, cloudpickle, dspy

import dspyreg
from dspyreg.errors import NotFound

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = live_programs.OUR_WARNINGS_ONLY

TRAINSET = [dspy.Example(question="2+2?", answer="4").with_inputs("question")]


def _labeled(program: Any) -> Any:
    return dspy.LabeledFewShot(k=1).compile(program, trainset=TRAINSET)


def _bootstrapped(program: Any) -> Any:
    with dspy.context(lm=dspy.utils.DummyLM([{"answer": "4", "reasoning": "so"}] * 9)):
        return dspy.BootstrapFewShot(metric=lambda *_: True).compile(program, trainset=TRAINSET)


COPIES: dict[str, Any] = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "deepcopy of its own": lambda program: program.deepcopy(),
    "reset_copy": lambda program: program.reset_copy(),
    "pickle": lambda program: cloudpickle.loads(cloudpickle.dumps(program)),
    "LabeledFewShot": _labeled,
    "BootstrapFewShot": _bootstrapped,
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("make", [QA, a_predictor])
def test_a_copy_of_a_loaded_program_has_its_provenance(registry, how: str, make: Any):
    dspyreg.register(make(), name="qa", registry=registry)
    loaded = dspyreg.load("qa", into=make(), registry=registry)
    found = dspyreg.provenance(COPIES[how](loaded))
    assert found == dspyreg.provenance(loaded)
    assert found.label == "1.0.0"


def test_provenance_is_that_of_the_last_load(registry):
    dspyreg.register(QA(), name="qa", registry=registry)
    dspyreg.register(QA(), name="qb", registry=registry)
    into = dspyreg.load("qa", into=QA(), registry=registry)
    dspyreg.load("qb", into=into, registry=registry)
    assert dspyreg.provenance(into).program == "qb"


def instructed(text: str) -> Any:
    program = QA()
    predictor = program.generate.predict
    predictor.signature = predictor.signature.with_instructions(text)
    return program


def test_a_program_compiled_from_a_loaded_version_has_that_version_as_parent(registry):
    for text in ("one", "two"):
        dspyreg.register(instructed(text), name="qa", registry=registry)
    old = dspyreg.load("qa@1.0.0", into=QA(), registry=registry)
    version = dspyreg.register(_labeled(old), name="qa", registry=registry).version
    assert (version.label, version.previous_version) == ("1.0.2", "1.0.0")


def test_a_program_built_from_scratch_has_the_latest_version_as_parent(registry):
    for text in ("one", "two"):
        dspyreg.register(instructed(text), name="qa", registry=registry)
    version = dspyreg.register(instructed("three"), name="qa", registry=registry).version
    assert version.previous_version == "1.0.1"


def test_a_version_of_another_program_or_registry_is_not_used_as_parent(registry, tmp_path: Path):
    other = a_local_registry(tmp_path / "other")
    dspyreg.register(instructed("one"), name="qa", registry=other)
    loaded = dspyreg.load("qa", into=QA(), registry=other)
    dspyreg.register(instructed("two"), name="qa", registry=registry)
    dspyreg.register(instructed("three"), name="qa", registry=registry)
    version = dspyreg.register(loaded, name="qa", registry=registry).version
    assert version.previous_version == "1.0.1"
    assert dspyreg.register(loaded, name="qb", registry=registry).version.previous_version is None


def test_a_version_whose_registration_was_undone_is_not_used_as_parent(registry):
    dspyreg.register(instructed("one"), name="qa", registry=registry)
    dspyreg.register(instructed("two"), name="qa", registry=registry)
    loaded = dspyreg.load("qa", into=QA(), registry=registry)
    registry.undo()
    version = dspyreg.register(_labeled(loaded), name="qa", registry=registry).version
    assert version.previous_version == "1.0.0"


def test_files_are_registered_with_the_named_parent(registry, tmp_path: Path):
    for text in ("one", "two", "three"):
        instructed(text).save(tmp_path / "program.json")
        parent = "1.0.0" if text == "three" else None
        outcome = registry.register("qa", tmp_path / "program.json", parent=parent)
    assert outcome.version.previous_version == "1.0.0"
    with pytest.raises(NotFound, match=r"qa@9\.9\.9"):
        registry.register("qa", tmp_path / "program.json", parent="9.9.9", force=True)


def test_a_pickle_of_a_loaded_program_does_not_need_dspyreg(registry, tmp_path: Path):
    dspyreg.register(a_predictor(), name="qa", registry=registry)
    loaded = dspyreg.load("qa", into=a_predictor(), registry=registry)
    loaded.save(tmp_path / "whole", save_program=True)
    code = (
        "import sys; sys.modules['dspyreg'] = None;"
        " import dspy; dspy.load(sys.argv[1], allow_pickle=True)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "whole")]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_program_saved_whole_does_not_contain_the_location_of_the_registry(tmp_path: Path):
    place = tmp_path / "home-of-ada"
    registry = a_local_registry(place)
    dspyreg.register(a_predictor(), name="qa", registry=registry)
    loaded = dspyreg.load("qa", into=a_predictor(), registry=registry)
    loaded.save(tmp_path / "whole", save_program=True)
    assert b"home-of-ada" not in (tmp_path / "whole" / "program.pkl").read_bytes()
    assert "home-of-ada" in dspyreg.provenance(loaded).where
