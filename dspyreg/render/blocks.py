"""The blocks that a layout is made of: tables, fields, lines, plots."""

from __future__ import annotations

from typing import Final

Row = tuple[str, ...]


class Table:
    """Rows under column heads. ``headless`` are the rows of formats without heads, if different."""

    __slots__ = ("columns", "headless", "rows")

    def __init__(
        self, columns: Row, rows: tuple[Row, ...], headless: tuple[Row, ...] | None = None
    ) -> None:
        self.columns, self.rows, self.headless = columns, rows, headless


class Fields:
    """Names and values, one pair a line."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self.pairs = pairs


class Lines:
    """Lines of text."""

    __slots__ = ("lines",)

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines


class StyledText:
    """A part of a line, and its kind: ``same``, ``removed``, ``added`` or a ``head``."""

    __slots__ = ("kind", "text")

    def __init__(self, text: str, kind: str = "same") -> None:
        self.text, self.kind = text, kind


class Marked:
    """Lines with parts that were removed or added. Marks show them; colour is added on top."""

    __slots__ = ("lines",)

    def __init__(self, lines: tuple[tuple[StyledText, ...], ...]) -> None:
        self.lines = lines


class Plot:
    """Values to draw side by side, with their labels."""

    __slots__ = ("labels", "title", "values")

    def __init__(self, title: str, labels: tuple[str, ...], values: tuple[float, ...]) -> None:
        self.title, self.labels, self.values = title, labels, values


MARKS: Final = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


Block = Table | Fields | Lines | Marked | Plot
Layout = tuple[Block, ...]
