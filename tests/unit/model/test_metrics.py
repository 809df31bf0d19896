"""The score among metrics, and which values are comparable."""

from __future__ import annotations

import pytest

from dspyreg.model.metrics import Metrics


@pytest.mark.parametrize(
    ("measured", "metrics", "score"),
    [
        ({"em": 0.8, "f1": 0.7}, Metrics("f1"), 0.7),
        ({"em": 0.8}, Metrics("f1"), None),
        ({"em": 0.8, "score": 0.9}, Metrics(), 0.9),
        ({"em": 0.8}, Metrics(), 0.8),
        ({"em": 0.8, "f1": 0.7}, Metrics(), None),
        ({"em": 0.8, "cost_per_call": 0.7, "latency_ms": 90, "tokens": 5}, Metrics(), 0.8),
        ({"em": 0.8, "toxicity": 0.1}, Metrics(lower_is_better=("toxicity",)), 0.8),
        ({"cost": 0.8, "time_saved": 0.7}, Metrics(higher_is_better=("time_saved",)), 0.7),
        ({"latency_ms": 90}, Metrics(), None),
        ({}, Metrics(), None),
    ],
)
def test_the_score_is_the_primary_metric_or_the_only_one(
    measured: dict[str, float], metrics: Metrics, score: float | None
):
    assert metrics.score_of(measured) == score


@pytest.mark.parametrize(
    ("values", "are_unlike"),
    [
        ((91.5, 0.97), True),
        ((0.97, 91.5), True),
        ((1, 20), True),
        ((1, 19.9), False),
        ((0.05, 1.0), False),
        ((0.05, 1.2), True),
        ((0, 50), False),
        ((-0.5, 50), False),
        ((0.5, 101), False),
        ((0.5, 0.9, 0.7), False),
        ((50, 60), False),
        ((0.5,), False),
        ((), False),
    ],
)
def test_percentages_and_fractions_are_not_comparable(values: tuple[float, ...], are_unlike: bool):
    assert (Metrics().unlike("em", values) is not None) is are_unlike


def test_metrics_where_lower_is_better_are_comparable_at_any_size():
    assert Metrics().unlike("latency_s", (0.5, 60)) is None


@pytest.mark.parametrize("scale", ["percent", "fraction"])
def test_a_configured_scale_makes_a_metric_comparable(scale: str):
    metrics = Metrics(scale=(("em", scale),))
    assert metrics.unlike("em", (0.97, 91.5)) is None
    assert metrics.unlike("f1", (0.97, 91.5)) == (
        "not comparable: 91.5 and 0.97 look like percent and fraction"
    )
