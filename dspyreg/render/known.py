"""The output formats there are. Each is imported when it is used: ``rich`` takes its time."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Format(StrEnum):
    """How a result is written."""

    JSON = "json"
    PLAIN = "plain"
    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"


def render(
    result: Any,
    format: Format,  # noqa: A002
    *,
    width: int = 80,
    colour: bool = False,
    blocks: bool = True,
) -> str:
    """Return the text of a result."""
    kind = type(result).__name__
    if format is Format.JSON:
        return _json(result, kind)
    if format is Format.MARKDOWN:
        from dspyreg.render.as_markdown import MARKDOWN

        return MARKDOWN[kind](result)
    if format is Format.CSV:
        from dspyreg.render.as_csv import CSV

        return CSV[kind](result)
    from dspyreg.render.sheets import SHEETS

    sheet = SHEETS[kind](result)
    if format is Format.PLAIN:
        from dspyreg.render import as_plain

        return as_plain.render(sheet, width=width, blocks=blocks)
    from dspyreg.render import as_table

    return as_table.render(sheet, width=width, colour=colour, blocks=blocks)


def _json(result: Any, kind: str) -> str:
    from dspyreg.render import as_json

    if kind == "Page":
        return as_json.page(
            result.texts, total=result.total, limit=result.limit, offset=result.offset
        )
    from dspyreg.render.documents import DOCUMENTS

    return as_json.render(DOCUMENTS[kind](result))
