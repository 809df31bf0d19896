"""Judge whether a version may go somewhere: facts in, findings out; one module per rule."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """Import a rule when it is first used: most policies name two or three of them."""
    if name.startswith("_"):
        raise AttributeError(name)
    return import_module(f"{__name__}.{name}")
