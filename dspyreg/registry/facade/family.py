"""The base of every family of methods: one context."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dspyreg.registry.context import Context


class MethodFamily:
    """Methods of a registry over its context; each forwards to one use case."""

    def __init__(self, context: Context) -> None:
        self.context = context
