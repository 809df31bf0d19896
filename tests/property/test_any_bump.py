"""Properties of compare/bump, for any value."""

from __future__ import annotations

import re

from comparing import (
    a_program,
)
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.compare.bump import Level, Side, judge
from dspyreg.compare.contract import Contract, Field, PredictorContract

ITEM = {"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]}


NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}


NAMES = st.sampled_from(["question", "answer", "context", "shade", "self"])


SCHEMAS = st.sampled_from([None, {"type": "string"}, {"type": "integer"}, NULLABLE, ITEM])


FIELDS = st.tuples(NAMES, st.sampled_from([None, "str", "int"]), SCHEMAS, st.booleans()).map(
    lambda told: Field(*told)
)


SIDES_OF_FIELDS = st.lists(FIELDS, max_size=3, unique_by=lambda field: field.name).map(tuple)


PREDICTORS = st.tuples(SIDES_OF_FIELDS, SIDES_OF_FIELDS).map(lambda s: PredictorContract(*s))


CONTRACTS = st.tuples(
    st.dictionaries(NAMES, PREDICTORS, max_size=3),
    st.sampled_from([None, "(self)", "(self, question)"]),
).map(lambda told: Contract("captured", *told))


@given(CONTRACTS)
def test_a_program_is_identical_to_itself(contract: Contract):
    side = Side(contract, a_program(), "3.1.0")
    judgement = judge(side, side)
    assert (judgement.level, judgement.compatibility) == (Level.NONE, "identical")
    assert (judgement.reasons, judgement.unknown) == ((), ())


@given(CONTRACTS, CONTRACTS)
def test_the_level_of_a_bump_is_that_of_its_worst_reason(old: Contract, new: Contract):
    judgement = judge(Side(old, a_program()), Side(new, a_program()))
    worst = max((reason.level for reason in judgement.reasons), default=Level.NONE)
    assert judgement.level == worst
    assert (judgement.compatibility == "breaking") == (worst is Level.MAJOR)


@given(CONTRACTS, CONTRACTS)
def test_a_predictor_added_one_way_is_removed_the_other_way(old: Contract, new: Contract):
    def about_predictors(a: Contract, b: Contract, word: str) -> set[str | None]:
        reasons = judge(Side(a), Side(b)).reasons
        return {r.predictor for r in reasons if re.fullmatch(f"predictor .* was {word}", r.message)}

    assert about_predictors(old, new, "added") == about_predictors(new, old, "removed")
