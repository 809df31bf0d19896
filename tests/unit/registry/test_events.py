"""The events that a registry emits."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dspyreg.config.sections import OPERATIONS
from dspyreg.errors import NotFound, Refused, RegistryError
from dspyreg.registry.transaction import events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def heard(registry: Registry) -> list[Mapping[str, Any]]:
    """The events received by a listener of this registry."""
    told: list[Mapping[str, Any]] = []
    registry.listener = told.append
    return told


def named(heard: list[Mapping[str, Any]]) -> list[str]:
    return [event["event"].removeprefix(events.PREFIX) for event in heard]


def only(heard: list[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Return the only event with a name."""
    (event,) = (each for each in heard if each["event"] == events.PREFIX + name)
    return dict(event)


def acts(registry: Registry, programs: Programs) -> dict[str, Callable[[], Any]]:
    """Return each operation, in an order in which all can run."""
    return {
        "register": lambda: programs.register(label="1.0.0"),
        "score": lambda: registry.score("qa@1.0.0", {"em": 0.5}),
        "promote": lambda: registry.promote("qa@1.0.0"),
        "approve": lambda: registry.approve("qa@1.0.0"),
        "evidence": lambda: registry.add_evidence("qa@1.0.0", "load_testing"),
        "demote": lambda: registry.demote("qa@1.0.0"),
        "deploy": lambda: registry.deploy("qa@1.0.0", environment="development"),
        "archive": lambda: registry.archive("qa@1.0.0"),
        "undo": registry.undo,
        "redo": registry.redo,
        "restore": lambda: registry.restore("qa@1.0.0"),
        "config": lambda: registry.apply("metrics: {primary: em}"),
        "gc": registry.gc,
    }


def test_every_operation_emits_start_and_complete(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    for operation, act in acts(registry, programs).items():
        heard.clear()
        act()
        assert named(heard)[:2] == [f"{operation}_start", f"{operation}_complete"]


FAILING: dict[str, Callable[[Registry], Any]] = {
    "register": lambda registry: registry.register("qa", "nowhere.json"),
    "promote": lambda registry: registry.promote("nobody@1.0.0"),
    "demote": lambda registry: registry.demote("nobody@1.0.0"),
    "archive": lambda registry: registry.archive("nobody@1.0.0"),
    "restore": lambda registry: registry.restore("nobody@1.0.0"),
    "deploy": lambda registry: registry.deploy("nobody@1.0.0", environment="staging"),
    "rollback": lambda registry: registry.rollback("nobody"),
    "score": lambda registry: registry.score("nobody@1.0.0", {"em": 1}),
    "approve": lambda registry: registry.approve("nobody@1.0.0"),
    "evidence": lambda registry: registry.add_evidence("nobody@1.0.0", "load_testing"),
    "undo": lambda registry: registry.undo(99),
    "redo": lambda registry: registry.redo(seq=99),
    "config": lambda registry: registry.apply("no such key: 1"),
}


@pytest.mark.parametrize("operation", FAILING)
def test_every_failing_operation_emits_start_and_error(
    registry: Registry, heard: list[Mapping[str, Any]], operation: str
):
    with pytest.raises(RegistryError) as failure:
        FAILING[operation](registry)
    assert named(heard) == [f"{operation}_start", f"{operation}_error"]
    error = only(heard, f"{operation}_error")["error"]
    assert error == {"code": failure.value.code, "message": str(failure.value)}


def test_an_internal_error_emits_an_error_event(
    registry: Registry, heard: list[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dspyreg.registry.change.gc.gc", break_down)
    with pytest.raises(ZeroDivisionError):
        registry.gc()
    assert only(heard, "gc_error")["error"] == {"code": "bug", "message": "ZeroDivisionError"}


def test_the_event_names_cover_exactly_the_operations():
    assert set(events.OPERATIONS) == {*FAILING, "gc"}
    assert {*OPERATIONS} | {"gc"} == set(events.OPERATIONS)
    assert "dspy.registry.performance_update" in events.NAMES


def test_an_unknown_event_name_is_not_emitted(registry: Registry):
    with pytest.raises(ValueError, match="no_such_event"):
        events.emit(registry, "no_such_event")


def test_an_event_contains_actor_time_and_entry(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    done = programs.register(label="1.0.0")
    assert done.entry is not None
    assert done.version is not None
    start, complete = heard
    assert dict(start) == {
        "event": "dspy.registry.register_start",
        "time": start["time"],
        "actor": "ada",
        "program": "qa",
        "label": "1.0.0",
    }
    assert start["time"] < done.entry.time < complete["time"]
    assert complete["duration_ms"] >= 0
    assert dict(complete) == {
        "event": "dspy.registry.register_complete",
        "time": complete["time"],
        "actor": "ada",
        "program": "qa",
        "label": "1.0.0",
        "operation_id": done.entry.operation_id,
        "seq": 1,
        "duration_ms": complete["duration_ms"],
        "number": 1,
        "digest": done.version.digest,
        "from": None,
        "to": "development",
    }


def test_a_promotion_event_contains_both_stages(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0", reason="good")
    told = only(heard, "promote_complete")
    assert (told["from"], told["to"], told["environments"]) == (
        "development",
        "staging",
        ["staging"],
    )
    assert (told["reason"], told["selector"]) == ("good", "qa@1.0.0")


def test_a_rollback_event_contains_both_labels(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.in_production(label="1.0.0")
    programs.in_production(label="1.1.0")
    registry.rollback("qa")
    told = only(heard, "rollback_complete")
    assert (told["environment"], told["from"], told["to"]) == ("production", "1.1.0", "1.0.0")
    assert told["label"] == "1.0.0"


def test_a_refusal_emits_an_event(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.register(label="1.0.0")
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", to="production")
    told = only(heard, "promote_error")
    assert told["error"]["code"] == "refused"
    assert (told["program"], told["to"], told["selector"]) == ("qa", "production", "qa@1.0.0")


def test_an_operation_with_nothing_to_do_emits_complete(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.register(label="1.0.0")
    registry.deploy("qa@1.0.0", environment="development")
    heard.clear()
    registry.deploy("qa@1.0.0", environment="development")
    assert only(heard, "deploy_complete")["already"].startswith("already")


def test_a_score_emits_a_performance_update(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.register(label="1.0.0", metrics={"em": 0.4})
    registry.score("qa@1.0.0", {"em": 0.5, "f1": 0.75})
    told = only(heard, "performance_update")
    assert (told["label"], told["metrics"]) == ("1.0.0", {"em": 0.5, "f1": 0.75})
    assert told["seq"] == 2


def test_an_automatic_deployment_emits_its_own_event(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    registry.apply("environments: {development: {auto_deploy: true}}")
    programs.register(label="1.0.0")
    programs.register(label="1.1.0")
    told = [event for event in heard if event["event"].endswith("auto_deployment")]
    assert [(each["environment"], each["from"], each["to"]) for each in told] == [
        ("development", None, "1.0.0"),
        ("development", "1.0.0", "1.1.0"),
    ]


def test_a_requested_deployment_emits_no_automatic_deployment(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.in_production(label="1.0.0")
    assert "auto_deployment" not in named(heard)


def test_a_dry_run_emits_no_events(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    programs.register(label="1.0.0", dry_run=True)
    assert heard == []


def test_a_failing_listener_does_not_affect_the_operation(registry: Registry, programs: Programs):
    def stumble(_: object) -> None:
        raise OSError

    registry.listener = stumble
    assert programs.register(label="1.0.0").entry is not None


def test_an_event_is_serializable_as_json(
    registry: Registry, programs: Programs, heard: list[Mapping[str, Any]]
):
    for act in acts(registry, programs).values():
        act()
    assert json.loads(json.dumps(heard)) == [dict(event) for event in heard]


def test_a_log_record_has_the_event_name_as_message_and_its_members_as_extra(
    registry: Registry, programs: Programs, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO, "dspyreg"):
        programs.register(label="1.0.0")
        with pytest.raises(NotFound):
            registry.deploy("qa@99.0.0", environment="staging")
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("INFO", "dspy.registry.register_start"),
        ("INFO", "dspy.registry.register_complete"),
        ("INFO", "dspy.registry.deploy_start"),
        ("ERROR", "dspy.registry.deploy_error"),
    ]
    assert vars(caplog.records[1])["seq"] == 1
    assert vars(caplog.records[3])["error"]["code"] == "not_found"


def test_no_member_of_an_event_collides_with_a_log_record_attribute(
    registry: Registry,
    programs: Programs,
    heard: list[Mapping[str, Any]],
    caplog: pytest.LogCaptureFixture,
):
    with caplog.at_level(logging.INFO, "dspyreg"):
        for act in acts(registry, programs).values():
            act()
    assert [record.message for record in caplog.records] == [event["event"] for event in heard]


def ran(code: str) -> subprocess.CompletedProcess[str]:
    """Run a program on a registry in memory, in a process that has not imported anything else."""
    begin = """
import sys
from contextlib import suppress
from datetime import UTC, datetime
from dspyreg.backends import memory
from dspyreg.errors import NotFound
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry
registry = Registry(Context(memory.create(), Caller("ada"), clock=lambda: datetime.now(UTC)))
"""
    act = """
with suppress(NotFound):
    registry.promote("qa@1.0.0")
print("dspyreg.registry.transaction.events" in sys.modules, "logging" in sys.modules)
"""
    command = [sys.executable, "-c", begin + code + act]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_logging_is_not_imported_unless_the_caller_uses_it():
    assert ran("").stdout.split() == ["False", "False"]


def test_errors_are_not_printed_when_logging_is_not_configured():
    done = ran("import logging")
    assert (done.stdout.split(), done.stderr) == (["False", "True"], "")


def test_events_are_logged_when_logging_is_configured():
    done = ran("import logging; logging.basicConfig(level='INFO')")
    assert done.stderr.splitlines() == [
        "INFO:dspyreg:dspy.registry.promote_start",
        "ERROR:dspyreg:dspy.registry.promote_error",
    ]
