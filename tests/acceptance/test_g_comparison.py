"""Group G: comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade import Registry


def test_g26_an_upgrade_goes_step_by_step(registry: Registry, programs: Programs):
    for label in ("1.0.0", "1.1.0", "2.0.0", "3.0.0"):
        programs.register("qa", label)
    steps = registry.upgrade_path("qa", "1.0.0", "2.0.0").to_json()["steps"]
    assert [(step["from"], step["to"]) for step in steps] == [
        ("1.0.0", "1.1.0"),
        ("1.1.0", "2.0.0"),
    ]
    for step in steps:
        assert set(step) == {"from", "to", "compatibility", "breaking_changes", "recommended_tests"}
        assert step["recommended_tests"]
