"""Hypothesis strategies used in more than one place."""

from __future__ import annotations

import math
import re
from typing import Any

from hypothesis import strategies as st

from dspyreg.policy.against_live import Margin
from dspyreg.policy.expressions import COMPARISONS
from dspyreg.policy.forms import Command
from dspyreg.policy.metadata import Need
from dspyreg.policy.metrics import Threshold
from dspyreg.policy.policy import Policy

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS

JSON_VALUES = st.recursive(
    _SCALARS.filter(lambda value: value not in {math.inf, -math.inf}),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
_SECONDS = st.integers(1, 86_400_000).map(lambda milliseconds: milliseconds / 1000)


def policies(words: st.SearchStrategy[str]) -> st.SearchStrategy[Policy]:
    """Draw policies with demands on metrics, evidence and commands of these names."""
    metrics = words.map(lambda word: re.sub("[<>=]", "_", word).strip() or "_")
    comparisons, numbers = st.sampled_from(COMPARISONS), _NUMBERS
    texts = st.lists(words, max_size=3, unique=True).map(tuple)
    return st.builds(
        Policy,
        metrics=_some(st.builds(Threshold, metrics, comparisons, numbers)),
        against_live=_some(st.builds(Margin, metrics, comparisons, numbers, st.booleans())),
        min_test_coverage=st.none() | st.floats(0, 1).map(abs),
        required_approvals=st.integers(0, 9),
        author_may_approve=st.none() | st.booleans(),
        required_evidence=st.none() | texts,
        changelog=st.none() | st.booleans(),
        contract=st.sampled_from([None, "compatible", "captured"]),
        secrets=st.sampled_from([None, "none"]),
        metadata=_some(_needs(metrics)),
        loads=st.none() | st.booleans(),
        min_age=st.none() | _SECONDS,
        command=st.none() | st.builds(Command, words, _SECONDS),
        auto_promote=st.none() | st.booleans(),
    )


def registrations(words: st.SearchStrategy[str]) -> st.SearchStrategy[Policy]:
    """Draw policies with demands on a registration."""
    return st.builds(Policy, metadata=_some(_needs(words)), max_size=st.integers(0, 1 << 45))


def _needs(words: st.SearchStrategy[str]) -> st.SearchStrategy[Need]:
    keys = words.map(lambda word: re.sub("[<>=]", "_", word).strip() or "_")
    bare = st.builds(Need, keys, st.none(), st.none())
    return bare | st.builds(Need, keys, st.sampled_from(COMPARISONS), _NUMBERS)


def _some(demands: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...] | None]:
    return st.none() | st.lists(demands, max_size=3, unique=True).map(tuple)
