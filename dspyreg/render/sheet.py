"""What a result looks like before it is plain or in colour: tables, fields and lines."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """Rows under column heads."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Fields(NamedTuple):
    """Names and values, one a line."""

    pairs: tuple[tuple[str, str], ...]


class Lines(NamedTuple):
    """Text as it is."""

    lines: tuple[str, ...]


Sheet = tuple[Table | Fields | Lines, ...]
