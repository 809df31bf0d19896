"""The digest of the normal form: one for the same program, another for any other."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import golden_states as golden
import pytest

from dspyreg.formats.known import of, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

everywhere = pytest.mark.parametrize("name", golden.NAMES)


def digest_of(state: Any) -> Any:
    """Return the digest of the JSON of a state."""
    return golden.program_of(state).digest()


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _turned(each) for key, each in reversed(value.items())}
    return [_turned(each) for each in value] if isinstance(value, list) else value


@everywhere
def test_formatting_does_not_change_the_digest(name: str):
    tight = json.dumps(golden.state(name), separators=(",", ":"), ensure_ascii=True)
    assert read(tight.encode()).digest() == golden.program(name).digest()


@everywhere
def test_the_order_of_keys_does_not_change_the_digest(name: str):
    assert digest_of(_turned(golden.state(name))) == golden.program(name).digest()


def without_metadata(state: Any) -> None:
    if "demos" not in state["metadata"]:
        del state["metadata"]


def with_other_versions(state: Any) -> None:
    if "demos" not in state["metadata"]:
        state["metadata"] = {"dependency_versions": {"dspy": "9.9.9", "torch": "3"}, "more": 1}


@pytest.mark.parametrize("name", [name for name in golden.NAMES if name[0] in "cd"])
@pytest.mark.parametrize("change", [without_metadata, with_other_versions])
def test_dependency_versions_do_not_change_the_digest(name: str, change: Callable[[Any], None]):
    state = golden.state(name)
    change(state)
    assert digest_of(state) == golden.program(name).digest()


@pytest.mark.parametrize("mark", ["dspy_uuid", "dspy_split"])
def test_marks_that_dspy_puts_on_demos_do_not_change_the_digest(mark: str):
    state = golden.state("d-keyed")
    state["generate.predict"]["demos"][0][mark] = "1f2e3d"
    assert digest_of(state) == golden.program("d-keyed").digest()


@pytest.mark.parametrize(
    "member", ["api_key", "api_base", "headers", "aws_secret_access_key", "azure_ad_token"]
)
def test_credentials_of_the_language_model_do_not_change_the_digest(member: str):
    state = golden.state("d-model")
    state["generate.predict"]["lm"][member] = "sk-1"
    state["generate.predict"]["lm"]["launch_kwargs"] = {member: "sk-2"}
    assert digest_of(state) == golden.program("d-model").digest()


@pytest.mark.parametrize("member", ["model", "temperature", "max_tokens", "num_retries"])
def test_the_language_model_and_its_settings_change_the_digest(member: str):
    state = golden.state("d-model")
    state["generate.predict"]["lm"][member] = "else"
    assert digest_of(state) != golden.program("d-model").digest()


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list) and value:
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from _leaves(value[key], (*path, key))
    elif path[0] != "metadata" and not {"dspy_uuid", "dspy_split"} & set(path):
        yield path


def _changed(state: Any, path: tuple[Any, ...]) -> Any:
    """Return the state with another value of the same type at one path."""
    state = copy.deepcopy(state)
    *way, last = path
    place = state
    for key in way:
        place = place[key]
    old = place[last]
    new: dict[type, Any] = {str: f"{old}!", list: [{"more": 1}], dict: {"more": 1}, bool: not old}
    place[last] = new.get(type(old), {"model": "m"} if old is None else 0.123)
    return state


@everywhere
def test_every_other_value_changes_the_digest(name: str):
    state, before = golden.state(name), golden.program(name).digest()
    for path in _leaves(state):
        assert digest_of(_changed(state, path)) != before, path


@everywhere
def test_the_name_of_a_predictor_changes_the_digest(name: str):
    state = golden.state(name)
    for key in {each.name for each in golden.program(name).predictors} - {""}:
        renamed = {f"{k}_" if k == key else k: value for k, value in state.items()}
        assert digest_of(renamed) != golden.program(name).digest()


def test_the_order_of_demos_changes_the_digest():
    state = golden.state("d-flat")
    state["demos"].reverse()
    assert digest_of(state) != golden.program("d-flat").digest()


def a_demo(value: Any) -> Any:
    return digest_of({**golden.state("d-flat"), "demos": [{"answer": value}]})


def test_nan_equals_nan_and_nothing_else():
    nan = float("nan")
    assert a_demo(nan) == a_demo(nan)
    others = [None, "NaN", 0, float("inf"), {"not_finite": "nan"}, {"not_finite": "NaN"}]
    assert all(a_demo(nan) != a_demo(other) for other in others)


def test_one_and_true_have_different_digests():
    assert a_demo(1) != a_demo(True)


def test_values_that_json_cannot_distinguish_have_different_digests():
    def digest(value: Any) -> Any:
        return of({"demos": [{"odd": value}]}).digest()

    assert digest({date(2025, 1, 2)}) != digest({date(2025, 1, 3)})
    assert digest(10**5000) != digest(10**5000 + 1)
    assert digest({1: "a", "b": 2}) != digest({2: "a", "b": 2})
