"""A state that is checked out and edited keeps the captured contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import live_programs
import pytest
from live_programs import QA, Extract, a_predictor, dspy, react

import dspyreg
from dspyreg.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

pytestmark = live_programs.OUR_WARNINGS_ONLY

Edit = "Callable[[dict[str, Any]], object]"


def edited(registry: Registry, directory: Path, edit: Edit, **more: Any) -> Outcome:
    """Check out the latest version, edit its state, and register it again."""
    path = directory / "program.json"
    path.write_bytes(registry.read("qa"))
    state = json.loads(path.read_bytes())
    edit(state)
    path.write_text(json.dumps(state))
    return registry.register("qa", path, **more)


def instruct(text: str = "Answer in one word.") -> Edit:
    def edit(state: dict[str, Any]) -> None:
        for predictor in state.values():
            if isinstance(predictor, dict) and "signature" in predictor:
                predictor["signature"]["instructions"] = text

    return edit


@pytest.mark.parametrize("make", [QA, react, lambda: Holder(Extract)])
def test_edited_instructions_keep_the_contract_and_the_settings(registry, tmp_path, make: Any):
    old = dspyreg.register(make(), name="qa", registry=registry).version
    outcome = edited(registry, tmp_path, instruct())
    version = outcome.version
    assert version.label == "1.0.1"
    assert version.contract == {**old.contract, "knowledge": "carried"}
    assert version.settings == old.settings
    assert "the contract is carried over from 1.0.0" in " ".join(outcome.notices)
    assert registry.compat("qa@1.0.0", "qa").compatibility == "compatible"
    assert registry.compat("qa@1.0.0", "qa").knowledge == "carried"


class Holder(dspy.Module):
    def __init__(self, signature: Any) -> None:
        super().__init__()
        self.step = dspy.Predict(signature)


def test_editing_an_edited_state_keeps_the_contract(registry, tmp_path):
    dspyreg.register(QA(), name="qa", registry=registry)
    edited(registry, tmp_path, instruct("one"))
    assert edited(registry, tmp_path, instruct("two")).version.contract["knowledge"] == "carried"


def test_a_carried_contract_satisfies_a_policy_that_demands_a_captured_one(registry, tmp_path):
    registry.apply("policies: {staging: {contract: captured}}")
    dspyreg.register(QA(), name="qa", registry=registry)
    edited(registry, tmp_path, instruct())
    assert registry.check("qa", to="staging").passed


def _reprefix(state: dict[str, Any]) -> None:
    state["generate.predict"]["signature"]["fields"][0]["prefix"] = "Asked:"


def _redescribe(state: dict[str, Any]) -> None:
    state["generate.predict"]["signature"]["fields"][-1]["description"] = "a number"


def _rename(state: dict[str, Any]) -> None:
    state["answer.predict"] = state.pop("generate.predict")


@pytest.mark.parametrize("edit", [_reprefix, _redescribe, _rename])
def test_edited_predictors_or_field_texts_lose_the_contract_and_the_settings(
    registry, tmp_path, edit: Edit
):
    dspyreg.register(QA(), name="qa", registry=registry)
    version = edited(registry, tmp_path, edit).version
    assert version.contract["knowledge"] == "inferred"
    assert version.settings is None


def test_bump_suggests_what_register_would_choose_for_an_edited_state(registry, tmp_path):
    dspyreg.register(QA(), name="qa", registry=registry)
    path = tmp_path / "program.json"
    path.write_bytes(registry.read("qa").replace(b"Given the fields", b"Given these fields"))
    found = registry.suggest_bump("qa", path)
    assert (found.to, found.knowledge) == ("1.0.1", "carried")


def test_an_unedited_checkout_is_the_same_program(registry, tmp_path):
    dspyreg.register(QA(), name="qa", registry=registry)
    with pytest.raises(Refused, match="the same program"):
        edited(registry, tmp_path, lambda state: state)


def test_an_inferred_contract_is_not_carried_over(registry, tmp_path):
    a_predictor().save(tmp_path / "program.json")
    registry.register("qa", tmp_path / "program.json")
    version = edited(
        registry, tmp_path, lambda state: state.update(demos=[{"question": "?"}])
    ).version
    assert version.contract["knowledge"] == "inferred"


def test_the_contract_is_carried_from_the_edited_version_not_from_the_latest(registry, tmp_path):
    dspyreg.register(QA(), name="qa", registry=registry)
    dspyreg.register(QA("query -> answer"), name="qa", registry=registry)
    path = tmp_path / "program.json"
    path.write_bytes(registry.read("qa@1.0.0").replace(b"Given the fields", b"Given these fields"))
    version = registry.register("qa", path, parent="1.0.0").version
    assert version.contract["knowledge"] == "carried"
    assert version.previous_version == "1.0.0"


def test_an_edited_state_is_loaded_by_its_captured_names(registry, tmp_path):
    dspyreg.register(QA(), name="qa", registry=registry)
    edited(registry, tmp_path, instruct())
    loaded = dspyreg.load("qa", into=QA(), registry=registry)
    assert loaded.generate.predict.signature.instructions == "Answer in one word."


def instructed(text: str, temperature: float) -> Any:
    return dspy.Predict(dspy.Signature("question -> answer", text), temperature=temperature)


@pytest.mark.parametrize("what", ["live", "live/program.json"])
def test_an_edited_checkout_keeps_the_contract_of_its_version(registry, tmp_path, what: str):
    for text, temperature in (("One.", 0.1), ("Two.", 0.9)):
        dspyreg.register(instructed(text, temperature), name="qa", registry=registry)
    registry.checkout("qa@1.0.0", tmp_path / "live")
    state = tmp_path / "live" / "program.json"
    state.write_text(state.read_text().replace("One.", "One!"))
    version = registry.register("qa", tmp_path / what).version
    assert (version.label, version.previous_version) == ("1.0.2", "1.0.0")
    assert version.settings["predictors"] == {"": {"temperature": 0.1}}
    assert registry.register("other", tmp_path / what).version.previous_version is None
    assert registry.register("qa", tmp_path / what, parent="1.0.1", force=True).version.settings[
        "predictors"
    ] == {"": {"temperature": 0.9}}


@pytest.mark.parametrize("marker", ["", "[]", '{"registry": 1}', "digest", "gone"])
def test_a_checkout_of_an_unknown_version_is_based_on_the_latest(registry, tmp_path, marker: str):
    dspyreg.register(instructed("One.", 0.1), name="qa", registry=registry)
    registry.checkout("qa", tmp_path / "live")
    told = tmp_path / "live" / ".dspyreg-checkout"
    if marker in {"digest", "gone"}:
        content = json.loads(told.read_bytes())
        content["digest"] = "b3:" + "0" * 64 if marker == "gone" else 17
        marker = json.dumps(content)
    told.write_text(marker)
    state = tmp_path / "live" / "program.json"
    state.write_text(state.read_text().replace("One.", "One!"))
    assert registry.register("qa", tmp_path / "live").version.previous_version == "1.0.0"
