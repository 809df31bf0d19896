"""Trends and summaries of metric values."""

from __future__ import annotations

import pytest

from dspyreg.compare.trends import (
    at_a_glance,
    change_since,
    days_of,
    direction,
    improvement,
)
from dspyreg.model.metrics import Metrics


@pytest.mark.parametrize(
    ("scores", "percent"),
    [
        ([0.5], 0.0),
        ([0.8, 0.9], 12.5),
        ([0.5, 0.6, 0.7, 0.8], 36.36),
        ([0.5, 0.1, 1.0], 100.0),  # the one in the middle counts for neither half
        ([0.8, 0.8], 0.0),
        ([0.9, 0.45], -50.0),
        ([-1.0, 1.0], 200.0),
        ([0.0, 1.0], None),
    ],
)
def test_improvement_compares_the_last_half_with_the_first(
    scores: list[float], percent: float | None
):
    assert improvement(scores) == percent


def test_the_best_value_is_the_lowest_when_lower_is_better():
    summary = at_a_glance("latency", [200.0, 100.0, 150.0], Metrics())
    assert (summary["best_score"], summary["worst_score"], summary["latest_score"]) == (
        100,
        200,
        150,
    )


def test_no_summary_is_given_without_scores():
    assert at_a_glance("em", [], Metrics()) == {}


def test_every_day_has_its_own_average():
    days = days_of("em", {"2026-11-02": [0.9], "2026-11-01": [0.5, 0.7]})
    assert [(day.date, day.average, day.measurements) for day in days] == [
        ("2026-11-01", 0.6, 2),
        ("2026-11-02", 0.9, 1),
    ]


@pytest.mark.parametrize(
    ("values", "falls", "trend"),
    [
        ([0.8, 0.9], False, "improving"),
        ([0.8, 0.9], True, "declining"),
        ([0.9, 0.8], False, "declining"),
        ([200, 100], True, "improving"),
        ([0.8], False, "stable"),
        ([], False, "stable"),
        ([1000, 1009], False, "stable"),  # less than a hundredth
        ([1000, 1010], False, "improving"),
    ],
)
def test_a_metric_trends_up_down_or_stable(values: list[float], falls: bool, trend: str):
    assert direction(values, falls=falls) == trend


@pytest.mark.parametrize(("last", "trend"), [(0.809, "stable"), (0.81, "improving")])
def test_a_change_below_the_tie_is_stable(last: float, trend: str):
    assert direction([0.80, last], falls=False, tie=0.01) == trend


def test_a_change_is_measured_from_the_last_day_before_the_period():
    days = days_of("em", {f"2026-10-{day:02}": [day / 100] for day in (1, 20, 25)})
    assert change_since(days, 0.3, "2026-10-21") == 50.0
    assert change_since(days, 0.3, "2026-09-30") is None
