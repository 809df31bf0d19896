"""What a pickle holds, listed without executing it."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING"})


class Contents(NamedTuple):
    """The modules and names that a pickle would import, and the texts in it."""

    imports: tuple[str, ...]
    texts: tuple[str, ...]


def contents(data: bytes) -> Contents:
    """Return what is in a pickle. Raises ``ValueError`` where it is broken.

    ``pickletools`` reads the opcodes; nothing is imported, built or called.
    """
    texts: list[str] = []
    imports: dict[str, None] = {}
    for name, argument in _operations(data):
        if name in _TEXT and isinstance(argument, str):
            texts.append(argument)
        elif name == "GLOBAL" and isinstance(argument, str):
            imports[argument.replace(" ", ".")] = None
        elif name == "STACK_GLOBAL" and len(texts) > 1:
            imports[f"{texts[-2]}.{texts[-1]}"] = None
    return Contents(tuple(imports), tuple(texts))


def _operations(data: bytes) -> Iterator[tuple[str, object]]:
    try:
        for opcode, argument, _ in pickletools.genops(data):
            yield opcode.name, argument
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"not a whole pickle: {error}") from error
