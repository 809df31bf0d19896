"""What a result looks like before it is plain or in colour: tables, fields and lines."""

from __future__ import annotations

from typing import Final

Row = tuple[str, ...]


class Table:
    """Rows under column heads; ``headless`` are the rows for where heads are not shown, if those
    of the table would say nothing there.
    """

    __slots__ = ("columns", "headless", "rows")

    def __init__(
        self, columns: Row, rows: tuple[Row, ...], headless: tuple[Row, ...] | None = None
    ) -> None:
        self.columns, self.rows, self.headless = columns, rows, headless


class Fields:
    """Names and values, one a line."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        self.pairs = pairs


class Lines:
    """Text as it is."""

    __slots__ = ("lines",)

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines


class Span:
    """Some text of a line, and what it is: ``same``, ``removed``, ``added`` or a ``head``."""

    __slots__ = ("kind", "text")

    def __init__(self, text: str, kind: str = "same") -> None:
        self.text, self.kind = text, kind


class Marked:
    """Lines in which something is removed, added or a head. Colour comes on top of the marks."""

    __slots__ = ("lines",)

    def __init__(self, lines: tuple[tuple[Span, ...], ...]) -> None:
        self.lines = lines


class Plot:
    """Values drawn one beside the other, each with what it is of."""

    __slots__ = ("labels", "title", "values")

    def __init__(self, title: str, labels: tuple[str, ...], values: tuple[float, ...]) -> None:
        self.title, self.labels, self.values = title, labels, values


MARKS: Final = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


Sheet = tuple[Table | Fields | Lines | Marked | Plot, ...]
