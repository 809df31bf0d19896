"""A registry's history of some forty entries, and the reads that every state must answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from builders import DictState

from dspyreg.model import names
from dspyreg.model.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from builders import Programs

    from dspyreg.model.state import State
    from dspyreg.registry.facade.registry import Registry

PROGRAMS = ("qa", "qa2", "rag", "nothing")
STAGES = ("development", "staging", "production", "deprecated", "archived")
ENVIRONMENTS = (*STAGES[:3], "lab")
CONFIG = "environments: {lab: {}}\nmetrics: {primary: em}\nversioning: {strategy: timestamp}\n"


def life(registry: Registry, programs: Programs) -> Iterator[None]:
    """Run one operation after another; yield after each."""
    for step in _steps(registry, programs):
        step()
        yield


def _steps(registry: Registry, programs: Programs) -> Iterator[Callable[[], Any]]:
    yield lambda: programs.register("qa", metrics={"em": 0.5}, tags=["nightly"])
    yield lambda: programs.register("qa", "1.1.0-rc.1", content="same", metrics={"f1": 0.25})
    yield lambda: programs.register("qa2", content="same")
    yield lambda: registry.promote("qa@1.0.0", reason="ä")
    yield lambda: registry.promote("qa@1.0.0", to="production")
    yield lambda: programs.register("qa", metrics={"em": 0.75, "a/b": 1.0})
    yield lambda: programs.register("qa", "2.0.0", content="same", tags=["a b", "nightly"])
    for label in ("1.0.1", "2.0.0"):
        yield lambda label=label: registry.promote(f"qa@{label}")
        yield lambda label=label: registry.promote(f"qa@{label}", to="production")
    yield lambda: registry.rollback("qa", reason="slow")
    yield registry.undo
    yield registry.redo
    yield registry.undo
    yield lambda: registry.rollback("qa", as_new_version=True)
    yield lambda: registry.archive("qa@1.1.0-rc.1")
    yield registry.undo
    yield lambda: registry.archive("qa@1.1.0-rc.1")
    yield lambda: registry.restore("qa@1.1.0-rc.1")
    yield lambda: registry.apply(CONFIG)
    yield lambda: registry.deploy("qa@2.0.0", environment="lab")
    yield lambda: programs.register("qa")
    yield lambda: programs.register("rag", "first", content="same")
    yield registry.undo
    yield registry.redo
    yield lambda: registry.deploy("rag", environment="lab")
    yield lambda: registry.archive("rag@first")
    yield lambda: registry.restore("qa@2.0.0")
    yield lambda: registry.rollback("qa", to="1.0.0")
    yield lambda: programs.register("qa2", "last")
    yield lambda: registry.undo(program="qa2")


def replayed(registry: Registry, until: int | None = None) -> DictState:
    """Return the state replayed from the lines of the log only."""
    state = DictState()
    for line in registry.context.entries.all_lines():
        if until is None or line.seq <= until:
            state.take(Entry.read(line).changes)
    return state


def answers(state: State) -> dict[Any, Any]:
    """Return the results of all reads of the programs."""
    found: dict[Any, Any] = {"programs": state.programs(), "config": state.get(names.CONFIG)}
    for program in PROGRAMS:
        found[program] = _of_program(state, program)
    return found


def _of_program(state: State, program: str) -> dict[Any, Any]:
    numbers = list(state.numbers(program))
    found: dict[Any, Any] = {
        "numbers": numbers,
        "count": state.count(program),
        "exists": state.exists(program),
        "latest": state.latest(program),
        "measured": state.measured(program),
        "ranked": list(state.ranked(program)),
        "retired": list(state.ranked(program, archived=True)),
        "pointers": state.pointers(program),
    }
    for kind in ("versions", "labels", "stages", "environments", "deployments", "metrics", "tags"):
        found[kind] = sorted(state.under(names.prefix(kind, program)))
    for stage in STAGES:
        found[stage] = list(state.on_stage(program, stage)), state.count_on(program, stage)
    for place in ENVIRONMENTS:
        every = [
            state.records(program, place),
            *(state.records(program, place, n) for n in numbers),
        ]
        found["records", place] = [list(each) for each in every]
    for number in numbers:
        found[number] = state.version(program, number), state.stage(program, number)
        content = state.get(names.reserved_label(program, state.label(program, number)))
        found["content", number] = state.by_content(program, content)
    return found


def prefixes(state: DictState) -> list[str]:
    """Return every prefix of the names of a state."""
    every = {prefix for found in state.under("") for prefix in names.prefixes(found.name)}
    return sorted(every)
