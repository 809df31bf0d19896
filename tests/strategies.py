"""What hypothesis draws in more than one place."""

from __future__ import annotations

import math

from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS

JSON_VALUES = st.recursive(
    _SCALARS.filter(lambda value: value not in {math.inf, -math.inf}),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
