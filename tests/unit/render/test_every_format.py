"""Every output format renders every result, and the table of results is typed."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from builders import a_local_registry
from comparing import a_predictor_state, a_state

from dspyreg.registry.open import InitResult
from dspyreg.render.known import FORMATS, render
from dspyreg.render.results import RESULTS, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

EXAMPLES: dict[str, Callable[[Registry], Any]] = {
    "change": lambda registry: registry.score("qa@1.1.0", {"em": 0.9}),
    "entry": lambda registry: registry.log(seq=1)[0],
    "log": lambda registry: registry.log(),
    "version": lambda registry: registry.show("qa"),
    "prompt": lambda registry: registry.prompt("qa"),
    "versions": lambda registry: registry.versions("qa"),
    "programs": lambda registry: registry.listing(limit=1),
    "resolution": lambda registry: registry.resolve("qa"),
    "status": lambda registry: registry.status("qa"),
    "board": lambda registry: registry.board(),
    "checkout": lambda registry: registry.checkout("qa", f"{registry.location}/../out"),
    "verification": lambda registry: registry.verify(),
    "gc": lambda registry: registry.gc(dry_run=True),
    "configuration": lambda registry: registry.configuration_in_force(),
    "trust": lambda registry: registry.trust_report(),
    "init": lambda registry: InitResult(registry.location, registry.registry_id, 1, is_new=True),
    "diff": lambda registry: registry.diff("qa@1.0.0", "qa"),
    "compat": lambda registry: registry.compat("qa@1.0.0", "qa"),
    "bump": lambda registry: registry.suggest_bump("qa", f"{registry.location}/../program.json"),
    "path": lambda registry: registry.upgrade_path("qa", "1.0.0", "1.1.0"),
    "convert": lambda registry: registry.convert(f"{registry.location}/../program.json"),
    "history": lambda registry: registry.history("qa"),
    "days": lambda registry: registry.history("qa", interval="day"),
    "trends": lambda registry: registry.trends("qa"),
    "compare": lambda registry: registry.compare("qa@1.0.0", "qa"),
    "plan": lambda registry: registry.plan("qa", environment="staging"),
    "check": lambda registry: registry.check("qa@1.1.0"),
    "evidence": lambda registry: registry.evidence("qa"),
}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """Two versions of a program, with scores and evidence."""
    path = tmp_path / "program.json"
    with a_local_registry(tmp_path / "store") as registry:
        for label, instructions in (("1.0.0", "Be brief."), ("1.1.0", "Be kind.")):
            path.write_text(a_state(generate=a_predictor_state(instructions=instructions)))
            registry.register("qa", path, version=label, metrics={"em": 0.5})
        registry.add_evidence("qa@1.1.0", "load_testing", note="fast")
        yield registry


def test_every_result_can_be_shown(registry: Registry):
    assert {name_of(example(registry)) for example in EXAMPLES.values()} == set(RESULTS)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_format_renders_every_result(registry: Registry, example: str):
    result = EXAMPLES[example](registry)
    assert [name for name in FORMATS if not render(result, name).endswith("\n")] == []


@pytest.mark.parametrize("name", RESULTS)
def test_a_row_names_functions_that_take_its_type(name: str):
    module, _, kind = name.rpartition(".")
    layout, _, function = RESULTS[name][0].partition(".")
    taken = {layout: function}
    if RESULTS[name][1] not in {"own", "fields"}:
        taken["documents"] = RESULTS[name][1]
    for place, function in taken.items():
        there = import_module(f"dspyreg.render.{place}")
        first = next(iter(inspect.signature(getattr(there, function)).parameters.values()))
        assert first.annotation == kind
        assert kind in imported(there, f"dspyreg.{module}")


def imported(module: Any, origin: str) -> set[str]:
    """The names that a module imports from another, also for type checking alone."""
    return {
        alias.name
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.ImportFrom) and node.module == origin
        for alias in node.names
    }
