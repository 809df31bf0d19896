"""Lines newer than the index, by the names that they change."""

from __future__ import annotations

import json

import pytest

from dspyreg.model import line as lines
from dspyreg.model.entry import Change, Intent
from dspyreg.model.line import Head, Line, genesis
from dspyreg.store import head_state as heads
from dspyreg.store.head_state import Overlay


def line(seq: int, *changes: Change, reason: str | None = None) -> Line:
    intent = Intent(
        "2026-11-20T19:02:11.123456Z",
        "ada",
        "promote",
        "7f",
        reason=reason,
        changes=changes,
        expects=(("config", None), ("versions/qa/3", {"label": "1.0.0"})),
    )
    return spelled(seq, intent.members())


def spelled(seq: int, members: bytes) -> Line:
    before = Head(seq - 1, genesis(b"a registry\n").id)
    made = lines.parse(lines.compose(members, before)[:-1])
    assert made is not None
    return made


def told(stage: str | None) -> dict[str, str | None] | None:
    return stage and {"stage": stage, "reason": None}


def stage(program: str, old: str | None, new: str | None) -> Change:
    return Change(f"stages/{program}/1", told(old), told(new))


def config(nth: int) -> dict[str, str]:
    return dict.fromkeys(("document", "source"), f"b3:{nth:064}")


def test_lines_are_not_parsed_before_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch):
    overlay = Overlay()
    monkeypatch.setattr(heads, "changes", lambda _: pytest.fail("a line was parsed"))
    overlay.take([line(1, stage("other", None, "development")), line(2, stage("more", None, "x"))])
    assert overlay.lines == 2
    assert overlay.above(line(1).head) is None


def test_lines_above_a_head_are_those_after_it():
    overlay = Overlay()
    first = line(1, stage("a", None, "x"))
    second = spelled_after(first)
    assert overlay.above(first.head) is None
    overlay.take([first, second])
    assert overlay.above(Head(0, first.prev)) == [first, second]
    assert overlay.above(first.head) == [second]
    assert overlay.above(second.head) == []
    assert overlay.above(Head(3, second.id)) is None
    assert overlay.above(Head(1, second.id)) is None


def spelled_after(before: Line) -> Line:
    made = lines.parse(lines.compose(b'"actor":"ada"', before.head)[:-1])
    assert made is not None
    return made


def test_the_newest_value_wins_in_any_order_of_reading():
    overlay = Overlay()
    both = (stage("a", None, "development"), Change("config", None, config(1)))
    overlay.take([line(1, *both), line(2, stage("a", "development", "staging"))])
    overlay.take([line(3, Change("config", config(1), config(2)), stage("b", None, "production"))])
    assert overlay.get("stages/b/1") == (told("production"), 3, 3)
    assert overlay.get("config") == (config(2), 3, 1)
    assert overlay.get("stages/a/1") == (told("staging"), 2, 1)


def test_lines_taken_later_are_read_too():
    overlay = Overlay()
    assert overlay.under("stages/a/") == {}
    overlay.take([line(1, stage("a", None, "development"))])
    assert overlay.under("stages/a/") == {"stages/a/1": (told("development"), 1, 1)}
    overlay.take([line(2, stage("a", "development", "staging"))])
    assert overlay.newest("stages/a/") == 2


def test_the_newest_change_under_a_prefix_is_found_for_any_program():
    overlay = Overlay()
    overlay.take([line(seq, stage(f"p{seq}", None, "x")) for seq in range(1, 4)])
    overlay.take([line(4, Change("config", None, config(1)))])
    assert overlay.newest("stages/") == 3
    assert overlay.newest("labels/") == 0


WHO = (
    b'"time":"2026-11-20T19:02:11.123456Z","actor":"ada","operation":"promote","operation_id":"7f"'
)
CONFIG = json.dumps(config(1)).encode()


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("labels/qa/1", b'"changes":[{"name":"labels/qa/1","old":null,"new":1}]'),
        ("labels/qa/1", b'"changes" : [ { "name" : "labels/qa/1" , "old" : null , "new" : 1 } ]'),
        ("labels/qa/1", b'"changes":[{"name":"labels\\/qa\\/1","old":null,"new":1}]'),
        ("labels/qa/1", b'"changes":[{"new":1,"old":null,"name":"\\u006cabels/\\u0071a/1"}]'),
        ("config", b'"changes":[{"name":"config","old":null,"new":%b}]' % CONFIG),
        ("config", b'"changes":[{"name": "config","old":null,"new":%b}]' % CONFIG),
        ("config", b'"changes":[{"name" :"config","old":null,"new":%b}]' % CONFIG),
        ("config", b'"changes":[{"name"  :  "config","old":null,"new":%b}]' % CONFIG),
        ("config", b'"changes":[{"name":"\\u0063onfig","old":null,"new":%b}]' % CONFIG),
    ],
)
def test_a_line_is_found_for_a_name_in_any_spelling(name: str, members: bytes):
    overlay = Overlay()
    overlay.take([spelled(1, WHO + b"," + members)])
    assert overlay.get(name) == (config(1) if name == "config" else 1, 1, 1)
