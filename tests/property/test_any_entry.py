"""Properties of model/entry, for any value."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from strategies import JSON_VALUES, TEXTS

from dspyreg.model import line as lines
from dspyreg.model import names
from dspyreg.model.entry import (
    Change,
    Entry,
    Intent,
    same_value,
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


NAMES = st.lists(TEXTS.filter(lambda text: text != ""), min_size=1, max_size=4).map(
    lambda segments: names.path("tomorrow", *segments)
)


@given(
    TEXTS.filter(names.is_word),
    TEXTS,
    st.lists(
        st.builds(Change, NAMES, JSON_VALUES, JSON_VALUES),
        max_size=3,
        unique_by=lambda change: change.name,
    ),
    st.dictionaries(TEXTS, JSON_VALUES, max_size=3),
)
def test_an_entry_is_read_as_its_intent_was_written(
    actor: str, reason: str, changes: list[Change], evidence: Any
):
    intent = an_intent(actor=actor, reason=reason, changes=tuple(changes), evidence=evidence)
    entry = an_entry(intent.members())
    assert (entry.actor, entry.reason, list(entry.changes)) == (actor, reason, changes)
    assert not entry.evidence or entry.evidence == evidence


@given(JSON_VALUES)
def test_a_value_equals_itself_after_a_json_round_trip(value: Any):
    assert same_value(value, json.loads(json.dumps(value)))
