"""``--events``: the events of a command, one JSON line each."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from commandline import dspyreg

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def names(text: str) -> list[str]:
    return [event["event"].removeprefix("dspy.registry.") for event in events(text)]


def test_events_are_appended_to_a_file_as_lines(store: Path, here: Path):
    dspyreg("register", "qa", "program.json", "--events", "events.jsonl")
    dspyreg("--events", "events.jsonl", "promote", "qa@1.0.0")
    assert names((here / "events.jsonl").read_text()) == [
        "register_start",
        "register_complete",
        "promote_start",
        "promote_complete",
    ]


def test_events_can_go_to_standard_error(store: Path):
    ran = dspyreg("register", "qa", "program.json", "--events", "-", "--json")
    assert names(ran.err) == ["register_start", "register_complete"]
    told = events(ran.err)[1]
    assert told["seq"] == ran.document["entry"]["seq"]
    assert told["digest"] == ran.document["version"]["digest"]


def test_quiet_does_not_suppress_events(store: Path):
    ran = dspyreg("register", "qa", "program.json", "--events", "-", "-q")
    assert names(ran.err) == ["register_start", "register_complete"]


def test_an_error_emits_an_event(store: Path, here: Path):
    ran = dspyreg("deploy", "qa@v99.0", "--env", "staging", "--events", "events.jsonl")
    told = events((here / "events.jsonl").read_text())[-1]
    assert (ran.status, told["event"]) == (3, "dspy.registry.deploy_error")
    assert told["error"]["code"] == "not_found"
    assert told["environment"] == "staging"


def test_an_environment_variable_names_the_events_file(
    store: Path, here: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DSPYREG_EVENTS", "by-environment")
    dspyreg("register", "qa", "program.json")
    assert names((here / "by-environment").read_text()) == ["register_start", "register_complete"]


def test_the_events_option_overrides_the_environment_variable(
    store: Path, here: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DSPYREG_EVENTS", "by-environment")
    dspyreg("register", "qa", "program.json", "--events", "by-option")
    assert not (here / "by-environment").exists()
    assert (here / "by-option").exists()


def test_an_unwritable_events_file_is_reported_once_and_fails_nothing(store: Path):
    ran = dspyreg("register", "qa", "program.json", "--events", "no/such/file")
    assert ran.status == 0
    assert ran.err.count("events are not written to no/such/file: ") == 1


def test_a_pipe_without_a_reader_does_not_block_a_command(store: Path, here: Path):
    os.mkfifo(here / "pipe")
    ran = dspyreg("register", "qa", "program.json", "--events", "pipe")
    assert ran.status == 0
    assert "events are not written to pipe" in ran.err


def test_reads_and_dry_runs_emit_no_events(store: Path, here: Path):
    dspyreg("register", "qa", "program.json")
    for line in ("list", "show qa", "promote qa@1.0.0 --dry-run", "log"):
        dspyreg(*line.split(), "--events", "events.jsonl")
    assert not (here / "events.jsonl").exists()


def test_events_contain_no_terminal_control_characters(store: Path):
    ran = dspyreg("promote", "qa@1.0.0", "--reason", "\x1b[2J\x9b", "--events", "-")
    assert "\x1b" not in ran.err
    assert "\x9b" not in ran.err
    assert events(ran.err.splitlines()[0])[0]["reason"] == "\x1b[2J\x9b"
