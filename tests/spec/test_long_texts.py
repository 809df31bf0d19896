"""A line of the log has a size limit; texts of users have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dspyreg.registry.context import Caller
from dspyreg.system.provenance import context

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry

LONG = "because " * 5000


def test_the_outcome_of_a_change_has_a_long_reason_in_full(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    done = registry.promote("qa@1.0.0", reason=LONG)
    assert done.entry is not None
    assert done.entry.reason == LONG


def test_a_dry_run_has_a_long_reason_in_full(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    planned = registry.promote("qa@1.0.0", reason=LONG, dry_run=True)
    assert planned.entry is not None
    assert planned.entry.reason == LONG


def test_the_log_has_a_long_reason_in_full(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0", reason=LONG)
    assert registry.log(limit=1)[0].reason == LONG


@pytest.mark.parametrize("letter", ["x", "日", '"', "\n"])
def test_a_long_reason_does_not_prevent_later_changes(
    registry: Registry, programs: Programs, letter: str
):
    for label in ("1.0.0", "1.1.0"):
        programs.register(label=label)
        for rung in ("staging", "production"):
            registry.promote(f"qa@{label}", to=rung, reason=letter * 100_000)
    registry.rollback("qa", reason=letter * 100_000)
    registry.undo(reason=letter * 100_000)
    assert registry.resolve("qa@production").label == "1.1.0"


def test_a_deployment_record_has_the_beginning_of_a_long_reason(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    (deployment,) = registry.promote("qa@1.0.0", reason=LONG).deployments
    assert deployment.reason is not None
    assert deployment.reason.endswith("…")
    assert LONG.startswith(deployment.reason.removesuffix("…"))


def test_a_rollback_that_registers_a_copy_accepts_a_long_reason(
    registry: Registry, programs: Programs
):
    for label in ("1.0.0", "1.1.0"):
        programs.in_production(label=label)
    done = registry.rollback("qa", reason=LONG, as_new_version=True)
    assert done.entry is not None
    assert done.entry.reason == LONG


@pytest.mark.parametrize("address", ["https://ci/\udcff", "https://ci/" + "x" * 100_000])
def test_an_unusual_ci_address_is_recorded_as_far_as_it_fits_a_line(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch, address: str
):
    monkeypatch.setenv("CI_JOB_URL", address)
    monkeypatch.delenv("GITHUB_RUN_ID", raising=False)
    registry.context = registry.context.acting_as(Caller("ada", origin=context))
    programs.register()
    assert registry.log()[0].context["ci"].startswith("https://ci/")
