"""Any state is loaded, or a registry error says why and nothing has changed."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from copy import deepcopy
from typing import Any

import live_programs
import pytest
from live_programs import MultiHop, a_predictor, dspy, react

from dspyreg.errors import RegistryError
from dspyreg.formats import known
from dspyreg.formats.document import NotAState
from dspyreg.integrations import loading

pytestmark = live_programs.OUR_WARNINGS_ONLY

PROGRAMS = {"bare": a_predictor, "several": MultiHop, "agent": react}
ODD: list[Any] = [
    *(None, True, 0, -1, 1.5, float("nan"), 10**30, "", "x", "${question}", "http://a", "\0"),
    *([], [1], ["a"], [{}], [None]),
    *({}, {"a": 1}, {"demos": []}, {"b": [{"c": None}]}, {"dependency_versions": []}),
    {"dependency_versions": {"dspy": "9.9", "python": "2"}},
]
KEYS = [
    *("lm", "signature", "fields", "demos", "traces", "train", "metadata", "module_src", "k"),
    *("config", "extended_signature", "signature_instructions", "prefix", "instructions"),
    *("model", "_dspy_lm_class", "api_base", "engine", "prompt_cache", "async_engine", "self"),
]


def a_full_state(make: Any) -> dict[str, Any]:
    program = make()
    for predictor in program.predictors():
        predictor.demos = [dspy.Example(question="who?", answer="ada")]
        predictor.lm = dspy.LM("openai/o3-mini", temperature=1.0, max_tokens=16_000)
    return json.loads(json.dumps(program.dump_state()))


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = list(value.items() if isinstance(value, dict) else enumerate(value[:3]))
    found = [way]
    for key, each in below:
        deeper = isinstance(each, dict | list)
        found += places(each, (*way, key)) if deeper else [(*way, key)]
    return found


def changed(state: Any, dice: random.Random) -> Any:
    """Return a state with something unusual inserted, replaced or removed."""
    state = deepcopy(state)
    *way, last = dice.choice([place for place in places(state) if place])
    it = state
    for key in way:
        it = it[key]
    kind = dice.random()
    if kind < 0.3:
        del it[last]
    elif kind < 0.6 and isinstance(it, dict):
        it[dice.choice(KEYS)] = deepcopy(dice.choice(ODD))
    else:
        it[last] = deepcopy(dice.choice(ODD))
    return state


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("trusted", [True, False])
def test_any_altered_state_is_loaded_or_raises_a_registry_error(
    registry, tmp_path, name: str, trusted: bool
):
    make, dice = PROGRAMS[name], random.Random(name)
    state = a_full_state(make)
    version = registry.show(live_programs.registered(registry, tmp_path, state))
    for _ in range(150):
        with suppress(NotAState):
            odd = known.read(json.dumps(changed(state, dice)).encode())
            into = make()
            before = into.dump_state()
            try:
                loading._load(version, odd, into, lm=None, strict=False, trusted=trusted)
            except RegistryError:
                assert into.dump_state() == before
            else:
                json.dumps(into.dump_state())
