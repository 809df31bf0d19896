"""Tables for people at a terminal. One of the doors to ``rich``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from dspyreg.render import plot
from dspyreg.render.blocks import MARKS, Fields, Marked, Plot, Table
from dspyreg.render.text import one_line, visible

if TYPE_CHECKING:
    from dspyreg.render.blocks import Sheet, Span

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


def render(sheet: Sheet, *, width: int, colour: bool, blocks: bool = True) -> str:
    """Return the text of a sheet, no line wider than ``width`` columns where that can be."""
    console = Console(
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        for nth, block in enumerate(sheet):
            if nth:
                console.print()
            console.print(
                _drawn(block, width, blocks) if isinstance(block, Plot) else _block(block)
            )
    return capture.get()


def _drawn(block: Plot, width: int, blocks: bool) -> RenderableType:
    return Text("\n".join(plot.lines(block, width=width, blocks=blocks)), no_wrap=True)


def _block(block: Table | Fields | object) -> RenderableType:
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
    if isinstance(block, Marked):
        return Text("\n").join(_marked(line) for line in block.lines)
    return Text("\n".join(visible(line) for line in block.lines))  # type: ignore[attr-defined]


def _marked(line: tuple[Span, ...]) -> Text:
    text = Text()
    for span in line:
        begin, end = MARKS.get(span.kind, ("", ""))
        text.append(f"{begin}{visible(span.text)}{end}", style=_KINDS.get(span.kind, ""))
    return text


def _cell(text: str) -> Text:
    return Text(one_line(text), style=_STYLES.get(text, ""))
