"""A result file becomes metrics and metadata, whichever optimizer wrote it."""

from __future__ import annotations

from dspyreg.formats.results import read


def test_the_named_best_score_is_the_score():
    result = read({"best_score_value": 0.85, "optimizer": "MIPROv2", "total_trials": 10})
    assert result.metrics == {"score": 0.85}
    assert result.metadata == {"optimizer": "MIPROv2", "total_trials": 10}


def test_without_a_best_score_the_first_of_the_scores_is_the_score():
    result = read({"scores": {"accuracy": 0.7, "f1": 0.6}})
    assert result.metrics == {"accuracy": 0.7, "f1": 0.6, "score": 0.7}


def test_the_best_candidate_of_gepa_is_the_score():
    result = read({"candidates": [{}, {}], "val_aggregate_scores": [0.7, 1.0], "seed": 0})
    assert result.metrics == {"score": 1.0}
    assert (result.metadata["trials"], result.metadata["seed"]) == (2, 0)


def test_the_best_candidate_of_random_search_is_the_score():
    result = read({"candidate_programs": [{"score": 62.5}, {"score": 75.0}, {"seed": 1}]})
    assert result.metrics == {"score": 75.0}
    assert result.metadata["trials"] == 3


def test_metadata_of_a_result_is_kept():
    assert read({"score": 1, "metadata": {"team": "search"}}).metadata == {"team": "search"}


def test_values_that_are_not_numbers_are_not_scores():
    result = read({"best_score_value": "high", "score": True, "scores": {"em": None, "f1": 0.5}})
    assert result.metrics == {"f1": 0.5, "score": 0.5}
