"""The entry that a line of the log contains."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.entry import (
    REFUSED,
    Change,
    Entry,
    Intent,
    same_value,
    text_or_blob,
)
from dspyreg.model.line import genesis

START = genesis(b"a registry\n")


def an_intent(**more: Any) -> Intent:
    told = {"time": "2026-11-20T19:02:11.123456Z", "actor": "ada", "operation": "promote"}
    return Intent(**{**told, "operation_id": "00ff", **more})


def an_entry(members: bytes) -> Entry:
    line = lines.parse(lines.compose(members, START)[:-1])
    assert line is not None
    return Entry.read(line)


def test_an_entry_has_its_seq_and_the_id_of_the_previous_line():
    entry = an_entry(an_intent().members())
    assert (entry.seq, entry.prev) == (1, START.id)


def test_missing_members_of_an_entry_get_their_defaults():
    entry = an_entry(an_intent().members())
    assert (entry.outcome, entry.forced, entry.changes, entry.undoes) == ("done", False, (), None)
    assert (entry.program, entry.label, entry.reason, entry.context) == (None, None, None, {})


def test_empty_members_of_an_intent_are_not_written():
    assert set(json.loads(b"{" + an_intent().members() + b"}")) == {
        *("time", "actor", "operation", "operation_id", "changes")
    }


def test_a_refused_entry_has_the_outcome_refused():
    assert an_entry(an_intent(outcome=REFUSED).members()).outcome == REFUSED


def test_unknown_members_of_an_entry_are_ignored():
    assert an_entry(an_intent().members() + b',"tomorrow":{"x":[1]}').actor == "ada"


@pytest.mark.parametrize(
    "members",
    [
        b'"actor":"ada"',
        b'"time":"noon","actor":"ada","operation":"x","operation_id":"y"',
        an_intent().members().replace(b'"changes":[]', b'"changes":7'),
        b"rubbish",
    ],
)
def test_a_senseless_entry_changes_nothing(members: bytes):
    entry = an_entry(members)
    assert (entry.changes, entry.undoes) == ((), None)


def test_a_senseless_change_does_not_affect_other_changes():
    good, bad = '{"name":"labels/qa/x","old":null,"new":1}', '{"name":"x"}'
    changes = f'"changes":[{bad},{good}]'.encode()
    entry = an_entry(an_intent().members().replace(b'"changes":[]', changes))
    assert entry.changes == (Change("labels/qa/x", None, 1),)


def test_the_inverse_of_a_change_swaps_old_and_new():
    change = Change("stages/qa/1", None, {"stage": "staging"})
    assert change.inverse() == Change("stages/qa/1", {"stage": "staging"}, None)
    assert change.inverse().inverse() == change


def test_the_json_of_an_entry_contains_its_seq():
    entry = an_entry(an_intent(changes=(Change("tomorrow", None, 1),)).members())
    assert entry.to_json()["seq"] == 1
    assert entry.to_json()["changes"] == [{"name": "tomorrow", "old": None, "new": 1}]


def test_the_entry_of_a_dry_run_has_no_seq_in_json():
    entry = an_entry(an_intent().members())._replace(seq=0)
    assert entry.to_json()["seq"] is None


def test_a_short_text_is_written_into_the_line():
    assert text_or_blob("because") == ("because", None)


def test_a_long_text_is_written_as_a_blob():
    text = "ä" * 4000
    assert text_or_blob(text) == ({"blob": Digest.of(text.encode())}, text.encode())


@pytest.mark.parametrize(("a", "b"), [(1, True), (0, False), (1, 1.0), ({"a": 1}, {"a": True})])
def test_values_equal_in_python_may_differ_in_json(a: Any, b: Any):
    assert not same_value(a, b)


def test_an_intent_is_written_and_read_back_as_an_entry():
    intent = Intent(
        "2026-11-20T19:02:11.123456Z",
        "ada",
        "promote",
        "7f00",
        program="qa",
        label="1.0.0",
        reason="better",
        changes=(Change("stages/qa/1", None, {"stage": "staging", "reason": "Promoted"}),),
        evidence={"configuration": "b3:00"},
        context={"host": "ci"},
        expects=(("config", None),),
    )
    line = lines.parse(lines.compose(intent.members(), genesis(b"a registry\n"))[:-1])
    assert line is not None
    assert intent.entry(line) == Entry.read(line)
    assert intent.entry() == Entry.read(line)._replace(seq=0, id=None, prev=None)
