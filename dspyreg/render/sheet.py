"""What a result looks like before it is plain or in colour: tables, fields and lines."""

from typing import Final, NamedTuple


class Table(NamedTuple):
    """Rows under column heads; ``headless`` are the rows for where heads are not shown, if those
    of the table would say nothing there.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    headless: tuple[tuple[str, ...], ...] | None = None


class Fields(NamedTuple):
    """Names and values, one a line."""

    pairs: tuple[tuple[str, str], ...]


class Lines(NamedTuple):
    """Text as it is."""

    lines: tuple[str, ...]


class Span(NamedTuple):
    """Some text of a line, and what it is: ``same``, ``removed``, ``added`` or a ``head``."""

    text: str
    kind: str = "same"


class Marked(NamedTuple):
    """Lines in which something is removed, added or a head. Colour comes on top of the marks."""

    lines: tuple[tuple[Span, ...], ...]


class Plot(NamedTuple):
    """Values drawn one beside the other, each with what it is of."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


MARKS: Final = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


Sheet = tuple[Table | Fields | Lines | Marked | Plot, ...]
