"""The imports and texts of a pickle, listed without executing it."""

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


class PickleContents(NamedTuple):
    """The modules that a pickle imports, its texts, and its pairs of consecutive texts.

    ``modules`` leaves out those that come with Python or DSPy. ``texts`` include bytes. A pair may
    be a key and its value.
    """

    modules: tuple[str, ...]
    texts: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def contents(data: bytes) -> PickleContents:
    """Return the contents of a pickle. Raises ``ValueError`` if it is broken.

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
    return PickleContents(tuple(sorted(imports.modules)), tuple(texts), tuple(pairs))


class _Imports:
    """A tracker of the texts and names on the stack of a pickle, which collects their modules.

    Every other value on the stack is None.
    """

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self._last: list[Any] = [None, None]
        self._memo: dict[int, Any] = {}

    def take(self, name: str, argument: Any) -> None:
        """Apply the effect of an opcode on texts and names."""
        if name in _MEMO:
            place = len(self._memo) if name == "MEMOIZE" else argument
            self._memo[place] = self._last[-1]
        elif name in {"GLOBAL", "STACK_GLOBAL"}:
            on_stack = tuple(self._last)
            self._push(tuple(argument.split(" ", 1)) if name == "GLOBAL" else on_stack)
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
    """Yield the name and argument of every opcode. Raises ``ValueError`` if it is broken."""
    try:
        for opcode, argument, _ in pickletools.genops(data):
            yield opcode.name, argument
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"incomplete pickle: {error}") from error
