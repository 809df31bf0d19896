"""DESIGN 1: which changes of configuration are refused, and undoing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from queries import configure, live_in, register_promoted, stage_of

from dspyreg.errors import Conflict, Refused, UsageError

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry

TRIAL = "stages: {development: {}, trial: {}, production: {}}"


def failures(registry: Registry, text: str) -> str:
    """Return the failures of applying a configuration."""
    with pytest.raises(Refused) as refusal:
        configure(registry, text)
    return "; ".join(refusal.value.failures)


def test_applying_the_same_configuration_again_reports_already(registry: Registry) -> None:
    configure(registry, TRIAL)
    assert configure(registry, TRIAL).entry is None


def test_a_configuration_replaces_the_previous_document_entirely(registry: Registry) -> None:
    configure(registry, "default_environment: staging")
    configure(registry, "versioning: {max_versions: 3}")
    assert registry.configuration().default_environment is None


def test_removing_a_rung_with_versions_is_refused_and_names_them(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    register_promoted(programs, "2.0.0", 1)
    told = failures(registry, TRIAL)
    assert "qa@1.0.0" in told
    assert "qa@2.0.0" in told


def test_removing_the_rung_of_a_version_live_further_down_is_refused(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0", 1)
    registry.deploy("qa@1.0.0", environment="development")
    assert "qa@1.0.0 is in staging, which would be removed" in failures(registry, TRIAL)


def test_a_rung_without_versions_can_be_removed(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 0)
    configure(registry, TRIAL)
    registry.promote("qa@1.0.0")
    assert stage_of(registry, "1.0.0") == "trial"


def test_removing_an_environment_with_a_live_version_is_refused(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {}}")
    register_promoted(programs, "1.0.0", 0)
    registry.deploy("qa@1.0.0", environment="edge")
    assert "qa@1.0.0" in failures(registry, "versioning: {max_versions: 3}")


def test_replacing_a_default_environment_with_a_live_version_is_refused(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    told = failures(registry, "environments: {eu: {rung: production}}")
    assert "qa@1.0.0" in told
    assert "production" in told


def test_moving_an_environment_to_a_rung_its_live_version_lacks_is_refused(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, "environments: {edge: {rung: development}}")
    register_promoted(programs, "1.0.0", 0)
    registry.deploy("qa@1.0.0", environment="edge")
    assert "qa@1.0.0" in failures(registry, "environments: {edge: {rung: staging}}")


def test_a_new_rung_above_the_live_versions_is_accepted(
    registry: Registry, programs: Programs
) -> None:
    register_promoted(programs, "1.0.0")
    configure(registry, "stages: {development: {}, staging: {}, production: {}, world: {}}")
    assert live_in(registry) == "1.0.0"
    registry.promote("qa@1.0.0", to="world")
    assert live_in(registry, "world") == "1.0.0"


def test_a_shorter_ladder_that_disqualifies_a_live_deprecated_version_is_refused(
    registry: Registry, programs: Programs
) -> None:
    four = "stages: {development: {}, staging: {}, production: {}, world: {}}"
    configure(registry, four)
    register_promoted(programs, "1.0.0", 3)
    register_promoted(programs, "2.0.0", 3)
    registry.deploy("qa@1.0.0", environment="production")
    registry.demote("qa@2.0.0", force=True, reason="R")
    told = failures(registry, "stages: {development: {}, staging: {}, production: {}}")
    assert "qa@1.0.0" in told


@pytest.mark.parametrize(
    "text",
    [
        "environments: {nightly: {}}",
        "stages: {development: {}, nightly: {}, staging: {}, production: {}}",
        "stages: {development: {}, staging: {title: nightly}, production: {}}",
    ],
)
def test_a_stage_or_environment_named_like_an_existing_label_is_refused(
    registry: Registry, programs: Programs, text: str
) -> None:
    configure(registry, "versioning: {strategy: timestamp}")
    programs.register(label="nightly")
    assert "nightly" in failures(registry, text)


def test_a_ladder_of_fewer_than_two_rungs_is_refused(registry: Registry) -> None:
    with pytest.raises(UsageError):
        configure(registry, "stages: {production: {}}")


def test_a_refused_configuration_is_not_logged(registry: Registry, programs: Programs) -> None:
    register_promoted(programs, "1.0.0", 1)
    before = len(registry.log())
    failures(registry, TRIAL)
    assert len(registry.log()) == before


def test_undoing_a_configuration_restores_the_previous_one(registry: Registry) -> None:
    configure(registry, "default_environment: staging")
    configure(registry, TRIAL)
    registry.undo()
    assert registry.configuration().default_environment == "staging"
    registry.redo()
    assert registry.configuration().below("production") == "trial"


def test_undoing_a_configuration_that_versions_need_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    done = configure(registry, TRIAL)
    assert done.entry is not None
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(Conflict, match=r"qa@1\.0\.0"):
        registry.undo(done.entry.seq)


def test_redoing_a_configuration_that_versions_no_longer_fit_is_a_conflict(
    registry: Registry, programs: Programs
) -> None:
    configure(registry, TRIAL)
    undone = registry.undo()
    assert undone.entry is not None
    register_promoted(programs, "1.0.0", 1)
    with pytest.raises(Conflict, match=r"qa@1\.0\.0"):
        registry.redo(undone.entry.seq)


def test_undoing_the_first_configuration_restores_the_built_in_one(registry: Registry) -> None:
    before = registry.configuration()
    configure(registry, TRIAL)
    registry.undo()
    assert registry.configuration() == before


def test_the_entry_of_a_configuration_does_not_grow_with_the_store(
    registry: Registry, programs: Programs
) -> None:
    lines = []
    for at in (30, 60, 90):
        for nth in range(at - 30, at):
            programs.register(f"p{nth:02}")
        configure(registry, f"versioning: {{max_versions: {at}}}")
        lines.append(len(list(registry.context.entries.all_lines())[-1].data))
    assert lines[2] - lines[1] < 100
    registry.undo()
    assert registry.configuration().versioning.max_versions == 60


@pytest.mark.parametrize("others", [0, 40])
def test_a_deployment_made_while_a_configuration_is_judged_is_noticed(
    registry: Registry, programs: Programs, others: int
) -> None:
    configure(registry, "environments: {eu: {rung: development}, us: {rung: development}}")
    for nth in range(others):
        programs.register(f"p{nth}")
    programs.register("z")
    registry.deploy("z@1.0.0", environment="us")
    append, late = registry.context.entries.append, [True]

    def slow(*given: Any, **more: Any) -> Any:
        if late:
            late.clear()
            registry.deploy("z@1.0.0", environment="eu")
        return append(*given, **more)

    registry.context.entries.append = slow  # type: ignore[method-assign]
    told = failures(registry, "environments: {us: {rung: development}}")
    assert told == "z@1.0.0 would be live in eu: environment eu does not exist"
