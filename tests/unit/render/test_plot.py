"""Plots of blocks or letters within a given width."""

from __future__ import annotations

import pytest

from dspyreg.render.blocks import Plot
from dspyreg.render.plot import lines


def drawn(*values: float, width: int = 40, blocks: bool = True) -> list[str]:
    labels = tuple(f"1.{nth}.0" for nth in range(len(values)))
    return lines(Plot("em by version", labels, values), width=width, blocks=blocks)


def test_columns_are_as_high_as_their_values():
    assert drawn(0.5, 0.75, 1.0) == [
        "em by version",
        "  1 ┤            █████",
        "    ┤            █████",
        "    ┤            █████",
        "    ┤      ▄▄▄▄▄ █████",
        "    ┤      █████ █████",
        "    ┤      █████ █████",
        "    ┤      █████ █████",
        "0.5 ┤█████ █████ █████",
        "     1.0.0        1.2.0",
    ]


def test_a_plot_uses_ascii_where_blocks_are_not_available():
    plain = drawn(0.5, 0.75, 1.0, blocks=False)
    assert "\n".join(plain).isascii()
    assert plain[1] == "  1 |            #####"


def test_equal_values_are_plotted_at_half_height():
    assert [row[3:] for row in drawn(1, 1)[1:9]] == [""] * 4 + ["█████ █████"] * 4


def test_more_values_than_columns_are_averaged():
    rows = drawn(*(float(nth) for nth in range(1000)), width=30)
    assert max(map(len, rows)) <= 30
    assert rows[1].endswith("█")


def test_a_plot_without_values_is_empty():
    assert drawn() == []


def test_a_plot_title_cannot_control_a_terminal():
    assert lines(Plot("a\x1b[2Jb", ("x",), (1.0,)), width=40)[0] == "a\\x1b[2Jb"


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_a_plot_fits_its_width(width: int):
    rows = drawn(*(nth / 7 for nth in range(60)), width=width)
    assert max(map(len, rows)) <= width
