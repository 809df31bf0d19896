"""Queries on a state, answered from its names."""

from __future__ import annotations

import pytest
from builders import DictState

from dspyreg.model import names
from dspyreg.model.canary import Canary
from dspyreg.model.state import (
    Deployment,
    NameValue,
    Pointer,
    newest_metrics,
)


def a_state(*labels: str, program: str = "qa") -> DictState:
    state = DictState()
    for label in labels:
        state.add(program, label)
    return state


def latest(state: DictState, program: str = "qa") -> str | None:
    number = state.latest(program)
    return None if number is None else state.label(program, number)


@pytest.mark.parametrize("canary", [None, Canary(2, 10.0, "production-b")])
def test_a_pointer_round_trips_through_json(canary: Canary | None):
    pointer = Pointer(1, "production-a", canary)
    assert Pointer.of(pointer.to_json()) == pointer


def test_a_missing_value_is_an_empty_pointer():
    assert Pointer.of(None) == Pointer(None, None, None)


def test_a_deployment_round_trips_through_json():
    deployment = Deployment(3, "live", reason="why", rollback_from="1.0.0", restores="e-x")
    assert Deployment.of(deployment.to_json()) == deployment


def test_unknown_members_of_a_deployment_are_ignored():
    assert Deployment.of({**Deployment(3, "live").to_json(), "tomorrow": 1}).number == 3


def test_a_deployment_was_live_only_with_all_the_traffic():
    assert Deployment(1, "superseded").was_live
    assert not Deployment(1, "rolled_back", percent=10).was_live


def test_a_version_is_found_by_number_and_by_label():
    state = a_state("1.0.0", "1.1.0")
    snapshot = state.version("qa", 2)
    assert snapshot is not None
    assert snapshot.label == "1.1.0"
    assert state.number("qa", "1.1.0") == 2
    assert state.number("qa", "9.9.9") is None


def test_version_numbers_are_listed_newest_first():
    assert list(a_state(*[f"1.0.{n}" for n in range(12)]).numbers("qa")) == list(range(12, 0, -1))


def test_latest_is_the_highest_release_in_any_order_of_registration():
    assert latest(a_state("1.10.0", "1.9.0", "2.0.0-rc.1")) == "1.10.0"


def test_latest_is_a_prerelease_only_when_there_is_no_release():
    assert latest(a_state("1.0.0-a", "1.0.0-b", "1.0.0-a.2")) == "1.0.0-b"


def test_latest_is_the_highest_number_when_some_label_is_not_semver():
    assert latest(a_state("2.0.0", "v20261120_190211", "1.0.0")) == "1.0.0"


def test_archived_versions_are_never_latest():
    state = a_state("1.0.0", "2.0.0")
    state.stand("qa", 2, "archived")
    assert latest(state) == "1.0.0"


def test_there_is_no_latest_when_all_versions_are_archived():
    state = a_state("1.0.0")
    state.stand("qa", 1, "archived")
    assert latest(state) is None


def test_labels_that_differ_in_build_metadata_rank_by_number():
    assert [row.label for row in a_state("1.0.0+b", "1.0.0+a").ranked("qa")] == [
        "1.0.0+a",
        "1.0.0+b",
    ]


def test_programs_are_those_with_versions():
    state = a_state("1.0.0", program="b")
    state.add("a", "1.0.0")
    state.put(names.reserved_name("gone"), "gone")
    assert state.programs() == ["a", "b"]


def test_a_program_is_distinct_from_another_with_the_same_prefix():
    assert not a_state("1.0.0", program="qa2").exists("qa")


def test_deployments_are_listed_newest_first_by_the_entry_that_created_them():
    state = a_state("1.0.0")
    for operation in ("zz", "aa", "mm"):
        state.put(names.deployment("qa", "production", operation), Deployment(1, "live").to_json())
    state.put(names.deployment("qa", "production", "zz"), Deployment(1, "superseded").to_json())
    records = [record.id for record in state.records("qa", "production")]
    assert records == ["production-mm", "production-aa", "production-zz"]


def test_the_newest_value_of_a_metric_is_that_of_the_newest_entry():
    found = [
        NameValue("metrics/qa/1/em/aa", 0.9, 5, 5),
        NameValue("metrics/qa/1/em/zz", 0.1, 3, 3),
        NameValue("metrics/qa/1/f1/aa", 0.5, 5, 5),
    ]
    assert newest_metrics(found) == {"em": 0.9, "f1": 0.5}
