"""Plain lines for pipes: one row a line, cells separated by tabs, no heads, no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.render.blocks import MARKS, Fields, Marked, Plot, Table
from dspyreg.render.options import DEFAULT, RenderOptions
from dspyreg.render.results import layout
from dspyreg.render.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.render.blocks import Layout, StyledText


def render(result: object, options: RenderOptions) -> str:
    """Return a result as plain lines."""
    return text(layout(result, options), options)


def text(blocks: Layout, options: RenderOptions = DEFAULT) -> str:
    """Return the text of a layout; it ends with a line end unless it is empty."""
    return "".join(line + "\n" for line in lines(blocks, options))


def lines(blocks: Layout, options: RenderOptions) -> Iterator[str]:
    """Yield the lines of a layout."""
    for block in blocks:
        if isinstance(block, Table):
            rows = block.rows if block.headless is None else block.headless
            yield from ("\t".join(map(one_line, row)) for row in rows)
        elif isinstance(block, Fields):
            yield from (f"{name}: {one_line(value)}" for name, value in block.pairs)
        elif isinstance(block, Marked):
            yield from ("".join(map(_marked, line)) for line in block.lines)
        elif isinstance(block, Plot):
            from dspyreg.render import plot

            yield from plot.lines(block, width=options.width, blocks=options.blocks)
        else:
            yield from map(visible, block.lines)


def _marked(part: StyledText) -> str:
    begin, end = MARKS.get(part.kind, ("", ""))
    return f"{begin}{visible(part.text)}{end}"
