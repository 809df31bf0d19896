"""The output formats there are. Each is imported when it is used: ``rich`` takes its time."""

from __future__ import annotations

from typing import Any, Literal

Format = Literal["json", "plain", "table", "markdown", "csv"]


def render(
    result: Any,
    format: Format,  # noqa: A002
    *,
    width: int = 80,
    colour: bool = False,
    blocks: bool = True,
    whole: bool = False,
) -> str:
    """Return the text of a result; long metadata in full if it is wanted ``whole``."""
    kind = type(result).__name__
    if format == "json":
        return _json(result, kind)
    if format == "markdown":
        from dspyreg.render.as_markdown import MARKDOWN, WHOLE_MARKDOWN

        return (WHOLE_MARKDOWN if whole else MARKDOWN)[kind](result)
    if format == "csv":
        from dspyreg.render.as_csv import CSV

        return CSV[kind](result)
    from dspyreg.render.layouts import SHEETS, WHOLE_SHEETS

    sheet = (WHOLE_SHEETS if whole else SHEETS)[kind](result)
    if format == "plain":
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
