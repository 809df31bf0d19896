"""Comma-separated values for spreadsheets and scripts: a head, then one row a line."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.trends import Day
from dspyreg.render import as_plain
from dspyreg.render.blocks import Fields, Table
from dspyreg.render.results import layout, name_of
from dspyreg.render.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dspyreg.registry.read.history import Measurements
    from dspyreg.render.blocks import Block
    from dspyreg.render.options import RenderOptions

_MEASUREMENT: Final = ("label", "number", "metric", "value", "recorded_at", "actor")


def render(result: object, options: RenderOptions) -> str:
    """Return a result as comma-separated values: its own rows, or else those of its layout."""
    if own := OWN.get(name_of(result)):
        return own(result)
    return "\n".join(_block(block, options) for block in layout(result, options))


def _block(block: Block, options: RenderOptions) -> str:
    if isinstance(block, Table):
        return rows(block.columns, block.rows)
    if isinstance(block, Fields):
        return rows(("name", "value"), block.pairs)
    return rows(("line",), ((line,) for line in as_plain.lines((block,), options)))


def measurements(result: Measurements) -> str:
    """Return the averages by day, if there are any, else every measurement."""
    if result.days is not None:
        return rows(Day._fields, result.days)
    return rows(_MEASUREMENT, result.measurements)


def rows(head: Iterable[str], body: Iterable[Iterable[Any]]) -> str:
    """Return rows under their head. Numbers are exact; a text is one visible line."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    for row in body:
        writer.writerow(_cell(cell) if isinstance(cell, str) else cell for cell in row)
    return stream.getvalue()


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return one_line("'" + text if text.startswith(("=", "+", "-", "@")) else text)


OWN: Final[dict[str, Callable[[Any], str]]] = {"registry.read.history.Measurements": measurements}
