"""What a pickle holds, listed without executing it."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = frozenset(
    {
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING"),
        *("BINSTRING", "SHORT_BINSTRING", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)
_MEMO = frozenset({"MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"})


class Contents(NamedTuple):
    """The modules and names that a pickle would import, the texts in it, bytes too, and those
    that follow upon each other, as a key and its value do.
    """

    imports: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def contents(data: bytes) -> Contents:
    """Return what is in a pickle. Raises ``ValueError`` where it is broken.

    ``pickletools`` reads the opcodes; nothing is imported, built or called.
    """
    texts: list[str] = []
    pairs: list[tuple[str, str]] = []
    imports: dict[str, None] = {}
    before = ""
    for name, argument in operations(data):
        if name in _TEXT:
            text = argument if isinstance(argument, str) else bytes(argument).decode("latin-1")
            texts.append(text)
            if before in _TEXT:
                pairs.append((texts[-2], text))
        elif name == "GLOBAL" and isinstance(argument, str):
            imports[argument.replace(" ", ".")] = None
        elif name == "STACK_GLOBAL" and len(texts) > 1:
            imports[f"{texts[-2]}.{texts[-1]}"] = None
        before = before if name in _MEMO else name
    return Contents(tuple(imports), tuple(texts), tuple(pairs))


def operations(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the name and argument of every opcode. Raises ``ValueError`` where it is broken."""
    try:
        for opcode, argument, _ in pickletools.genops(data):
            yield opcode.name, argument
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"not a whole pickle: {error}") from error
