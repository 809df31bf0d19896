"""Tables for people at a terminal. One of the doors to ``rich``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from dspyreg.render import plot
from dspyreg.render.blocks import MARKS, Fields, Lines, Plot, Table
from dspyreg.render.results import layout
from dspyreg.render.text import one_line, visible

if TYPE_CHECKING:
    from dspyreg.render.blocks import Block, StyledText
    from dspyreg.render.options import RenderOptions

_STYLES: Final = {
    "production": "green",
    "staging": "yellow",
    "deprecated": "dim",
    "archived": "dim",
    "refused": "red",
    "live": "green",
    "rolled_back": "red",
}


_KINDS: Final = {"removed": "red", "added": "green", "head": "bold"}


def render(result: object, options: RenderOptions) -> str:
    """Return a result as tables, if possible no wider than ``options.width`` columns."""
    console = Console(
        width=options.width,
        force_terminal=options.colour,
        no_color=not options.colour,
        color_system="standard" if options.colour else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        for nth, block in enumerate(layout(result, options)):
            if nth:
                console.print()
            console.print(_block(block, options))
    return capture.get()


def _block(block: Block, options: RenderOptions) -> RenderableType:
    if isinstance(block, Plot):
        drawn = plot.lines(block, width=options.width, blocks=options.blocks)
        return Text("\n".join(drawn), no_wrap=True)
    if isinstance(block, Table):
        table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for column in block.columns:
            table.add_column(column, overflow="fold")
        for row in block.rows:
            table.add_row(*(_cell(cell) for cell in row))
        return table
    if isinstance(block, Fields):
        grid = RichTable.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="bold")
        grid.add_column(overflow="fold")
        for name, value in block.pairs:
            grid.add_row(name, _cell(value))
        return grid
    if isinstance(block, Lines):
        return Text("\n".join(visible(line) for line in block.lines))
    return Text("\n").join(_marked(line) for line in block.lines)


def _marked(line: tuple[StyledText, ...]) -> Text:
    text = Text()
    for part in line:
        begin, end = MARKS.get(part.kind, ("", ""))
        text.append(f"{begin}{visible(part.text)}{end}", style=_KINDS.get(part.kind, ""))
    return text


def _cell(text: str) -> Text:
    return Text(one_line(text), style=_STYLES.get(text, ""))
