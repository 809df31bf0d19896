"""Group G: scores, history, comparison."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from comparing import a_predictor_state, a_state

from dspyreg.errors import NotFound

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


@pytest.mark.usefixtures("any_label")
def test_g01_a_score_is_recorded(registry: Registry, programs: Programs):
    programs.register(label="v1.0")
    registry.score("qa@v1.0", {"score": 0.92})
    assert registry.show("qa@v1.0").score == 0.92


def scored(programs: Programs, *scores: float) -> None:
    """Register a version for each score."""
    for score in scores:
        programs.register(metrics={"score": score})


def test_g03_history_summarizes_the_scores(registry: Registry, programs: Programs):
    scored(programs, 0.8, 0.9)
    found = registry.history("qa")
    assert [version.score for version in found.versions] == [0.8, 0.9]
    trends = found.trends
    assert (trends["latest_score"], trends["best_score"], trends["worst_score"]) == (0.9, 0.9, 0.8)


def test_g05_history_is_ordered_by_number_not_by_time(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    programs.register(label="2.0.0")
    registry.score("qa@2.0.0", {"score": 0.9})
    registry.score("qa@1.0.0", {"score": 0.8})
    found = registry.history("qa")
    assert [version.label for version in found.versions] == ["1.0.0", "2.0.0"]
    assert found.trends["latest_score"] == 0.9


def test_g06_the_trend_compares_the_second_half_with_the_first(
    registry: Registry, programs: Programs
):
    scored(programs, 0.5, 0.6, 0.7, 0.8)
    assert registry.history("qa").trends["improvement_trend"] == 36.36


def test_g09_two_scores_are_enough_for_a_trend(registry: Registry, programs: Programs):
    scored(programs, 0.8, 0.9)
    assert registry.history("qa").trends["improvement_trend"] == 12.5


def test_g11_a_comparison_names_the_winner_and_the_configuration_changes(
    registry: Registry, programs: Programs
):
    for text, score in (("Answer.", 0.8), ("Answer briefly.", 0.9)):
        state = a_state(generate=a_predictor_state(text))
        programs.register(content=state, metrics={"score": score})
    found = registry.compare("qa@1.0.0", "qa@1.0.1")
    assert [abs(row.change or 0) for row in found.metrics] == [0.1]
    assert (found.result.winner, found.versions[1].label) == ("b", "1.0.1")
    assert [line for line in found.configuration_changes if "instruction" in line] == [
        "changed generate.instructions: Answer. → Answer briefly."
    ]


def test_g12_configurations_are_compared_key_by_key(registry: Registry, programs: Programs):
    programs.register(metadata={"configuration": {"instruction": "a", "k": 1}})
    programs.register(metadata={"configuration": {"instruction": "b", "z": [1]}})
    assert registry.compare("qa@1.0.0", "qa@1.0.1").configuration_changes == (
        "changed instruction: a → b",
        "removed k: 1",
        "added z: [1]",
    )


def test_g14_comparing_an_unknown_version_names_it(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    with pytest.raises(NotFound, match=re.escape("7.0.0")):
        registry.compare("qa@1.0.0", "qa@7.0.0")


def the_row(registry: Registry, programs: Programs, **metrics: tuple[float, float]) -> Any:
    """Return the only metric row of a comparison of two versions."""
    for nth in range(2):
        programs.register(metrics={name: pair[nth] for name, pair in metrics.items()})
    [row] = registry.compare("qa@#1", "qa@#2").metrics
    return row


def test_g15_a_metric_change_is_given_with_its_percentage(registry: Registry, programs: Programs):
    row = the_row(registry, programs, accuracy=(0.90, 0.945))
    assert (row.change, row.change_percent) == (0.045, 5.0)


def test_g19_a_higher_accuracy_makes_the_second_version_the_winner(
    registry: Registry, programs: Programs
):
    row = the_row(registry, programs, accuracy=(0.90, 0.95))
    assert row.better == "b"
    assert row.change > 0
    assert registry.compare("qa@#1", "qa@#2").result.winner == "b"


def test_g21_lower_latency_is_better(registry: Registry, programs: Programs):
    row = the_row(registry, programs, latency_p99_ms=(200, 100))
    assert row.better == "b"
    assert registry.compare("qa@#1", "qa@#2").result.winner == "b"


def test_g22_metadata_is_compared_too(registry: Registry, programs: Programs):
    told = {"base_model": "gpt-3.5-turbo"}
    for label, score, examples, optimizer in (
        ("1.0.0", 0.82, 1000, "BootstrapFewShot"),
        ("1.1.0", 0.87, 1500, "MIPROv2"),
    ):
        metadata = {**told, "examples": examples, "optimizer": optimizer}
        programs.register(label=label, metrics={"score": score}, metadata=metadata)
    found = registry.compare("qa@1.0.0", "qa@1.1.0")
    assert (found.metrics[0].change, found.result.winner) == (0.05, "b")
    assert found.metadata_changes == (
        "changed examples: 1000 → 1500 (+500)",
        "changed optimizer: BootstrapFewShot → MIPROv2",
    )


def test_g26_an_upgrade_lists_its_steps(registry: Registry, programs: Programs):
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
