"""Properties of render/plot, for any value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.render.blocks import Plot
from dspyreg.render.plot import lines


def drawn(*values: float, width: int = 40, blocks: bool = True) -> list[str]:
    labels = tuple(f"1.{nth}.0" for nth in range(len(values)))
    return lines(Plot("em by version", labels, values), width=width, blocks=blocks)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=200),
    st.integers(1, 200),
    st.booleans(),
)
def test_any_numbers_can_be_plotted(values: list[float], width: int, blocks: bool):
    rows = drawn(*values, width=width, blocks=blocks)
    assert len(rows) == 10
    assert max(map(len, rows[1:9])) <= max(width, 40)
