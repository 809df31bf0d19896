"""Comparing versions and files of a registry."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from comparing import (
    DEFAULT,
    a_contract,
    a_field,
    a_predictor,
    a_predictor_state,
    a_state,
    messages,
)

from dspyreg.compare.bump import Level
from dspyreg.errors import Corrupt, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry

BREAKING = {"instructions": "Answer.", "fields": ("query", "answer")}


def register(programs: Programs, label: str, **state: Any) -> None:
    """Register a version whose state differs from the default in something."""
    content = a_state(generate=a_predictor_state(**{"instructions": "Answer.", **state}))
    programs.register("qa", label, content=content)


def a_file(directory: Path, name: str = "new.json", **state: Any) -> Path:
    path = directory / name
    state = {"instructions": "Answer.", **state}
    path.write_text(a_state(generate=a_predictor_state(**state)))
    return path


def captured(**more: Any) -> dict[str, Any]:
    """Return the contract of a live program in its stored form."""
    return a_contract(generate=a_predictor(**more)).to_json()


# diff and compat


def test_diff_shows_the_changed_part_of_two_versions(registry: Registry, programs: Programs):
    register(programs, "1.0.0")
    register(programs, "1.0.1", instructions="Answer briefly.")
    found = registry.diff("qa@1.0.0", "qa@1.0.1")
    [predictor] = found.predictors
    assert predictor.instructions == ("Answer.", "Answer briefly.")
    assert found.verdict.judgement.level is Level.PATCH
    assert not found.same_program


def test_diff_compares_a_version_with_a_file(
    registry: Registry, programs: Programs, tmp_path: Path
):
    register(programs, "1.0.0")
    found = registry.diff("qa", a_file(tmp_path, **BREAKING))
    assert found.verdict.is_breaking
    assert found.verdict.a.name == "qa@1.0.0"


def test_compat_compares_two_files(registry: Registry, tmp_path: Path):
    one, two = a_file(tmp_path, "one.json"), a_file(tmp_path, "two.json", **BREAKING)
    assert registry.compat(str(one), str(two)).compatibility == "breaking"


def test_a_version_is_identical_to_itself(registry: Registry, programs: Programs):
    register(programs, "1.0.0")
    assert registry.compat("qa", "qa@1.0.0").compatibility == "identical"
    assert registry.diff("qa", "qa@1.0.0").same_program


def test_versions_with_equal_states_may_have_different_types(
    registry: Registry, programs: Programs
):
    register(programs, "1.0.0")
    register(programs, "2.0.0")
    found = registry.compat("qa@1.0.0", "qa@2.0.0")
    assert (found.compatibility, found.judgement.level) == ("unknown", Level.NONE)
    assert found.notices == ("types are not known from saved states",)


def test_a_file_with_other_formatting_is_the_same_program(
    registry: Registry, programs: Programs, tmp_path: Path
):
    register(programs, "1.0.0")
    path = a_file(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text())))
    found = registry.diff("qa", path)
    assert found.same_program
    assert found.verdict.judgement.level is Level.NONE


def test_compat_reports_a_changed_type_of_captured_contracts(
    registry: Registry, programs: Programs
):
    whole = a_field("answer", "int", {"type": "integer"})
    content = a_state()
    programs.register("qa", "1.0.0", content=content, contract=captured())
    programs.register("qa", "2.0.0", content=content, contract=captured(outputs=(whole,)))
    found = registry.compat("qa@1.0.0", "qa@2.0.0")
    assert (found.compatibility, found.knowledge) == ("breaking", "captured")
    assert messages(found.judgement) == ["output `answer` was retyped from str to int"]


def test_compat_reports_compatible_for_captured_contracts(registry: Registry, programs: Programs):
    for label, demos in (("1.0.0", ()), ("1.0.1", ({"question": "?"},))):
        content = a_state(generate=a_predictor_state(demos=demos))
        programs.register("qa", label, content=content, contract=captured())
    assert registry.compat("qa@1.0.0", "qa@1.0.1").compatibility == "compatible"


def test_unreadable_files_are_a_patch_with_a_notice(
    registry: Registry, programs: Programs, tmp_path: Path
):
    programs.registry.register("qa", programs.file(pickle.dumps(1), "program.pkl"))
    new = programs.file(pickle.dumps(2), "new/program.pkl")
    found = registry.diff("qa", new)
    assert found.verdict.judgement.level is Level.PATCH
    assert found.verdict.compatibility == "unknown"
    assert any("program.pkl" in notice for notice in found.verdict.notices)
    assert found.predictors == ()


def test_an_equal_pickle_is_the_same_program(registry: Registry, programs: Programs):
    programs.registry.register("qa", programs.file(pickle.dumps(1), "program.pkl"))
    again = programs.file(pickle.dumps(1), "new/other.pkl")
    found = registry.compat("qa", again)
    assert (found.judgement.level, found.compatibility) == (Level.NONE, "unknown")


def test_a_program_directory_provides_its_dspy_version(
    registry: Registry, programs: Programs, tmp_path: Path
):
    for name, dspy in (("a", "2.6.27"), ("b", "3.1.0")):
        programs.file(pickle.dumps(1), f"{name}/program.pkl")
        programs.file(json.dumps({"dependency_versions": {"dspy": dspy}}), f"{name}/metadata.json")
    found = registry.diff(tmp_path / "a", tmp_path / "b")
    assert found.verdict.judgement.level is Level.MINOR
    assert [change.key for change in found.versions] == ["dspy"]


def test_a_directory_with_several_states_is_not_compared(registry: Registry, tmp_path: Path):
    (tmp_path / "many").mkdir()
    for name in ("one.json", "two.json"):
        a_file(tmp_path / "many", name)
    found = registry.compat(tmp_path / "many", a_file(tmp_path))
    assert any("several saved states (one.json, two.json)" in notice for notice in found.notices)


def test_a_diff_includes_metrics(registry: Registry, programs: Programs):
    for label, em, latency in (("1.0.0", 0.8, 2), ("1.1.0", 0.88, 3)):
        content = a_state(generate=a_predictor_state(label))
        programs.register("qa", label, content=content, metrics={"em": em, "latency": latency})
    em, latency = registry.diff("qa@1.0.0", "qa@1.1.0").metrics
    assert (em.metric, em.change_percent, em.better) == ("em", 10.0, "b")
    assert (latency.metric, latency.change_percent, latency.better) == ("latency", 50.0, "a")


def test_a_diff_shows_no_keys(registry: Registry, tmp_path: Path):
    lms = [{"model": "a", "api_key": f"{n}ecret", "deep": {"api_key": f"{n}ecret"}} for n in "st"]
    one, two = (a_file(tmp_path, f"{n}.json", lm=lm) for n, lm in enumerate(lms))
    assert "ecret" not in json.dumps(registry.diff(one, two).to_json())


def test_a_diff_can_be_taken_as_of_an_earlier_entry(registry: Registry, programs: Programs):
    register(programs, "1.0.0")
    register(programs, "1.0.1", instructions="Briefly.")
    found = registry.diff("qa", "qa", at="1")
    assert (found.verdict.a.name, found.verdict.b.name) == ("qa@1.0.0", "qa@1.0.0")


def test_an_unknown_kind_of_contract_is_ignored(registry: Registry, programs: Programs):
    content = a_state()
    odd = {"knowledge": "divined", "predictors": {}}
    programs.register("qa", "1.0.0", content=content, contract=odd)
    assert registry.compat("qa", "qa").knowledge == "inferred"


def test_damaged_bytes_are_not_compared(registry: Registry, programs: Programs):
    register(programs, "1.0.0")
    [file] = registry.show("qa").files
    registry.context.blobs.delete(file.digest, if_older_than=timedelta(0))
    with pytest.raises(Corrupt):
        registry.diff("qa", "qa")


@pytest.mark.parametrize("what", ["nothing", "nothing@1.0.0", "./nothing", "nothing.json"])
def test_comparing_with_something_missing_is_not_found(
    registry: Registry, programs: Programs, what: str
):
    register(programs, "1.0.0")
    with pytest.raises(NotFound):
        registry.compat("qa", what)


# upgrade-path


def labels(registry: Registry, from_: str, to: str) -> list[str]:
    steps = registry.upgrade_path("qa", from_, to).steps
    return [steps[0].from_, *(step.to for step in steps)] if steps else []


def test_an_upgrade_path_follows_semver_precedence(registry: Registry, programs: Programs):
    for label in ("1.0.0", "2.0.0", "1.10.0", "1.9.0", "1.0.1-rc.1"):
        register(programs, label, instructions=label)
    assert labels(registry, "1.0.0", "2.0.0") == ["1.0.0", "1.9.0", "1.10.0", "2.0.0"]


def test_an_upgrade_path_skips_archived_versions(registry: Registry, programs: Programs):
    for label in ("1.0.0", "1.1.0", "1.2.0"):
        register(programs, label, instructions=label)
    registry.archive("qa@1.1.0")
    assert labels(registry, "1.0.0", "1.2.0") == ["1.0.0", "1.2.0"]
    assert labels(registry, "1.1.0", "1.2.0") == ["1.1.0", "1.2.0"]


def test_an_upgrade_path_can_start_at_a_live_version(registry: Registry, programs: Programs):
    content = a_state(generate=a_predictor_state("one"))
    programs.in_production("qa", "1.0.0", content=content)
    register(programs, "2.0.0")
    assert labels(registry, "production", "2.0.0") == ["1.0.0", "2.0.0"]


def test_an_upgrade_path_to_its_own_start_is_empty(registry: Registry, programs: Programs):
    register(programs, "1.0.0")
    assert registry.upgrade_path("qa", "1.0.0", "1.0.0").steps == ()


def test_an_upgrade_path_to_an_earlier_version_is_a_usage_error(
    registry: Registry, programs: Programs
):
    for label in ("1.0.0", "2.0.0"):
        register(programs, label, instructions=label)
    with pytest.raises(UsageError, match="does not come before"):
        registry.upgrade_path("qa", "2.0.0", "1.0.0")


def test_an_upgrade_path_orders_other_labels_by_number(registry: Registry, programs: Programs):
    registry.apply("versioning: {strategy: timestamp}")
    for label in ("second", "first", "third"):
        register(programs, label, instructions=label)
    assert labels(registry, "second", "third") == ["second", "first", "third"]


def test_an_upgrade_step_lists_breaking_changes_and_recommended_tests(
    registry: Registry, programs: Programs
):
    register(programs, "1.0.0")
    register(programs, "2.0.0", **BREAKING)
    [step] = registry.upgrade_path("qa", "1.0.0", "2.0.0").steps
    assert step.compatibility == "breaking"
    assert step.breaking_changes == ("`generate`: field `question` was removed or renamed",)
    assert step.recommended_tests[0] == (
        "change every caller, and test it: `generate`: field `question` was removed or renamed"
    )


# bump


def test_suggest_bump_gives_a_file_its_next_label(
    registry: Registry, programs: Programs, tmp_path: Path
):
    register(programs, "1.2.3")
    found = registry.suggest_bump("qa", a_file(tmp_path, **BREAKING))
    assert (found.from_, found.to, found.level) == ("1.2.3", "2.0.0", Level.MAJOR)


def test_suggest_bump_agrees_with_the_label_register_chooses(
    registry: Registry, programs: Programs, tmp_path: Path
):
    told_anew = "Given the fields `question`, produce the fields `answer`, `source`."
    register(programs, "1.0.0", instructions=DEFAULT)
    path = a_file(tmp_path, instructions=told_anew, fields=("question", "answer", "source"))
    found = registry.suggest_bump("qa", path)
    made = registry.register("qa", path)
    assert made.version is not None
    assert found.to == made.version.label == "1.1.0"


def test_suggest_bump_suggests_no_label_for_the_same_program(
    registry: Registry, programs: Programs, tmp_path: Path
):
    register(programs, "1.0.0")
    found = registry.suggest_bump("qa", a_file(tmp_path))
    assert (found.to, found.level) == (None, Level.NONE)
    assert found.is_at_most("patch")


def test_suggest_bump_agrees_with_register_for_another_dspy_version(
    registry: Registry, tmp_path: Path
):
    for label, dspy in (("1.0.0", "2.6.27"), ("1.1.0", "3.0.4")):
        path = tmp_path / f"{dspy}.json"
        path.write_text(a_state(dspy))
        deserved = registry.suggest_bump("qa", path).to if label != "1.0.0" else label
        assert registry.register("qa", path).version.label == deserved == label
    path.write_text(a_state("3.0.5"))
    assert registry.suggest_bump("qa", path).to is None
    with pytest.raises(Refused, match=r"registered as qa@1\.1\.0"):
        registry.register("qa", path)


def test_a_suggested_label_was_never_used_before(
    registry: Registry, programs: Programs, tmp_path: Path
):
    register(programs, "1.0.0")
    register(programs, "1.0.1", instructions="Briefly.")
    registry.undo()
    assert registry.suggest_bump("qa", a_file(tmp_path, instructions="At length.")).to == "1.0.2"


def test_a_captured_contract_determines_the_suggested_bump(
    registry: Registry, programs: Programs, tmp_path: Path
):
    content = a_state()
    programs.register("qa", "1.0.0", content=content, contract=captured())
    path = tmp_path / "new.json"
    path.write_text(content)
    whole = a_field("answer", "int", {"type": "integer"})
    found = registry.suggest_bump("qa", path, contract=captured(outputs=(whole,)))
    assert (found.level, found.knowledge) == (Level.MAJOR, "captured")


def test_suggest_bump_for_an_unknown_program_is_not_found(registry: Registry, tmp_path: Path):
    with pytest.raises(NotFound):
        registry.suggest_bump("qa", a_file(tmp_path))


# prompt


def test_a_prompt_shows_the_instructions_of_the_state(registry: Registry, programs: Programs):
    register(programs, "1.0.0", demos=({"question": "2 + 2", "answer": "4"},))
    [predictor] = registry.prompt("qa").predictors
    assert (predictor.name, predictor.instructions) == ("generate", "Answer.")


def test_a_version_without_a_state_has_no_prompt(registry: Registry, programs: Programs):
    programs.register("qa", "1.0.0", content="no state")
    with pytest.raises(NotFound, match="no saved state in qa"):
        registry.prompt("qa")
