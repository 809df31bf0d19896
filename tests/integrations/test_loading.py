"""``load`` restores what was registered, by name, completely or not at all."""

from __future__ import annotations

import json
import logging
import pickle
import sys
from copy import deepcopy
from datetime import date
from importlib.metadata import version
from typing import Any

import live_programs
import pytest
from builders import a_local_registry
from corpus import programs
from live_programs import (
    QA,
    Extract,
    MultiHop,
    Outer,
    a_predictor,
    a_state,
    dspy,
    registered,
)

import dspyreg
from dspyreg.errors import Conflict, ContractMismatch, Corrupt, Refused, UsageError
from dspyreg.formats import known
from dspyreg.integrations import dspy as door

pytestmark = live_programs.OUR_WARNINGS_ONLY


def problems(*arguments: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(ContractMismatch) as told:
        dspyreg.load(*arguments, **more)
    return told.value.problems


def test_instructions_demos_and_texts_are_restored(registry, tmp_path):
    state = a_state(demos=[{"question": "who?", "answer": "ada", "augmented": True}])
    state["signature"]["fields"][1] = {"prefix": "In a word:", "description": "${answer}"}
    loaded = dspyreg.load(
        registered(registry, tmp_path, state), into=a_predictor(), registry=registry
    )
    assert loaded.dump_state()["signature"] == state["signature"]
    assert loaded.demos == state["demos"]


def test_fields_are_restored_by_name_not_by_position(registry, tmp_path):
    state = a_state()
    state["signature"]["fields"] = [
        {"prefix": "The context:", "description": "${context}"},
        {"prefix": "The question:", "description": "${question}"},
        {"prefix": "Answer:", "description": "${answer}"},
    ]
    into = a_predictor("question, context -> answer")
    dspyreg.load(registered(registry, tmp_path, state), into=into, registry=registry)
    texts = {n: f.json_schema_extra["prefix"] for n, f in into.signature.fields.items()}
    assert texts == {
        "question": "The question:",
        "context": "The context:",
        "answer": "Answer:",
    }


class Told(dspy.Signature):
    """Answer."""

    question: str = dspy.InputField(desc="what is asked")
    answer: str = dspy.OutputField(desc="what is said")


def test_a_captured_contract_identifies_fields_that_no_text_names(registry):
    old = a_predictor(Told)
    old.signature = old.signature.with_updated_fields("question", desc="tuned", prefix="Tuned:")
    dspyreg.register(old, name="qa", registry=registry)
    into = dspyreg.load("qa", into=a_predictor(Told), registry=registry)
    assert into.signature.fields["question"].json_schema_extra["desc"] == "tuned"


def test_without_a_contract_fields_are_identified_by_the_texts_of_the_program(registry, tmp_path):
    state = a_state()
    state["signature"]["fields"] = [
        {"prefix": "Q:", "description": "what is asked"},
        {"prefix": "A:", "description": "what is said"},
    ]
    into = a_predictor(Told)
    dspyreg.load(registered(registry, tmp_path, state), into=into, registry=registry)
    assert into.signature.fields["answer"].json_schema_extra["prefix"] == "A:"


def test_one_error_lists_every_problem(registry):
    dspyreg.register(QA("question, context -> answer"), name="qa", registry=registry)

    class Other(QA):
        def __init__(self):
            super().__init__("context, query -> question")
            self.more = dspy.Predict("a -> b")

    assert sorted(problems("qa", into=Other(), registry=registry)) == [
        "field `answer` of predictor `generate.predict` was registered, and the program has none"
        " of it",
        "field `query` of predictor `generate.predict` was not registered",
        "field `question` of predictor `generate.predict` was an input and is an output of the"
        " program",
        "predictor `more` of the program was not registered",
    ]


def test_missing_names_are_tolerated_on_request_with_a_warning(registry, caplog):
    class More(QA):
        def __init__(self):
            super().__init__()
            self.more = dspy.Predict("a -> b")

    dspyreg.register(More(), name="qa", registry=registry)
    with caplog.at_level(logging.WARNING, "dspyreg"):
        dspyreg.load("qa", into=QA(), strict=False, registry=registry)
    assert "predictor `more` was registered" in caplog.text


def test_unregistered_names_are_never_tolerated(registry):
    dspyreg.register(QA(), name="qa", registry=registry)
    into = QA("question, context -> answer")
    assert problems("qa", into=into, strict=False, registry=registry)


def test_loading_into_a_frozen_part_names_it(registry):
    dspyreg.register(Outer(frozen=False), name="qa", registry=registry)
    [problem] = problems("qa", into=Outer(), registry=registry)
    assert "`sub.generate.predict`" in problem
    assert "`sub` is frozen" in problem


OWNED_BY_NOBODY = [
    "__class__",
    "forward",
    "_compiled",
    "stage",
    "config",
    "dump_state",
    "callbacks",
]


@pytest.mark.parametrize("member", OWNED_BY_NOBODY)
@pytest.mark.parametrize("strict", [True, False])
def test_a_state_cannot_set_attributes_that_a_predictor_does_not_own(
    registry, tmp_path, member: str, strict: bool
):
    into = a_predictor()
    before = deepcopy({k: v for k, v in vars(into).items() if k != "signature"})
    selector = registered(registry, tmp_path, a_state(**{member: "hostile"}))
    if strict:
        [problem] = problems(selector, into=into, registry=registry)
        assert f"`{member}`" in problem
    else:
        dspyreg.load(selector, into=into, strict=False, registry=registry)
    ours = {"signature", "_dspyreg_provenance"}
    assert {k: v for k, v in vars(into).items() if k not in ours} == before
    assert type(into) is dspy.Predict


def test_a_failure_during_loading_leaves_the_program_unchanged(registry, monkeypatch):
    compiled = MultiHop()
    compiled.generate_query[0].predict.demos = [{"question": "q"}]
    dspyreg.register(compiled, name="qa", registry=registry)
    into = MultiHop()
    before, calls = into.dump_state(), []
    real = dspy.Predict.load_state

    def load_state(self, state, **more):
        calls.append(self)
        if len(calls) == 5:  # three trials, one that is real
            raise OSError("out of luck")
        return real(self, state, **more)

    monkeypatch.setattr(dspy.Predict, "load_state", load_state)
    with pytest.raises(Conflict, match="out of luck"):
        dspyreg.load("qa", into=into, registry=registry)
    assert into.dump_state() == before


def test_two_loads_do_not_share_demos(registry):
    compiled = a_predictor(demos=[{"question": "q", "answer": "a"}])
    dspyreg.register(compiled, name="qa", registry=registry)
    one, two = (dspyreg.load("qa", into=a_predictor(), registry=registry) for _ in range(2))
    one.demos[0]["answer"] = "b"
    assert two.demos[0]["answer"] == "a"


def test_damaged_bytes_are_not_loaded(tmp_path):
    with a_local_registry(tmp_path / ".dspyreg") as registry:
        outcome = dspyreg.register(a_predictor(), name="qa", registry=registry)
        [file] = outcome.version.files
        [blob] = (tmp_path / ".dspyreg").rglob(f"*{file.digest.hex[-20:]}*")
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes().replace(b"question", b"quastion"))
        with pytest.raises(Corrupt):
            dspyreg.load("qa", into=a_predictor(), registry=registry)


def test_loading_a_file_that_is_not_a_state_is_a_conflict(registry, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("nothing")
    registry.register("qa", path)
    with pytest.raises(Conflict, match=r"notes\.txt of qa@1\.0\.0 is no state"):
        dspyreg.load("qa", into=QA(), registry=registry)


@pytest.mark.parametrize("asked", [{}, {"into": QA()}])
def test_load_requires_either_a_program_or_the_whole_program_option(
    registry, asked: dict[str, Any]
):
    with pytest.raises(UsageError):
        dspyreg.load("qa", **asked, program=bool(asked), registry=registry)


def test_loading_into_a_class_is_a_usage_error(registry):
    with pytest.raises(UsageError, match="QA is a class"):
        dspyreg.load("qa", into=QA, registry=registry)


# Pickles


def a_pickle(registry, tmp_path, data: bytes) -> str:
    path = tmp_path / "program.pkl"
    path.write_bytes(data)
    return str(registry.register("qa", path, force=True).version)


def test_a_pickled_state_is_refused_by_default(registry, tmp_path):
    selector = a_pickle(registry, tmp_path, pickle.dumps(a_state()))
    with pytest.raises(Refused, match="is a pickle"):
        dspyreg.load(selector, into=a_predictor(), registry=registry)


def test_a_pickled_state_is_loaded_on_request(registry, tmp_path):
    path = tmp_path / "program.pkl"
    demo = dspy.Example(question=date(2026, 1, 2), answer={"a", "b"}).with_inputs("question")
    a_predictor(demos=[demo]).save(path)
    registry.register("qa", path)
    into = dspyreg.load("qa", into=a_predictor(), allow_pickle=True, registry=registry)
    assert into.demos == [{"question": date(2026, 1, 2), "answer": {"a", "b"}}]


class Command:
    """Runs a command if it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        import os

        return os.system, (self.command,)


def test_a_command_in_a_pickle_is_not_run(registry, tmp_path):
    hostile = a_state(demos=[{"question": Command(f"touch {tmp_path}/ran"), "answer": ""}])
    selector = a_pickle(registry, tmp_path, pickle.dumps(hostile))
    with pytest.raises(Conflict, match=r"posix\.system"):
        dspyreg.load(selector, into=a_predictor(), allow_pickle=True, registry=registry)
    assert not (tmp_path / "ran").exists()


# Provenance


def test_a_loaded_program_has_provenance(registry):
    dspyreg.register(QA(), name="qa", registry=registry)
    found = dspyreg.provenance(dspyreg.load("qa@latest", into=QA(), registry=registry))
    assert found is not None
    assert (found.selector, found.program, found.label) == ("qa@latest", "qa", "1.0.0")
    assert found.digest == str(registry.resolve("qa").digest)
    assert found.registry == registry.registry_id


def test_a_program_that_was_not_loaded_has_no_provenance(registry):
    into = QA()
    assert dspyreg.provenance(into) is None
    dspyreg.register(QA("q -> a"), name="qa", registry=registry)
    assert problems("qa", into=into, registry=registry)
    assert dspyreg.provenance(into) is None


# Families


def old_state(path: str) -> bytes:
    if programs.FOLDER is None:
        pytest.skip(f"{programs.VARIABLE} names no corpus")
    return (programs.FOLDER / path).read_bytes()


def without_metadata(data: bytes) -> bytes:
    return json.dumps({k: v for k, v in json.loads(data).items() if k != "metadata"}).encode()


def _retrieving() -> Any:
    return MultiHop(retrieve=dspy.Retrieve(k=1))


FAMILIES: dict[str, tuple[str, Any]] = {
    "Z": ("found/stanfordnlp__dspy/tests/multihop_llama213b_0.json", _retrieving),
    "A-multihop": ("made/_by_dspy/2.4.17/multihop/1.1.0/program.json", MultiHop),
    "A-qa": ("made/_by_dspy/2.4.17/bootstrap_qa/1.0.0/program.json", QA),
    "A-typed": (
        "made/_by_dspy/2.4.17/typed_extract/1.0.0/program.json",
        lambda: dspy.Predict(Extract),
    ),
    "C-multihop": ("made/_by_dspy/2.5.43/multihop/1.1.0/program.json", MultiHop),
    "C-qa": ("made/_by_dspy/2.5.43/bootstrap_qa/1.0.0/program.json", QA),
    "D-2.6": ("made/_by_dspy/2.6.27/multihop/1.1.0/program.json", MultiHop),
    "D-today": ("made/multihop/1.1.0/program.json", MultiHop),
}


def tells(program: Any) -> list[tuple[Any, Any]]:
    return [(it.signature.instructions, list(it.demos)) for it in program.predictors()]


def as_today(predictor: Any, demo: dict[str, Any]) -> dict[str, Any]:
    """Return a demo with its rationale renamed as the predictor names it."""
    if "reasoning" not in predictor.signature.fields:
        return demo
    return {"reasoning" if key == "rationale" else key: demo[key] for key in demo}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("change", [lambda data: data, without_metadata], ids=["whole", "bare"])
def test_a_state_of_every_family_is_loaded_into_a_current_program(
    registry, tmp_path, family: str, change: Any
):
    path, make = FAMILIES[family]
    data = change(old_state(path))
    saved = {each.name.removesuffix(".predict"): each for each in known.read(data).predictors}
    selector = registered(registry, tmp_path, data, allow_secrets=True)
    into = dspyreg.load(selector, into=make(), registry=registry)
    for name, predictor in into.named_predictors():
        each = saved.get(name.removesuffix(".predict"), next(iter(saved.values())))
        assert predictor.demos == [as_today(predictor, demo) for demo in each.demos]
        if each.instructions is not None:
            assert predictor.signature.instructions == each.instructions


def test_only_k_of_a_retriever_is_restored(registry, tmp_path):
    data = json.loads(old_state(FAMILIES["Z"][0]))
    into = dspyreg.load(registered(registry, tmp_path, data), into=_retrieving(), registry=registry)
    assert into.retrieve.k == data["retrieve"]["k"]
    data["retrieve"]["forward"] = "hostile"
    found = problems(registered(registry, tmp_path, data), into=_retrieving(), registry=registry)
    assert found == ("`retrieve` was registered with `forward`, which the program's does not own",)


def test_the_last_prefix_of_an_old_state_is_restored(registry, tmp_path):
    old = {
        "demos": [],
        "signature_instructions": "Answer.",
        "signature_prefix": "In a word:",
    }
    into = dspyreg.load(registered(registry, tmp_path, old), into=a_predictor(), registry=registry)
    assert into.signature.fields["answer"].json_schema_extra["prefix"] == "In a word:"


def test_fields_named_only_by_old_instructions_must_exist_in_the_program(registry, tmp_path):
    told = "Given the fields `query`, produce the fields `answer`."
    old = {"demos": [], "signature_instructions": told, "signature_prefix": "Answer:"}
    selector = registered(registry, tmp_path, old)
    [problem] = problems(selector, into=a_predictor(), registry=registry)
    assert "field `query`" in problem


def test_a_bare_predictor_saved_as_self_is_loaded_into_a_bare_predictor(registry, tmp_path):
    old = {
        "self": {"demos": [], "signature_instructions": "Be dry.", "signature_prefix": "Answer:"}
    }
    into = dspyreg.load(registered(registry, tmp_path, old), into=a_predictor(), registry=registry)
    assert into.signature.instructions == "Be dry."


# Versions of DSPy


def test_loading_a_program_saved_by_another_dspy_or_python_warns(registry, tmp_path, caplog):
    state = a_state()
    state["metadata"]["dependency_versions"] = {"dspy": "3.0.4", "python": "3.9"}
    selector = registered(registry, tmp_path, state)
    with caplog.at_level(logging.WARNING, "dspyreg"):
        dspyreg.load(selector, into=a_predictor(), registry=registry)
    assert f"saved by dspy 3.0.4, and here is {dspy.__version__}" in caplog.text
    assert "saved by python 3.9" in caplog.text


def test_another_patch_release_of_python_does_not_warn(registry, tmp_path, caplog):
    state, here = a_state(), ".".join(map(str, sys.version_info[:2]))
    state["metadata"]["dependency_versions"] = {"python": f"{here}.99"}
    selector = registered(registry, tmp_path, state)
    with caplog.at_level(logging.WARNING, "dspyreg"):
        dspyreg.load(selector, into=a_predictor(), registry=registry)
    assert "saved by" not in caplog.text


def test_loading_a_program_saved_by_this_dspy_does_not_warn(registry, caplog):
    dspyreg.register(a_predictor(), name="qa", registry=registry)
    with caplog.at_level(logging.WARNING, "dspyreg"):
        dspyreg.load("qa", into=a_predictor(), registry=registry)
    assert caplog.text == ""


def test_dspy_before_2_6_can_register_and_not_load(registry, monkeypatch):
    monkeypatch.setattr(dspy, "__version__", "2.5.43")
    dspyreg.register(a_predictor(), name="qa", registry=registry)
    with pytest.raises(UsageError, match=r"needs DSPy 2\.6 or later, and here is 2\.5\.43"):
        dspyreg.load("qa", into=a_predictor(), registry=registry)


def test_a_dspy_without_a_version_attribute_gets_its_distribution_version(monkeypatch):
    monkeypatch.delattr(dspy, "__version__")
    assert door.versions()["dspy"] == version("dspy")
