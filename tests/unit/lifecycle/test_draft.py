"""A draft of a plan: its changes, and the values it read."""

from __future__ import annotations

import pytest
from builders import DictState

from dspyreg.lifecycle.draft import After, Draft
from dspyreg.model import names
from dspyreg.model.entry import Change
from dspyreg.model.state import Deployment, Pointer


@pytest.fixture
def state() -> DictState:
    """A state with one version, 1.0.0 of qa."""
    state = DictState()
    state.add("qa", "1.0.0")
    return state


def test_a_draft_does_not_change_the_state_below_it(state: DictState):
    Draft(state, "op").change("tags/qa/1/x", True)
    assert state.get("tags/qa/1/x") is None


def test_a_draft_shows_its_changes(state: DictState):
    draft = Draft(state, "op")
    draft.set_stage("qa", 1, "staging", "why")
    assert draft.stage("qa", 1) == "staging"
    assert [f.value["stage"] for f in draft.under("stages/qa/")] == ["staging"]


def test_a_removed_name_is_not_listed(state: DictState):
    draft = Draft(state, "op")
    draft.change("stages/qa/1", None)
    assert draft.under("stages/qa/") == []


def test_a_change_holds_the_value_from_before_the_draft(state: DictState):
    draft = Draft(state, "op")
    draft.change("labels/qa/1.0.0", 2)
    draft.change("labels/qa/1.0.0", 3)
    assert draft.changes == (Change("labels/qa/1.0.0", 1, 3),)


def test_a_value_changed_back_is_not_a_change(state: DictState):
    draft = Draft(state, "op")
    draft.change("labels/qa/1.0.0", 2)
    draft.change("labels/qa/1.0.0", 1)
    assert draft.changes == ()


def test_values_read_by_a_draft_are_expected_to_stay(state: DictState):
    draft = Draft(state, "op")
    draft.number("qa", "1.0.0")
    draft.number("qa", "2.0.0")
    version = state.get("versions/qa/1")
    assert draft.expects == (
        *(("labels/qa/1.0.0", 1), ("versions/qa/1", version)),
        ("labels/qa/2.0.0", None),
    )


def test_a_changed_name_is_not_expected_too(state: DictState):
    draft = Draft(state, "op")
    draft.change("labels/qa/1.0.0", 2)
    assert draft.expects == ()


def test_a_value_changed_back_is_still_expected(state: DictState):
    draft = Draft(state, "op")
    draft.change("labels/qa/1.0.0", 1)
    assert draft.expects == (("labels/qa/1.0.0", 1),)


@pytest.mark.parametrize(
    ("ask", "prefixes"),
    [
        (lambda d: d.under("metrics/qa/1/"), {"metrics/qa/1/"}),
        (lambda d: d.numbers("qa"), {"versions/qa/"}),
        (lambda d: d.by_digest("qa", "b3:00"), {"versions/qa/"}),
        (lambda d: d.on_stage("qa", "staging"), {"stages/qa/"}),
        (lambda d: d.ranked("qa"), {"versions/qa/", "stages/qa/"}),
        (lambda d: d.latest("qa"), {"versions/qa/", "stages/qa/"}),
        (lambda d: d.records("qa", "eu"), {"deployments/qa/eu/"}),
        (lambda d: d.pointers("qa"), {"environments/qa/"}),
        (lambda d: d.exists("qa"), {"versions/qa/"}),
    ],
)
def test_a_listed_prefix_is_expected(state: DictState, ask: object, prefixes: set[str]):
    draft = Draft(state, "op")
    ask(draft)  # type: ignore[operator]
    told = dict(draft.expects)
    assert prefixes <= set(told)
    assert all(told[prefix] == state.newest(prefix) for prefix in prefixes)


def test_names_read_under_a_listed_prefix_are_not_expected_twice(state: DictState):
    draft = Draft(state, "op")
    draft.numbers("qa")
    assert draft.label("qa", 1) == "1.0.0"
    assert draft.expects == (("versions/qa/", state.newest("versions/qa/")),)


@pytest.mark.parametrize("count", [100, 1000])
def test_many_names_of_one_program_are_expected_as_a_prefix(state: DictState, count: int):
    draft = Draft(state, "op")
    for number in range(1, count):
        draft.get(names.stage("qa", number))
    assert len(draft.expects) < 20
    assert ("stages/qa/", state.newest("stages/qa/")) in draft.expects


@pytest.mark.parametrize("count", [100, 1000])
def test_names_of_many_programs_are_expected_as_a_common_prefix(state: DictState, count: int):
    draft = Draft(state, "op")
    for nth in range(count):
        draft.pointers(f"p{nth}")
        draft.get(names.environment(f"p{nth}", "eu"))
        draft.get(names.label(f"p{nth}", "1.0.0"))
    assert len(draft.expects) < 40
    assert {"environments/", "labels/"} <= dict(draft.expects).keys()


def test_names_that_a_draft_only_writes_are_not_expected(state: DictState):
    draft = Draft(state, "op")
    for nth in range(1000):
        draft.change(names.metric("qa", 1, f"m{nth}", "op"), nth)
    assert draft.expects == ()
    assert len(draft.changes) == 1000


def test_a_draft_can_be_stacked_on_thousands_of_others(state: DictState):
    below: DictState | After = state
    for nth in range(3000):
        draft = Draft(below, "op")
        draft.change(names.tag("qa", 1, f"t{nth}"), True)
        below = After(draft)
    assert below.get("tags/qa/1/t0") is True
    assert len(list(below.under("tags/qa/1/"))) == 3000
    assert below.label("qa", 1) == "1.0.0"
    assert state.get("tags/qa/1/t0") is None


def test_an_empty_environment_has_no_value(state: DictState):
    draft = Draft(state, "op")
    draft.set_pointer("qa", "eu", Pointer(1, "eu-op"))
    draft.set_pointer("qa", "eu", Pointer())
    assert draft.changes == ()


def test_a_deployment_is_kept_under_its_operation(state: DictState):
    draft = Draft(state, "op")
    draft.set_deployment("qa", "eu", "eu-op", Deployment(1, "live"))
    assert draft.changes[0].name == names.deployment("qa", "eu", "op")
    assert draft.deployment("qa", "eu", "eu-op") == Deployment(1, "live")


def test_a_draft_reads_the_draft_below_it(state: DictState):
    below = Draft(state, "one")
    below.set_stage("qa", 1, "staging", "why")
    above = Draft(below, "two")
    assert above.stage("qa", 1) == "staging"
    above.set_stage("qa", 1, "production", "why")
    assert below.stage("qa", 1) == "staging"


def test_names_containing_a_fresh_operation_id_are_not_looked_up(state: DictState):
    name = names.deployment("qa", "eu", "op")
    state.take([Change(name, None, {"number": 1})])
    assert Draft(state, "op").get(name) == {"number": 1}
    assert Draft(state, "op", fresh=True).get(name) is None
    assert Draft(state, "p", fresh=True).get(name) == {"number": 1}
