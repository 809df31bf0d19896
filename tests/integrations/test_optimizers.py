"""Results left on a program by an optimizer are registered and never stop a registration.

That real ones leave what is told here: ``tests/dspy_versions/optimizers.py``.
"""

from __future__ import annotations

import json
from typing import Any

import live_programs
import pytest
from live_programs import QA, a_predictor, dspy

import dspyreg
from dspyreg.integrations import optimizers

pytestmark = live_programs.OUR_WARNINGS_ONLY
PROMPT = {"generate.predict": "Given the fields `question`, produce the fields `answer`."}


def run_of(registry: Any, selector: str = "qa") -> Any:
    return json.loads(registry.read(selector, "optimizer.json"))["results"]


def mipro() -> Any:
    program = QA()
    program.score = 81.5
    program.total_calls = 0
    program.trial_logs = {
        1: {
            "full_eval_score": 70.0,
            "full_eval_program": QA(),
            "full_eval_program_path": "/home/ada/runs/program_-1",
            "total_eval_calls_so_far": 30,
        },
        2: {"mb_score": 81.5, "0_predictor_instruction": 3, "total_eval_calls_so_far": 40},
    }
    program.candidate_programs = [
        {"score": 81.5, "program": QA(), "full_eval": True},
        {"score": 70.0, "program": QA(), "full_eval": True},
    ]
    return program


def gepa(candidates: int = 2, examples: int = 1) -> Any:
    from dspy.teleprompt.gepa.gepa import DspyGEPAResult

    program = QA()
    program.detailed_results = DspyGEPAResult(
        candidates=[program, *(QA() for _ in range(candidates - 1))],
        parents=[[None], *([n] for n in range(candidates - 1))],
        val_aggregate_scores=[0.75, *(0.5 for _ in range(candidates - 1))],
        val_subscores=[dict.fromkeys(range(examples), 0.5) for _ in range(candidates)],
        per_val_instance_best_candidates={n: {1, 0} for n in range(examples)},
        discovery_eval_counts=list(range(candidates)),
        best_outputs_valset={0: [(0, dspy.Prediction(answer="secret"))]},
        total_metric_calls=14,
        log_dir="/home/ada/runs",
    )
    return program


def test_a_percentage_left_by_miprov2_is_recorded_as_a_fraction(registry):
    version = dspyreg.register(mipro(), name="qa", registry=registry).version
    assert version.metrics == {"score": 0.815}
    told = ("raw_score", "score_scale", "trials", "total_calls", "candidate_scores")
    assert [version.metadata[key] for key in told] == [81.5, "percent", 2, 40, [0.815, 0.7]]


def test_a_fraction_left_by_gepa_is_recorded_unchanged(registry):
    version = dspyreg.register(gepa(), name="qa", registry=registry).version
    assert version.metrics == {"score": 0.75}
    told = ("raw_score", "score_scale", "trials", "total_calls", "candidate_scores")
    assert [version.metadata[key] for key in told] == [0.75, "fraction", 2, 14, [0.75, 0.5]]


def test_a_fraction_left_by_simba_is_recorded_unchanged():
    program = QA()
    program.candidate_programs = [{"score": 0.5, "program": QA()}]
    assert optimizers.left_on(program).metrics == {"score": 0.5}


def test_candidates_of_dspy_before_2_6_are_read_from_tuples():
    program = QA()
    program.candidate_programs = [(90.0, [1.0, True], -3, program), (70.0, [0.0, True], 1, QA())]
    left = optimizers.left_on(program)
    assert left.metrics == {"score": 0.9}
    assert left.results["candidate_programs"][0] == {
        "score": 90.0,
        "subscores": [1.0, True],
        "seed": -3,
        "program": PROMPT,
    }


def test_the_optimizer_run_is_an_extra_file_beside_the_main_state(registry):
    dspyreg.register(mipro(), name="qa", optimizer="MIPROv2", registry=registry)
    told = json.loads(registry.read("qa", "optimizer.json"))
    assert told["method"] == "MIPROv2"
    assert told["results"]["trial_logs"]["2"]["0_predictor_instruction"] == 3
    assert told["results"]["candidate_programs"][0]["program"] == PROMPT
    assert "generate.predict" in json.loads(registry.read("qa"))
    assert dspyreg.load("qa", into=QA(), registry=registry) is not None
    assert registry.diff("qa", "qa").same_program


def test_checking_out_to_a_file_writes_the_state(registry, tmp_path):
    dspyreg.register(mipro(), name="qa", registry=registry)
    registry.checkout("qa", tmp_path / "live.json")
    assert (tmp_path / "live.json").read_bytes() == registry.read("qa")
    registry.checkout("qa", tmp_path / "qa")
    assert sorted(path.name for path in (tmp_path / "qa").iterdir() if path.suffix) == [
        "optimizer.json",
        "program.json",
    ]


def test_no_absolute_path_of_a_run_is_recorded(registry):
    for nth, program in enumerate((mipro(), gepa())):
        dspyreg.register(program, name=f"qa{nth}", registry=registry)
        assert b"/home" not in registry.read(f"qa{nth}", "optimizer.json")


def test_no_absolute_path_in_a_list_of_a_run_is_recorded():
    program = mipro()
    program.trial_logs[1]["files"] = ["/home/ada/a b.json", "kept"]
    assert optimizers.left_on(program).results["trial_logs"]["1"]["files"] == ["kept"]


@pytest.mark.parametrize("place", ["detailed_results", "results_best", "trial_logs"])
def test_an_unserializable_value_left_by_an_optimizer_does_not_stop_a_registration(
    registry, place: str
):
    program = gepa()
    strange: Any = {"logger": object(), "n": 1}
    if place == "detailed_results":
        strange = program.detailed_results
        object.__setattr__(strange, "logger", object())
    setattr(program, place, strange)
    version = dspyreg.register(program, name="qa", registry=registry).version
    assert version.metrics == {"score": 0.75}
    assert "logger" not in run_of(registry)[place]


def test_an_instruction_that_begins_with_a_slash_is_not_taken_for_a_path():
    program = QA()
    program.generate.predict.signature = program.generate.predict.signature.with_instructions(
        "/no_think"
    )
    program.candidate_programs = [{"score": 90.0, "program": program, "seed": 1}]
    [candidate] = optimizers.left_on(program).results["candidate_programs"]
    assert candidate["program"] == {"generate.predict": "/no_think"}


def test_answers_of_the_program_are_not_recorded_as_results(registry):
    dspyreg.register(gepa(), name="qa", registry=registry)
    assert b"secret" not in registry.read("qa", "optimizer.json")
    assert run_of(registry)["detailed_results"]["per_val_instance_best_candidates"] == {"0": [0, 1]}


def test_a_large_run_is_not_part_of_the_version_object(registry):
    version = dspyreg.register(gepa(40, 300), name="qa", registry=registry).version
    assert len(json.dumps(version.to_json()["metadata"])) < 2_000
    assert len(run_of(registry)["detailed_results"]["val_subscores"]) == 40


def test_equal_runs_have_equal_files(registry):
    digests = {
        str(dspyreg.register(mipro(), name=name, registry=registry).version.files_digest)
        for name in ("qa", "qb")
    }
    assert len(digests) == 1


class Raises:
    """A value that an optimizer of another version may leave."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("no such luck")

    def __float__(self) -> float:
        raise RuntimeError("no such luck")


def test_results_whose_own_to_dict_fails_are_read(registry):
    program = gepa()
    type(program.detailed_results).to_dict, kept = None, type(program.detailed_results).to_dict
    try:
        assert dspyreg.register(program, name="qa", registry=registry).version.score == 0.75
    finally:
        type(program.detailed_results).to_dict = kept


@pytest.mark.parametrize(
    "value",
    [Raises(), {"a": Raises()}, [[[[Raises()]]]], {"deep": None}],
    ids=["raises", "raises in an object", "raises in lists", "holds itself"],
)
@pytest.mark.parametrize("place", ["trial_logs", "candidate_programs", "detailed_results", "score"])
def test_no_value_left_by_an_optimizer_stops_a_registration(registry, place: str, value: Any):
    if isinstance(value, dict) and "deep" in value:
        value["deep"] = value
    program = QA()
    setattr(program, place, value)
    assert dspyreg.register(program, name="qa", registry=registry).version.label == "1.0.0"


def test_results_that_cannot_be_recorded_are_named_in_a_notice(registry):
    program = gepa()
    object.__setattr__(program.detailed_results, "seed", Raises())
    outcome = dspyreg.register(program, name="qa", registry=registry)
    assert outcome.notices == (
        "`detailed_results.seed`, which an optimizer left, was not recorded:"
        " RuntimeError: no such luck",
    )
    assert outcome.version.score == 0.75


def test_memory_addresses_in_the_statistics_of_copro_are_replaced(registry):
    program = QA()
    program.results_best = {140_000_000: {"depth": [0], "max": [50.0]}}
    dspyreg.register(program, name="qa", registry=registry)
    assert run_of(registry) == {"results_best": {"0": {"depth": [0], "max": [50.0]}}}


def test_results_of_a_real_random_search_are_recorded(registry):
    lm = dspy.utils.DummyLM([{"answer": "4"}] * 50)
    optimizer = dspy.BootstrapFewShotWithRandomSearch(
        metric=_exact, num_candidate_programs=1, num_threads=1, max_labeled_demos=1
    )
    trainset = [dspy.Example(question="2+2?", answer="4").with_inputs("question")]
    with dspy.context(lm=lm):
        compiled = optimizer.compile(a_predictor(), trainset=trainset)
    version = dspyreg.register(
        compiled, name="qa", trainset=trainset, optimizer=optimizer, registry=registry
    ).version
    assert version.metrics == {"score": 1.0}
    assert len(run_of(registry)["candidate_programs"]) == version.metadata["trials"] == 4


def _exact(*_: Any) -> bool:
    return True


def test_two_scores_that_disagree_are_both_reported_and_neither_is_recorded():
    program = mipro()
    program.detailed_results = gepa().detailed_results
    left = optimizers.left_on(program)
    assert left.metrics == {}
    assert "score_scale" not in left.metadata
    assert "score says 0.815" in left.notices[0]
    assert "detailed_results says 0.75" in left.notices[0]


def test_equal_scores_on_different_scales_are_recorded_as_one():
    program = mipro()
    program.score = 75.0
    program.candidate_programs = [{"score": 75.0, "program": QA(), "full_eval": True}]
    program.detailed_results = gepa().detailed_results
    assert optimizers.left_on(program).notices == ()


def test_a_program_that_was_not_compiled_has_no_results():
    assert optimizers.left_on(QA()) == ({}, {}, {}, ())


def test_a_score_attribute_of_the_program_itself_is_not_recorded():
    program = QA()
    program.score = 0.9
    assert optimizers.left_on(program).metrics == {}
