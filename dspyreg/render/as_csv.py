"""Comma-separated values for spreadsheets and scripts: one head, one row a line."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.trends import Day
from dspyreg.render.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MEASUREMENT: Final = ("label", "number", "metric", "value", "recorded_at", "actor")


def measured(result: Any) -> str:
    """The days that were asked for, else every measurement."""
    if result.days is not None:
        return rows(Day._fields, result.days)
    return rows(_MEASUREMENT, result.measurements)


def rows(head: Iterable[str], found: Iterable[Iterable[Any]]) -> str:
    """Return rows under their head. Numbers are exact; text is one visible line."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    for row in found:
        writer.writerow(_cell(cell) if isinstance(cell, str) else cell for cell in row)
    return stream.getvalue()


def _cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return one_line("'" + text if text.startswith(("=", "+", "-", "@")) else text)


CSV: Final[dict[str, Callable[[Any], str]]] = {
    "Measurements": measured,
    "Plotted": lambda result: measured(result.measured),
}
