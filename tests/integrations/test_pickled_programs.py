"""Notices about a registered program that cannot be JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import live_programs
import pytest
from live_programs import QA, a_predictor, dspy

import dspyreg
from dspyreg.errors import Refused

pytestmark = live_programs.OUR_WARNINGS_ONLY


def with_demo(**fields: Any) -> Any:
    program = QA()
    program.generate.predict.demos = [dspy.Example(question="?", **fields)]
    return program


@pytest.mark.parametrize(
    "value", [Path("/home/ada/a.pdf"), [Path("a")], {"path": Path("a")}, {Path("a")}]
)
def test_a_path_in_a_demo_is_named_with_its_predictor_and_its_field(registry, value: Any):
    outcome = dspyreg.register(with_demo(file=value), name="qa", registry=registry)
    where = "field `file` in demos of predictor `generate.predict` is a PosixPath"
    assert (
        f"this version can never be loaded by dspyreg: {where}; make it text, or leave it out"
        in outcome.notices
    )
    told = " ".join(outcome.notices)
    assert "dspyreg-" not in told
    assert "/home" not in told
    with pytest.raises(Refused):
        dspyreg.load("qa", into=QA(), registry=registry)


def test_a_demo_value_that_needs_a_pickle_is_named_and_can_be_loaded(registry):
    outcome = dspyreg.register(with_demo(tags={"a", "b"}), name="qa", registry=registry)
    assert outcome.notices[-1] == (
        "saved as a pickle, because it cannot be JSON: field `tags` in demos of"
        " predictor `generate.predict` is a set"
    )
    loaded = dspyreg.load("qa", into=QA(), allow_pickle=True, registry=registry)
    assert loaded.generate.predict.demos[0]["tags"] == {"a", "b"}


def asked() -> Any:
    """Return a program whose language model has a history."""
    program = a_predictor()
    program.set_lm(dspy.utils.DummyLM([{"answer": "4"}]))
    program(question="what somebody wanted to know")
    return program


def test_registering_a_whole_program_with_prompt_history_gives_a_notice(registry, tmp_path):
    asked().save(tmp_path / "whole", save_program=True)
    outcome = registry.register("qa", tmp_path / "whole")
    [notice] = [each for each in outcome.notices if "history" in each]
    assert notice.startswith("program.pkl holds the history of a language model: prompts")


def test_registering_a_whole_program_without_prompt_history_gives_no_notice(registry, tmp_path):
    program = asked()
    program.lm.history.clear()
    program.save(tmp_path / "whole", save_program=True)
    outcome = registry.register("qa", tmp_path / "whole")
    assert not [each for each in outcome.notices if "history" in each]
