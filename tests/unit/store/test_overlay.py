"""Lines above the index: each is read when a name is asked for that it may change."""

from __future__ import annotations

import json

import pytest

from dspyreg.model import line as lines
from dspyreg.model.entry import Change, Intent
from dspyreg.model.line import Head, Line, genesis
from dspyreg.store import head_state as heads
from dspyreg.store.head_state import Overlay, concerning, needles_of


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


def test_lines_of_other_programs_are_never_read(monkeypatch: pytest.MonkeyPatch):
    overlay = Overlay()
    overlay.take([line(1, stage("other", None, "development")), line(2, stage("more", None, "x"))])
    monkeypatch.setattr(heads, "changes", lambda _: pytest.fail("a line was read"))
    assert overlay.get("stages/mine/1") is None
    assert overlay.under("stages/mine/") == {}
    assert overlay.get("config") is None


def test_the_newest_value_counts_in_whatever_order_lines_are_read():
    overlay = Overlay()
    both = (stage("a", None, "development"), Change("config", None, config(1)))
    overlay.take([line(1, *both), line(2, stage("a", "development", "staging"))])
    overlay.take([line(3, Change("config", config(1), config(2)), stage("b", None, "production"))])
    assert overlay.get("stages/b/1") == (told("production"), 3, 3)
    assert overlay.get("config") == (config(2), 3, 1)
    assert overlay.get("stages/a/1") == (told("staging"), 2, 1)


def test_lines_that_come_later_are_read_as_well():
    overlay = Overlay()
    assert overlay.under("stages/a/") == {}
    overlay.take([line(1, stage("a", None, "development"))])
    assert overlay.under("stages/a/") == {"stages/a/1": (told("development"), 1, 1)}
    overlay.take([line(2, stage("a", "development", "staging"))])
    assert overlay.newest("stages/a/") == 2


def test_the_newest_change_of_a_kind_is_found_whatever_program_it_is_of():
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
def test_however_a_name_is_spelled_its_line_is_found(name: str, members: bytes):
    overlay = Overlay()
    overlay.take([spelled(1, WHO + b"," + members)])
    assert overlay.get(name) == (config(1) if name == "config" else 1, 1, 1)


def test_what_a_line_only_expects_does_not_concern_it():
    assert not concerning([line(1, stage("a", None, "x"))], needles_of("config"))


def test_of_many_lines_those_that_concern_a_program_are_found():
    found = [line(seq, stage(f"p{seq % 3}", None, "x")) for seq in range(1, 10)]
    assert concerning(found, needles_of("stages/p1/1")) == found[0::3]
    assert not concerning(found, needles_of("stages/p4/1"))
    assert not concerning([], needles_of("stages/p1/1"))


def test_a_program_whose_name_begins_alike_is_another():
    found = [line(1, stage("p1", None, "x"), Change("reserved/p1", None, 1))]
    assert not concerning(found, (*needles_of("stages/p/1"), *needles_of("reserved/p")))
    for name in ("stages/p1/1", "stages/p1/", "reserved/p1", "stages/"):
        assert concerning(found, needles_of(name)) == found


def test_a_text_may_quote_anything():
    found = [line(1, stage("a", None, "x"), reason='he said ":"config" to /qa/')]
    assert concerning(found, needles_of("tags/b/1/x")) == found
