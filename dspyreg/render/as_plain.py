"""Plain lines for pipes: one row a line, cells apart by tabs, no heads, no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.render.blocks import MARKS, Fields, Marked, Plot, Table
from dspyreg.render.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.render.blocks import Sheet, Span


def render(sheet: Sheet, *, width: int = 80, blocks: bool = True) -> str:
    """Return the text of a sheet; it ends with a line end unless it is empty. A plot is as wide
    as that, and of letters where the encoding has no ``blocks``.
    """
    return "".join(line + "\n" for line in _lines(sheet, width, blocks))


def _lines(sheet: Sheet, width: int, blocks: bool) -> Iterator[str]:
    for block in sheet:
        if isinstance(block, Table):
            rows = block.rows if block.headless is None else block.headless
            yield from ("\t".join(map(one_line, row)) for row in rows)
        elif isinstance(block, Fields):
            yield from (f"{name}: {one_line(value)}" for name, value in block.pairs)
        elif isinstance(block, Marked):
            yield from ("".join(map(_marked, line)) for line in block.lines)
        elif isinstance(block, Plot):
            from dspyreg.render import plot

            yield from plot.lines(block, width=width, blocks=blocks)
        else:
            yield from map(visible, block.lines)


def _marked(span: Span) -> str:
    begin, end = MARKS.get(span.kind, ("", ""))
    return f"{begin}{visible(span.text)}{end}"
