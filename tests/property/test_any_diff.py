"""Properties of compare/diff, for any value."""

from __future__ import annotations

from typing import Any

from comparing import a_predictor_state, a_program
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.compare.diff import (
    ADDED,
    REMOVED,
    SAME,
    PredictorDiff,
    predictors,
    words,
)


def between(old: dict[str, Any], new: dict[str, Any]) -> PredictorDiff:
    """Return the difference of the only predictor of two states."""
    before, after = (a_program(generate=a_predictor_state(**each)) for each in (old, new))
    [found] = predictors(before, after)
    return found


def demos(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the changes of demos with their questions."""
    found = between({"demos": old}, {"demos": new}).demos
    return [(each.kind, (each.new or each.old or {})["question"]) for each in found]


TEXTS = st.text(st.sampled_from("ab \n\t.–"), max_size=40)


@given(TEXTS, TEXTS)
def test_the_words_of_a_diff_join_back_to_both_texts(old: str, new: str):
    found = words(old, new)
    assert "".join(text for kind, text in found if kind != ADDED) == old
    assert "".join(text for kind, text in found if kind != REMOVED) == new
    assert all(text for _, text in found)


@given(TEXTS)
def test_a_text_compared_with_itself_has_no_changed_words(text: str):
    assert words(text, text) == ([(SAME, text)] if text else [])


@given(st.permutations(range(7)))
def test_demos_that_are_not_moved_keep_their_order(order: list[int]):
    many = [{"question": str(n)} for n in range(7)]
    moved = {question for _, question in demos(many, [many[n] for n in order])}
    assert [n for n in order if str(n) not in moved] == sorted(
        n for n in order if str(n) not in moved
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.floats() | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner),
    max_leaves=4,
)


DEMOS = st.lists(st.dictionaries(st.sampled_from(["question", "answer"]), VALUES), max_size=4)


@given(DEMOS, VALUES)
def test_a_predictor_does_not_differ_from_itself(some: list[dict[str, Any]], value: Any):
    """This includes NaN, which JSON of old programs may contain."""
    state = {"demos": some, "lm": {"model": "a", "temperature": value}, "rules": value}
    found = between(state, state)
    assert found == PredictorDiff("generate", SAME, demos_kept=len(some))


@given(DEMOS, DEMOS)
def test_predictors_are_the_same_exactly_if_the_program_digest_is(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
):
    a, b = (a_program(generate=a_predictor_state(demos=tuple(some))) for some in (old, new))
    [found] = predictors(a, b)
    assert (found.change == SAME) == (a.digest() == b.digest())
