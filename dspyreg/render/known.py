"""The table of output formats. Each is imported when it is used: ``rich`` is slow to import.

A new format is a module with ``render(result, options)``, and a row.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from dspyreg.render.options import DEFAULT, RenderOptions

FORMATS: Final = {
    "table": "as_table",
    "plain": "as_plain",
    "json": "as_json",
    "md": "as_markdown",
    "csv": "as_csv",
}


def render(result: object, format: str, options: RenderOptions = DEFAULT) -> str:  # noqa: A002
    """Return the text of a result in a format."""
    text: str = import_module(f"dspyreg.render.{FORMATS[format]}").render(result, options)
    return text
