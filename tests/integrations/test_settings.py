"""Settings that DSPy does not save are captured, shown, compared and restored where possible."""

from __future__ import annotations

import json
from typing import Any

import live_programs
import pytest
from live_programs import MODEL, QA, a_predictor, dspy, react

import dspyreg
from dspyreg.errors import Refused
from dspyreg.integrations import unsaved
from dspyreg.render.known import render

pytestmark = live_programs.OUR_WARNINGS_ONLY


def configured(**config: Any) -> Any:
    return dspy.Predict("question -> answer", **config)


class Hops(QA):
    """A module with attributes of its own."""

    def __init__(self, hops: int = 2, **more: Any) -> None:
        super().__init__()
        self.hops = hops
        for name, value in more.items():
            setattr(self, name, value)


def register(registry: Any, program: Any, **more: Any) -> Any:
    return dspyreg.register(program, name="qa", registry=registry, **more)


def test_the_settings_of_a_program_are_stored_with_its_version(registry):
    agent = react()
    agent.react.config = {"temperature": 0.0, "n": 5}
    with dspy.context(adapter=dspy.JSONAdapter()):
        version = register(registry, agent).version
    assert version.settings == {
        "adapter": {"class": "dspy.adapters.json_adapter.JSONAdapter"},
        "predictors": {"react": {"temperature": 0.0, "n": 5}},
        "modules": {"": {"max_iters": 20}},
        "tools": {"react": {"search": "Search."}},
    }
    assert registry.show("qa").settings == version.settings
    assert version.to_json()["settings"] == version.settings


CHANGES: dict[str, tuple[Any, Any, str, str]] = {
    "configuration": (
        lambda: configured(temperature=0.0, n=5),
        lambda: configured(temperature=0.7, n=5),
        "the configuration changed",
        "predictors.temperature",
    ),
    "attribute": (lambda: Hops(2), lambda: Hops(3), "`hops` changed", "modules.hops"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changed_settings_make_another_version_with_the_same_program_digest(registry, what: str):
    old, new, reason, key = CHANGES[what]
    register(registry, old())
    version = register(registry, new()).version
    assert version.label == "1.0.1"
    assert version.program_digest == registry.show("qa@1.0.0").program_digest
    found = registry.diff("qa@1.0.0", "qa")
    assert not found.same_program
    assert [each.message for each in found.verdict.judgement.reasons] == [reason]
    assert [change.key for change in found.settings] == [key]
    assert found.verdict.compatibility == "compatible"
    for shape in ("plain", "md"):
        assert key in render(found, shape)
    assert json.loads(render(found, "json"))["settings"][0]["key"] == key


def test_a_changed_adapter_makes_another_version(registry):
    register(registry, QA())
    with dspy.context(adapter=dspy.JSONAdapter()):
        outcome = register(registry, QA())
    assert outcome.version.label == "1.0.1"
    assert "the adapter changed" in outcome.notices[0]


def test_a_changed_tool_description_makes_another_version(registry):
    register(registry, react())
    agent = react()
    agent.tools["search"].desc = "Search the web."
    outcome = register(registry, agent)
    assert outcome.version.label == "1.0.1"
    assert "the description of tool `search` changed" in outcome.notices[0]


def test_the_same_settings_are_the_same_program(registry):
    register(registry, Hops(2))
    with pytest.raises(Refused, match="the same program"):
        register(registry, Hops(2))


def test_settings_known_of_one_side_only_are_reported_and_not_compared(registry, tmp_path):
    register(registry, QA())
    QA().save(tmp_path / "program.json")
    found = registry.diff("qa", tmp_path / "program.json")
    assert found.same_program
    assert found.settings == ()
    assert [notice for notice in found.verdict.notices if "known of one side only" in notice]
    with pytest.raises(Refused, match="the same program"):
        registry.register("qa", tmp_path / "program.json")


def test_two_versions_without_settings_get_no_notice_about_settings(registry, tmp_path):
    QA().save(tmp_path / "program.json")
    registry.register("qa", tmp_path / "program.json")
    notices = registry.diff("qa", tmp_path / "program.json").verdict.notices
    assert not [notice for notice in notices if "one side only" in notice and "DSPy" in notice]


def test_show_prints_settings(registry):
    register(registry, configured(temperature=0.0))
    assert "settings.predictors.temperature: 0.0" in render(registry.show("qa"), "plain")


def test_credentials_and_values_that_are_not_plain_are_not_recorded_and_named(registry):
    program = configured(response_format=dict, api_key="k", temperature=0.5)
    outcome = register(registry, program)
    assert outcome.version.settings["predictors"] == {"": {"temperature": 0.5}}
    assert outcome.notices == (
        "`response_format` in the configuration of the bare predictor is not recorded",
        "`api_key` in the configuration of the bare predictor is not recorded",
    )


@pytest.mark.parametrize(
    "member",
    [
        {"extra_body": {"api_key": "k"}},
        {"caches": ["/home/ada/cache"]},
        {"more": {"log": "file:///home/ada/log"}},
        {"stop": ["\ud800"]},
        {"seed": 10**5_000},
    ],
)
def test_keys_paths_and_non_json_values_of_a_configuration_are_not_recorded(
    member: dict[str, Any],
):
    told = unsaved.capture(configured(n=5, **member))
    assert told.settings["predictors"] == {"": {"n": 5}}
    assert len(told.notices) == 1


def test_attributes_with_data_or_local_paths_are_not_recorded():
    program = Hops(
        cache={"a question": "an answer"},
        passages=["x" * 2_000],
        index="/home/ada/index",
        some_token="t",  # noqa: S106
        labels=["yes", "no"],
        pair=(1, 2),
        _own=1,
        model=dspy.LM(MODEL),
        ratio=float("nan"),
        paths=["/home/ada/index", "/srv/data/index"],
        papers="/home/ada/my papers/index",
        database="sqlite:////home/ada/facts.db",
        nothing=None,
        half="\ud800",
        huge=10**5_000,
    )
    told = unsaved.capture(program).settings["modules"][""]
    assert told == {"hops": 2, "labels": ["yes", "no"], "pair": [1, 2]}


def test_attributes_left_by_an_optimizer_are_not_recorded_as_settings():
    program = Hops()
    program.score, program.simba_idx, program.total_calls = 50.0, 3, 7
    program.candidate_programs = [{"score": 50.0, "program": Hops(9)}]
    assert unsaved.capture(program).settings["modules"] == {"": {"hops": 2}}


def test_a_secret_in_settings_is_refused_and_can_be_redacted(registry):
    program = Hops(note="sk-" + "proj-" + "a1B2" * 12)
    with pytest.raises(Refused) as refused:
        register(registry, program)
    assert "settings" in refused.value.failures[0]
    version = register(registry, program, redact=True).version
    assert "a1B2" not in json.dumps(version.settings)


def test_a_rollback_that_registers_a_copy_keeps_the_settings(registry):
    register(registry, Hops(2), version="1.0.0")
    register(registry, Hops(3), version="1.1.0")
    for label in ("1.0.0", "1.1.0"):
        registry.promote(f"qa@{label}")
        registry.promote(f"qa@{label}", to="production")
    copy = registry.rollback("qa", as_new_version=True).version
    assert copy.settings == registry.show("qa@1.0.0").settings


def test_a_copied_predictor_has_the_same_settings():
    assert unsaved.capture(a_predictor()) == unsaved.capture(a_predictor().deepcopy())


def test_a_replaced_forward_method_is_named_in_a_notice(registry):
    program = Hops()
    program.forward = lambda **_: None
    outcome = register(registry, program)
    assert outcome.notices == ("`forward` was replaced, and is not saved: KNNFewShot does that",)


# Loading


def test_load_restores_the_configuration_of_predictors(registry):
    register(registry, configured(temperature=0.0, n=5))
    into = dspyreg.load("qa", into=configured(temperature=0.9, top_p=0.5), registry=registry)
    assert into.config == {"temperature": 0.0, "n": 5}
    into.config["n"] = 1
    again = dspyreg.load("qa", into=configured(), registry=registry)
    assert again.config == {"temperature": 0.0, "n": 5}


def test_loading_a_predictor_without_configuration_clears_the_configuration(registry):
    register(registry, configured())
    assert dspyreg.load("qa", into=configured(n=3), registry=registry).config == {}


def test_configuration_that_is_never_recorded_is_left_unchanged_by_load(registry):
    here = {"api_base": "http://10.0.0.1/v1", "extra_headers": {"Authorization": "k"}}
    register(registry, configured(n=5, **here))
    into = dspyreg.load("qa", into=configured(n=3, **here), registry=registry)
    assert into.config == {"n": 5, **here}


@pytest.mark.parametrize("trusted", [False, True])
def test_redacted_configuration_is_not_restored(registry, tmp_path, caplog, trusted: bool):
    a_predictor().save(tmp_path / "program.json")
    told = {"predictors": {"": {"n": 5, "stop": ["REDACTED"]}}}
    registry.register("qa", tmp_path / "program.json", settings=told)
    with caplog.at_level("WARNING", "dspyreg"):
        into = dspyreg.load("qa", into=configured(), trusted=trusted, registry=registry)
    assert into.config == {"n": 5}
    assert "`stop` of the bare predictor is left out: it was redacted" in caplog.text


def test_load_leaves_the_configuration_unchanged_when_none_was_recorded(registry, tmp_path):
    configured(n=5).save(tmp_path / "program.json")
    registry.register("qa", tmp_path / "program.json")
    assert dspyreg.load("qa", into=configured(n=3), registry=registry).config == {"n": 3}


@pytest.mark.parametrize("member", ["api_base", "extra_body", "tools", "model"])
def test_settings_beyond_sampling_are_restored_only_for_a_trusted_version(
    registry, tmp_path, caplog, member: str
):
    a_predictor().save(tmp_path / "program.json")
    told = {"predictors": {"": {"n": 5, member: "http://elsewhere"}}}
    contract = dspyreg.capture(a_predictor()).to_json()
    registry.register("qa", tmp_path / "program.json", contract=contract, settings=told)
    with caplog.at_level("WARNING", "dspyreg"):
        assert dspyreg.load("qa", into=configured(), registry=registry).config == {"n": 5}
    assert f"`{member}` of the bare predictor is left out: it is not trusted" in caplog.text
    trusting = dspyreg.load("qa", into=configured(), trusted=True, registry=registry)
    assert trusting.config == told["predictors"][""]


def test_settings_that_load_cannot_restore_are_named_in_a_warning(registry, caplog):
    with dspy.context(adapter=dspy.JSONAdapter()):
        register(registry, Hops(3))
    with caplog.at_level("WARNING", "dspyreg"):
        dspyreg.load("qa", into=Hops(2), registry=registry)
    assert "modules.hops was 3 and is 2: load does not set it" in caplog.text
    assert "adapter.class was" in caplog.text


def test_loading_an_unchanged_program_does_not_warn(registry, caplog):
    register(registry, Hops(3))
    with caplog.at_level("WARNING", "dspyreg"):
        dspyreg.load("qa", into=Hops(3), registry=registry)
    assert caplog.text == ""


@pytest.mark.parametrize(
    "told", [{}, {"predictors": 1}, {"predictors": {"": 1}}, {"adapter": []}, {"modules": {"": 3}}]
)
def test_senseless_settings_cause_no_failure(registry, tmp_path, told: dict[str, Any]):
    a_predictor().save(tmp_path / "program.json")
    registry.register("qa", tmp_path / "program.json", settings=told)
    dspyreg.load("qa", into=configured(n=3), registry=registry)
    for shape in ("plain", "json"):
        render(registry.show("qa"), shape)
    register(registry, configured(n=3))
    registry.diff("qa@1.0.0", "qa")
