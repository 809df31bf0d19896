"""Group J, the cases about the log and events: J08, J12, J13."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from builders import act_as
from commandline import dspyreg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from builders import Programs

    from dspyreg.model.entry import Entry
    from dspyreg.registry.facade.registry import Registry


def test_j08_a_registration_emits_start_and_complete_events(
    programs: Programs, caplog: pytest.LogCaptureFixture
):
    """The case says name, version and hash; here they are program, label and digest."""
    with caplog.at_level(logging.INFO, "dspyreg"):
        made = programs.register("qa", "1.0.0").version
    assert made is not None
    assert caplog.messages == ["dspy.registry.register_start", "dspy.registry.register_complete"]
    start, complete = map(vars, caplog.records)
    assert start["program"] == "qa"
    assert (complete["program"], complete["label"], complete["digest"]) == (
        "qa",
        "1.0.0",
        made.digest,
    )


def demoted(registry: Registry) -> Any:
    return registry.demote("qa@2.0.0", reason="why")


def archived(registry: Registry) -> Any:
    return registry.archive("qa@2.0.0", reason="why")


def promoted(registry: Registry) -> Any:
    return registry.promote("qa@2.0.0", to="production", reason="why")


def deployed(registry: Registry) -> Any:
    return registry.deploy("qa@1.1.0", environment="staging", reason="why")


def rolled_back(registry: Registry) -> Any:
    return registry.rollback("qa", reason="why")


def forced(registry: Registry) -> Any:
    return registry.archive("qa@1.1.0", force=True, reason="why")


def moved(entry: Entry, name: str) -> tuple[Any, Any]:
    change = next(change for change in entry.changes if change.name == name)
    return tuple((value or {}).get("stage", (value or {}).get("live")) for value in change[1:])


@pytest.mark.parametrize(
    ("act", "name", "before_and_after"),
    [
        (promoted, "stages/qa/3", ("staging", "production")),
        (demoted, "stages/qa/3", ("staging", "development")),
        (archived, "stages/qa/3", ("staging", "archived")),
        (deployed, "environments/qa/staging", (3, 2)),
        (rolled_back, "environments/qa/production", (2, 1)),
        (forced, "stages/qa/2", ("production", "archived")),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_j12_every_change_is_one_entry_with_actor_time_from_to_and_reason(
    registry: Registry,
    programs: Programs,
    act: Callable[[Registry], Any],
    name: str,
    before_and_after: tuple[Any, Any],
):
    programs.in_production(label="1.0.0")
    programs.in_production(label="1.1.0")
    programs.register(label="2.0.0")
    registry.promote("qa@2.0.0")
    before = registry.log()
    act_as(registry, "alice")
    act(registry)
    entry, *rest = registry.log()
    assert rest == before
    assert (entry.actor, entry.reason, entry.forced) == ("alice", "why", act is forced)
    assert entry.time > before[0].time
    assert moved(entry, name) == before_and_after


@pytest.fixture
def segment(on_disk: Programs) -> Path:
    """The log file of a closed registry with three entries."""
    on_disk.in_production(label="1.0.0")
    on_disk.registry.close()
    return on_disk.directory / "store" / "log" / f"{1:020}.jsonl"


def first_problem(store: Path) -> str:
    ran = dspyreg("verify", "--json", "--store", store, "--as", "ada")
    assert ran.status == 6
    first = ran.document["problems"][0]
    return f"{first['where']} {first['message']}"


def test_j13_verify_names_an_edited_line(segment: Path):
    lines = segment.read_bytes().splitlines(keepends=True)
    assert json.loads(lines[1])["actor"] == "ada"
    lines[1] = lines[1].replace(b'"actor":"ada"', b'"actor":"eve"')
    segment.write_bytes(b"".join(lines))
    assert "entry 2" in first_problem(segment.parent.parent)


def test_j13_verify_names_a_deleted_line(segment: Path):
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + lines[2])
    assert "entry 2" in first_problem(segment.parent.parent)
