"""``max_versions``: which versions are surplus."""

from __future__ import annotations

import pytest
from builders import Rules, a_config, an_environment

from dspyreg.config.value import Versioning
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.deploy import deploy
from dspyreg.lifecycle.draft import Draft
from dspyreg.lifecycle.retention import archive_surplus, surplus
from dspyreg.lifecycle.rollback import rollback
from dspyreg.lifecycle.stages import archive, promote
from dspyreg.model import names
from dspyreg.model.canary import Canary
from dspyreg.model.selector import Selector
from dspyreg.model.state import Pointer


def keeping(limit: int, count: int = 0, stage: str = "development") -> Rules:
    """Return the rules with a limit and a number of versions."""
    lab = an_environment("lab", None)
    on = Rules(a_config(lab, versioning=Versioning(max_versions=limit)))
    for nth in range(1, count + 1):
        on.state.add("qa", f"{nth}.0.0", stage)
    return on


def too_many(on: Rules) -> list[int]:
    return surplus(Case(Draft(on.state, "op"), on.config, "qa"))


def version(number: int) -> Selector:
    return Selector.parse(f"qa@{number}.0.0")


@pytest.mark.parametrize(("limit", "count"), [(0, 9), (3, 0), (3, 2), (3, 3)])
def test_no_version_is_surplus_below_the_limit(limit: int, count: int):
    assert too_many(keeping(limit, count)) == []


def test_the_oldest_versions_are_surplus_first():
    assert too_many(keeping(3, 5)) == [1, 2]


def test_archived_versions_do_not_count_against_the_limit():
    on = keeping(3, 5)
    on.carry_out(archive, version(5))
    assert too_many(on) == [1]


def test_a_live_version_is_never_surplus():
    on = keeping(2, 4)
    on.carry_out(deploy, version(1), environment="lab")
    assert too_many(on) == [2, 3]


def test_a_canary_is_never_surplus():
    on = keeping(2, 4)
    on.carry_out(deploy, version(4), environment="lab")
    pointer = on.state.pointer("qa", "lab")
    canary = Pointer(pointer.live, pointer.deployment, Canary(1, 10, "lab-x"))
    on.state.put(names.environment("qa", "lab"), canary.to_json())
    assert too_many(on) == [2, 3]


def test_the_target_of_the_next_rollback_is_never_surplus():
    on = keeping(1, 4)
    for number in (1, 3):
        on.carry_out(deploy, version(number), environment="lab")
    assert too_many(on) == [2]


def test_versions_out_of_reach_of_a_rollback_are_surplus():
    on = keeping(1, 4)
    for number in (1, 3):
        on.carry_out(deploy, version(number), environment="lab")
    on.carry_out(rollback, "qa", environment="lab")
    assert too_many(on) == [2, 3]


def test_live_versions_of_every_environment_are_kept():
    on = keeping(1, 4, "staging")
    on.carry_out(promote, version(1))
    on.carry_out(deploy, version(3), environment="lab")
    assert too_many(on) == [2]


def test_the_newest_version_is_never_surplus():
    on = keeping(1, 2)
    on.carry_out(deploy, version(1), environment="lab")
    assert too_many(on) == []


def test_the_rollback_target_before_a_withdrawn_version_is_kept():
    on = keeping(1, 4)
    for number in (1, 3):
        on.carry_out(deploy, version(number), environment="lab")
    on.carry_out(archive, version(3))
    assert too_many(on) == [2]


def test_no_more_versions_are_surplus_than_exceed_the_limit():
    on = keeping(3, 4)
    on.carry_out(deploy, version(1), environment="lab")
    assert too_many(on) == [2]


def test_a_surplus_version_is_archived_with_that_reason():
    on = keeping(2, 3)
    on.carry_out(lambda draft, config: archive_surplus(Case(draft, config, "qa"), 1))
    assert on.state.get("stages/qa/1") == {"stage": "archived", "reason": "More than 2 versions"}
    on.config = a_config(versioning=Versioning(max_versions=1))
    on.carry_out(lambda draft, config: archive_surplus(Case(draft, config, "qa"), 2))
    assert on.state.get("stages/qa/2") == {"stage": "archived", "reason": "More than 1 version"}
