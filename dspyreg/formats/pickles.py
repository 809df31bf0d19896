"""What a pickle holds, listed without executing it."""

from __future__ import annotations

import pickletools
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = frozenset(
    {
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING"),
        *("BINSTRING", "SHORT_BINSTRING", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)
_MEMO = frozenset({"MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"})
_NO_VALUE = frozenset({"PROTO", "FRAME"})
_RECALL = frozenset({"BINGET", "LONG_BINGET", "GET"})


_SUBIMPORT: Final = ("cloudpickle.cloudpickle", "subimport")  # imports what its argument names
_ALWAYS_THERE: Final = frozenset({"__main__", "dspy", "cloudpickle", "pydantic", "pydantic_core"})


class Contents(NamedTuple):
    """The modules that a pickle imports, the texts in it, bytes too, and those that follow upon
    each other, as a key and its value do. ``modules`` are those that neither Python nor DSPy
    brings along.
    """

    modules: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def contents(data: bytes) -> Contents:
    """Return what is in a pickle. Raises ``ValueError`` where it is broken.

    ``pickletools`` reads the opcodes; nothing is imported, built or called.
    """
    texts: list[str] = []
    pairs: list[tuple[str, str]] = []
    imports = _Imports()
    before = ""
    for name, argument in operations(data):
        text = None
        if name in _TEXT:
            text = argument if isinstance(argument, str) else bytes(argument).decode("latin-1")
            texts.append(text)
            if before in _TEXT:
                pairs.append((texts[-2], text))
        imports.take(name, text if text is not None else argument)
        before = before if name in _MEMO else name
    return Contents(tuple(sorted(imports.modules)), tuple(texts), tuple(pairs))


class _Imports:
    """Follows the texts and the names on the stack of a pickle, and the modules that they are
    names in. What else is there counts as None.
    """

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self._last: list[Any] = [None, None]
        self._memo: dict[int, Any] = {}

    def take(self, name: str, argument: Any) -> None:
        """Do what an opcode does, as far as texts and names go."""
        if name in _MEMO:
            place = len(self._memo) if name == "MEMOIZE" else argument
            self._memo[place] = self._last[-1]
        elif name in {"GLOBAL", "STACK_GLOBAL"}:
            found = tuple(self._last)
            self._push(tuple(argument.split(" ", 1)) if name == "GLOBAL" else found)
            self._note(self._last[-1][0])
        elif name in _TEXT:
            self._push(argument)
        elif name not in _NO_VALUE:
            self._push(self._memo.get(argument) if name in _RECALL else None)

    def _push(self, value: Any) -> None:
        if self._last[-1] == _SUBIMPORT:
            self._note(value)
        self._last = [self._last[-1], value]

    def _note(self, module: Any) -> None:
        top = module.partition(".")[0] if isinstance(module, str) else ""
        if top and top not in _ALWAYS_THERE and top not in sys.stdlib_module_names:
            self.modules.add(module)


def operations(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield the name and argument of every opcode. Raises ``ValueError`` where it is broken."""
    try:
        for opcode, argument, _ in pickletools.genops(data):
            yield opcode.name, argument
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"not a whole pickle: {error}") from error
