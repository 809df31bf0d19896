"""A live program is registered with everything known about it."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import live_programs
import pytest
from live_programs import QA, Outer, a_predictor, dspy

import dspyreg
from dspyreg.compare.contract import CAPTURED
from dspyreg.errors import UsageError
from dspyreg.integrations import optimizers

pytestmark = live_programs.OUR_WARNINGS_ONLY


def test_the_registered_state_is_what_dspy_saves(registry, tmp_path):
    QA().save(tmp_path / "program.json")
    dspyreg.register(QA(), name="qa", registry=registry)
    assert json.loads(registry.read("qa")) == json.loads((tmp_path / "program.json").read_bytes())


def test_the_captured_contract_is_stored_with_the_version(registry):
    version = dspyreg.register(QA(), name="qa", registry=registry).version
    assert version.contract == dspyreg.capture(QA()).to_json()
    assert version.contract["knowledge"] == CAPTURED


def test_a_changed_output_type_makes_a_major_version(registry):
    dspyreg.register(a_predictor("question -> answer"), name="qa", registry=registry)
    changed = a_predictor("question -> answer: list[str]")
    assert dspyreg.register(changed, name="qa", registry=registry).version.label == "2.0.0"


def test_a_state_that_cannot_be_json_is_stored_as_a_pickle_with_a_notice(registry):
    program = a_predictor(demos=[dspy.Example(question={"a", "b"}, answer="c")])
    outcome = dspyreg.register(program, name="qa", registry=registry)
    assert [file.path for file in outcome.version.files] == ["program.pkl"]
    assert any("pickle" in notice for notice in outcome.notices)
    into = dspyreg.load("qa", into=a_predictor(), allow_pickle=True, registry=registry)
    assert into.demos == [{"question": {"a", "b"}, "answer": "c"}]


def test_a_program_that_dspy_cannot_save_is_refused_with_the_reason(registry):
    class Rag(QA):
        def __init__(self):
            super().__init__()
            self.retrieve = dspy.Retrieve(k=3)

    with pytest.raises(UsageError, match="DSPy cannot save this program: TypeError"):
        dspyreg.register(Rag(), name="qa", registry=registry)


def test_a_frozen_part_is_named_in_a_notice_that_it_is_not_saved(registry, caplog):
    with caplog.at_level(logging.WARNING, "dspyreg"):
        outcome = dspyreg.register(Outer(), name="qa", registry=registry)
    told = (
        "predictor `sub.generate.predict` is not saved: `sub` is frozen, because it was compiled"
        " before"
    )
    assert told in outcome.notices
    assert told in caplog.text


def test_a_predictor_in_a_nested_container_is_named_in_a_notice(registry):
    class Nested(QA):
        def __init__(self):
            super().__init__()
            self.steps = {"first": [dspy.Predict("a -> b")]}

    [notice] = dspyreg.register(Nested(), name="qa", registry=registry).notices
    assert notice == (
        "predictor `steps['first'][0]` is not saved: `steps['first']` is a container in a container"
    )


def test_a_predictor_called_metadata_is_named_because_dspy_overwrites_it(registry):
    class Unlucky(QA):
        def __init__(self):
            super().__init__()
            self.metadata = dspy.Predict("a -> b")

    [notice] = dspyreg.register(Unlucky(), name="qa", registry=registry).notices
    assert "predictor `metadata` is not saved" in notice


def test_a_fully_saved_program_gives_no_notice(registry):
    assert dspyreg.register(QA(), name="qa", registry=registry).notices == ()


def test_the_training_set_is_counted_and_the_optimizer_is_described(registry):
    optimizer = dspy.BootstrapFewShot(metric=_exact, max_labeled_demos=3)
    outcome = dspyreg.register(
        QA(), name="qa", trainset=[1, 2, 3], optimizer=optimizer, registry=registry
    )
    metadata = outcome.version.metadata
    assert metadata["training_examples"] == 3
    assert metadata["optimizer"] == "BootstrapFewShot"
    assert metadata["optimizer_settings"]["max_labeled_demos"] == 3
    assert metadata["optimizer_settings"]["metric"] == "_exact"


def _exact(*_: Any) -> bool:
    return True


def test_keys_and_paths_are_not_recorded_as_optimizer_settings():
    optimizer = SimpleNamespace(
        api_key="sk-x",
        seed=3,
        _own=1,
        prompt_model=dspy.LM("openai/x"),
        log_dir="/home/ada/runs",
    )
    assert optimizers.described(optimizer)["optimizer_settings"] == {
        "seed": 3,
        "prompt_model": "openai/x",
    }


def test_a_trainset_without_a_length_is_refused_with_the_reason(registry):
    with pytest.raises(UsageError, match="cannot be counted"):
        dspyreg.register(QA(), name="qa", trainset=iter([1]), registry=registry)


def test_values_from_the_caller_override_those_of_the_optimizer(registry):
    program = QA()
    program.candidate_programs = [{"score": 81.5, "seed": 1, "program": QA()}]
    outcome = dspyreg.register(
        program,
        name="qa",
        metrics={"score": 0.5},
        metadata={"optimizer": "mine"},
        registry=registry,
    )
    assert outcome.version.metrics["score"] == 0.5
    assert "raw_score" not in outcome.version.metadata
    assert outcome.version.metadata["optimizer"] == "mine"


# Checking


def test_checking_the_same_contract_reports_identical(registry):
    dspyreg.register(QA(), name="qa", registry=registry)
    found = dspyreg.check(QA(), against="qa", registry=registry)
    assert (str(found.level), found.compatibility) == ("none", "identical")


def test_checking_a_renamed_input_reports_breaking(registry):
    dspyreg.register(QA(), name="qa", registry=registry)
    found = dspyreg.check(QA("query -> answer"), against="qa", registry=registry)
    assert found.compatibility == "breaking"
    assert [reason.message for reason in found.reasons] == ["input `question` was renamed `query`"]


def test_checking_against_a_state_without_types_never_reports_compatible(registry, tmp_path):
    QA().save(tmp_path / "program.json")
    registry.register("qa", tmp_path / "program.json")
    assert dspyreg.check(QA(), against="qa", registry=registry).compatibility == "unknown"
