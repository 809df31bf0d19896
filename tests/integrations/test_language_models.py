"""The language model of a state: loaded completely, or refused with the reason."""

from __future__ import annotations

import inspect
import json
import logging
from typing import Any

import live_programs
import pytest
from live_programs import MODEL, MultiHop, a_predictor, a_state, dspy, registered

import dspyreg
from dspyreg.errors import Conflict, ContractMismatch, Refused, UsageError

pytestmark = live_programs.OUR_WARNINGS_ONLY

ENDPOINT = "https://llm.internal.example/v1"
TODAY = {"_dspy_lm_class": "dspy.clients.lm.LM"}
OLD = {
    "model_type": "chat",
    "cache": True,
    "num_retries": 3,
    "finetuning_model": None,
    "launch_kwargs": None,
    "train_kwargs": {},
}


def loaded(registry, tmp_path, saved: Any, **more: Any) -> Any:
    """Return the language model loaded from a state with this one."""
    selector = registered(registry, tmp_path, a_state(lm=saved), allow_secrets=True)
    return dspyreg.load(selector, into=a_predictor(), registry=registry, **more).lm


# Endpoints

WHERE = {
    "api_base": ENDPOINT,
    "base_url": ENDPOINT,
    "azure_endpoint": ENDPOINT,
    "headers": {"X-Team": "search"},
    "extra_headers": {"X-Team": "search"},
    "model_list": [{"model_name": "a"}],
    "extra_body": {"provider": {"order": ["a"]}},
    "proxy": "localhost:8080",
    "vertex_project": "somebody",
    "aws_region_name": "eu-west-1",
    "custom_llm_provider": "openai",
    "ssl_verify": False,
    "mock_response": "yes",
    "engine": {"class": "mine:Engine", "state": {}},
    "metadata": {"hooks": [{"call": "http://evil.example"}]},
}


@pytest.mark.parametrize("member", WHERE)
def test_a_language_model_with_its_own_endpoint_is_refused_and_named(
    registry, tmp_path, member: str
):
    lm = {"model": MODEL, member: WHERE[member]}
    with pytest.raises(Refused, match="where its language model is called") as told:
        loaded(registry, tmp_path, lm)
    assert told.value.failures == (f"the bare predictor: `{member}`",)
    assert "lm=" in (told.value.hint or "")
    assert "trusted=True" in (told.value.hint or "")


def test_every_predictor_with_a_private_language_model_is_named(registry, tmp_path):
    program = MultiHop()
    program.set_lm(dspy.LM(MODEL, api_base=ENDPOINT))
    dspyreg.register(program, name="qa", registry=registry)
    into = MultiHop()
    with pytest.raises(Refused) as told:
        dspyreg.load("qa", into=into, registry=registry)
    assert told.value.failures == tuple(
        f"predictor `{name}`: `api_base`" for name, _ in program.named_predictors()
    )
    assert into.get_lm() is None


def test_a_foreign_language_model_class_is_refused(registry, tmp_path):
    with pytest.raises(Refused, match=r"class os\.system"):
        loaded(registry, tmp_path, {"_dspy_lm_class": "os.system", "model": MODEL})


def test_a_model_name_with_an_address_is_refused(registry, tmp_path):
    with pytest.raises(Refused, match=r"model 'openai/http://evil\.example'"):
        loaded(registry, tmp_path, {"model": "openai/http://evil.example"})


def test_a_trusted_state_keeps_the_endpoint_of_its_language_model(registry, tmp_path):
    lm = loaded(registry, tmp_path, {"model": MODEL, "api_base": ENDPOINT}, trusted=True)
    assert lm.kwargs["api_base"] == ENDPOINT


@pytest.mark.parametrize("lm", [{"_dspy_lm_class": "os.system"}, {"api_base": ENDPOINT}])
def test_a_language_model_passed_to_load_replaces_the_saved_one(
    registry, tmp_path, lm: dict[str, Any]
):
    own = dspy.LM(MODEL)
    assert loaded(registry, tmp_path, {"model": MODEL, **lm}, lm=own) is own


def test_a_text_passed_as_language_model_is_a_usage_error(registry):
    dspyreg.register(a_predictor(), name="qa", registry=registry)
    with pytest.raises(UsageError, match="lm= is a text") as told:
        dspyreg.load("qa", into=a_predictor(), lm=MODEL, registry=registry)
    assert told.value.hint == f"lm=dspy.LM({MODEL!r})"


KEYS = ["api_key", "aws_secret_access_key", "azure_ad_token", "vertex_credentials"]


@pytest.mark.parametrize("member", KEYS)
def test_keys_of_a_language_model_are_omitted_with_a_warning(
    registry, tmp_path, caplog, member: str
):
    with caplog.at_level(logging.WARNING, "dspyreg"):
        lm = loaded(registry, tmp_path, {"model": MODEL, "temperature": 0.2, member: "secret"})
    assert lm.kwargs == {"temperature": 0.2, "max_tokens": None}
    assert f"`{member}`" in caplog.text
    assert "secret" not in caplog.text.replace(member, "")


def test_a_redacted_key_is_omitted_even_from_a_trusted_state(registry, tmp_path):
    state = a_state(lm={"model": MODEL, "api_key": "sk-proj-" + "Ab3" * 16})
    selector = registered(registry, tmp_path, state, redact=True)
    lm = dspyreg.load(selector, into=a_predictor(), trusted=True, registry=registry).lm
    assert "api_key" not in lm.kwargs


def test_an_endpoint_with_a_redacted_password_is_refused_even_if_trusted(registry, tmp_path):
    address = "https://ada:correct-horse-battery@llm.internal.example/v1"
    state = a_state(lm={"model": MODEL, "api_base": address})
    selector = registered(registry, tmp_path, state, redact=True)
    with pytest.raises(Refused, match="`api_base` was redacted") as caught:
        dspyreg.load(selector, into=a_predictor(), trusted=True, registry=registry)
    assert caught.value.hint == "lm=, a language model of your own"


# Every setting that DSPy has written


def test_settings_of_a_language_model_are_loaded_unchanged(registry, tmp_path):
    told = {
        "temperature": 0.4,
        "top_p": 0.9,
        "stop": ["\n"],
        "seed": 3,
        "logit_bias": {"50256": -100},
        "reasoning": {"effort": "low"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "response_format": {"type": "json_object"},
    }
    lm = loaded(registry, tmp_path, {**TODAY, "model": MODEL, "model_type": "responses", **told})
    assert lm.kwargs == {"max_tokens": None, **told}
    assert lm.model_type == "responses"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 0.0, "max_tokens": 500, "cache": False, "num_retries": 7},
        {"model_type": "text"},
        {"model_type": "responses", "use_developer_role": True},
        {"finetuning_model": "openai/gpt-4o-mini-2024-07-18"},
        {"engine": "litellm"},
        {"temperature": 1.0, "rollout_id": 4},
    ],
)
@pytest.mark.parametrize("model", [MODEL, "openai/o3-mini", "openai/gpt-5.1", "azure/my-o3"])
def test_a_current_language_model_round_trips(registry, model: str, options: dict[str, Any]):
    limits = (
        {"temperature": 1.0, "max_tokens": 20_000} if "/o3" in model or "gpt-5" in model else {}
    )
    lm = dspy.LM(model, **{**options, **limits})
    dspyreg.register(a_predictor(lm=lm), name="qa", registry=registry)
    into = dspyreg.load("qa", into=a_predictor(), registry=registry)
    assert into.lm.dump_state() == lm.dump_state()


def test_the_prompt_cache_setting_round_trips(registry):
    config = dspy.lm15.CacheConfig(mode="auto", retention="long")
    lm = dspy.LM(MODEL, prompt_cache=config)
    dspyreg.register(a_predictor(lm=lm), name="qa", registry=registry)
    into = dspyreg.load("qa", into=a_predictor(), registry=registry)
    assert into.lm.kwargs["prompt_cache"] == config


def test_the_typesafe_decision_model_round_trips(registry):
    from dspy.clients.typesafe import TypeSafe

    lm = TypeSafe()
    dspyreg.register(a_predictor(lm=lm), name="qa", registry=registry)
    into = dspyreg.load("qa", into=a_predictor(), registry=registry)
    assert into.lm.dump_state() == lm.dump_state()


@pytest.mark.parametrize("model", ["openai/o3-mini", "openai/gpt-5", "openai/o1-preview"])
def test_the_token_limit_of_an_old_reasoning_model_is_kept(registry, tmp_path, model: str):
    old = {**OLD, "model": model, "temperature": 1.0, "max_completion_tokens": 16_000}
    lm = loaded(registry, tmp_path, old)
    assert lm.kwargs["max_completion_tokens"] == 16_000
    assert lm.kwargs["temperature"] == 1.0
    assert lm.kwargs.get("max_tokens") is None


def test_the_old_memory_cache_setting_is_not_sent_to_the_provider(registry, tmp_path):
    old = {**OLD, "model": MODEL, "temperature": 0.0, "max_tokens": 4_000, "cache_in_memory": True}
    lm = loaded(registry, tmp_path, old)
    assert lm.kwargs == {"temperature": 0.0, "max_tokens": 4_000}


def test_a_flex_loads_an_old_language_model_as_a_predictor_does(registry, tmp_path):
    class WithFlex(dspy.Module):
        def __init__(self):
            super().__init__()
            self.ask = dspy.Predict("question -> answer")
            self.flex = dspy.Flex("question -> answer")

    program = WithFlex()
    program.flex.lm = dspy.LM("openai/o3-mini", temperature=1.0, max_tokens=16_000)
    program.save(tmp_path / "flex.json")
    state = json.loads((tmp_path / "flex.json").read_text())
    told = state["flex"]["lm"]
    del told["_dspy_lm_class"]
    told["max_completion_tokens"] = told.pop("max_tokens")
    selector = registered(registry, tmp_path, state)
    into = dspyreg.load(selector, into=WithFlex(), trusted=True, registry=registry)
    assert into.flex.lm.kwargs["max_completion_tokens"] == 16_000


@pytest.mark.parametrize(
    "lm",
    [
        {"model": "openai/o3", "temperature": 0.2},
        {**OLD, "model": "openai/o1-mini", "temperature": 1.0, "max_completion_tokens": 5_000},
        {"model": "openai/"},
        {"model": MODEL, "num_retries": -1},
        {"model": MODEL, "engine": "steam"},
        {"model": MODEL, "self": 1},
        {**TODAY, "model": MODEL, "prompt_cache": {"mode": "odd"}},
    ],
)
def test_a_language_model_that_dspy_cannot_build_raises_an_error(
    registry, tmp_path, lm: dict[str, Any]
):
    into = MultiHop()
    state = into.dump_state()
    for each in state.values():
        each["signature"]["instructions"] = "Answer."
    state["generate_answer.predict"]["lm"] = lm
    before = into.dump_state()
    selector = registered(registry, tmp_path, state)
    with pytest.raises(Conflict, match="cannot build its language model") as told:
        dspyreg.load(selector, into=into, registry=registry)
    assert not isinstance(told.value, ContractMismatch)
    assert "predictor `generate_answer.predict`" in str(told.value)
    assert told.value.hint == "lm=, a language model of your own"
    assert into.dump_state() == before
    own = dspy.LM(MODEL)
    assert dspyreg.load(selector, into=into, lm=own, registry=registry).get_lm() is own


def test_every_parameter_of_the_language_model_class_is_known():
    """A parameter added by a new DSPy must be reviewed: it may be unsafe to load."""
    assert set(inspect.signature(dspy.LM.__init__).parameters) == {
        *("self", "model", "model_type", "temperature", "max_tokens", "cache", "callbacks"),
        *("num_retries", "provider", "finetuning_model", "launch_kwargs", "train_kwargs"),
        *("use_developer_role", "engine", "async_engine", "prompt_cache", "kwargs"),
    }
