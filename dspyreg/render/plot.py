"""Plots: numbers as columns of block characters, or of plain letters."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from dspyreg.compare.metrics import mean
from dspyreg.render.text import number, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dspyreg.render.blocks import Plot

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_LETTERS: Final = " .:|#"
_HEIGHT: Final = 8
_NARROWEST: Final = 10
_LEFT: Final = 14  # the longest number, a blank and an edge
_WIDEST_COLUMN: Final = 6
_MARGIN: Final = 1 / 8  # so much of the range stands below the lowest value


def lines(plot: Plot, *, width: int, blocks: bool = True) -> list[str]:
    """Return a plot as lines of text, none wider than ``width`` where that can be."""
    if not plot.values:
        return []
    signs = _BLOCKS if blocks else _LETTERS
    values = _fitted(plot.values, max(width - _LEFT, _NARROWEST))
    low, high = min(values), max(values)
    marks = {_HEIGHT - 1: number(high), 0: number(low)}
    left = max(map(len, marks.values()))
    column = max(1, min(_WIDEST_COLUMN, (width - left - 2) // len(values)))
    edge = "┤" if blocks else "|"
    rows = [one_line(plot.title)]
    for row in reversed(range(_HEIGHT)):
        cells = _row([_share(value, low, high) for value in values], row, column, signs)
        rows.append(f"{marks.get(row, ''):>{left}} {edge}{cells}".rstrip())
    ends = _ends(plot.labels, len(values) * column)
    return [*rows, f"{'':>{left + 2}}{ends}"]


def _fitted(values: Sequence[float], room: int) -> list[float]:
    """Return at most ``room`` values: means of neighbours, if there are more."""
    if len(values) <= room:
        return list(values)
    bounds = [len(values) * nth // room for nth in range(room + 1)]
    return [mean(values[a:b]) for a, b in pairwise(bounds)]


def _row(shares: Sequence[float], row: int, column: int, signs: str) -> str:
    """Return a row of all columns; wide ones are separated by a gap."""
    gap = " " if column > 1 else ""
    return "".join(_cell(share, row, signs) * (column - len(gap)) + gap for share in shares)


def _cell(share: float, row: int, signs: str) -> str:
    steps = len(signs) - 1
    return signs[max(0, min(steps, round(share * _HEIGHT * steps) - row * steps))]


def _share(value: float, low: float, high: float) -> float:
    """Return the height of a value: 1 for the highest, a margin above 0 for the lowest."""
    if high == low:
        return 1 / 2
    return _MARGIN + (1 - _MARGIN) * (value / 2 - low / 2) / (high / 2 - low / 2)


def _ends(labels: Sequence[str], width: int) -> str:
    """Return the line of labels: the first and the last, at the ends if they fit."""
    first, last = one_line(labels[0]), one_line(labels[-1])
    if len(labels) == 1:
        return first
    gap = width - len(first) - len(last)
    return f"{first}{' ' * gap if gap > 0 else ' - '}{last}"
