"""A pickled state, read by an unpickler that knows a few harmless names and no other."""

from __future__ import annotations

import builtins
import collections
import datetime
import decimal
import io
import pickle
from typing import Any, Final

from dspyreg.formats.document import DEEPEST, NotAState

_DEMO = 3  # a state holds predictors, they hold lists, those hold demos


class _Example(dict[str, Any]):
    """Stands in for DSPy's: what an example holds, and none of what it can do."""

    def __setstate__(self, state: Any) -> None:
        store = state.get("_store") if isinstance(state, dict) else None
        if not isinstance(store, dict):
            raise pickle.UnpicklingError("an example without its values")
        self.update(store)


_KNOWN: Final = {
    ("dspy.primitives.example", "Example"): _Example,
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("decimal", "Decimal"): decimal.Decimal,
    **{
        ("datetime", name): getattr(datetime, name)
        for name in ("date", "datetime", "time", "timedelta", "timezone")
    },
    **{
        (module, name): getattr(builtins, name)
        for module in ("builtins", "__builtin__")
        for name in ("complex", "dict", "frozenset", "list", "set", "tuple")
    },
}


class _Unpickler(pickle.Unpickler):
    """Finds what is on the list."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"it would import {module}.{name}")
        return _KNOWN[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to something outside of itself")


def loads(data: bytes) -> dict[str, Any]:
    """Return what a pickled state holds, examples as dicts.

    Raises ``NotAState`` where it is broken, needs any other name than those of examples, dates
    and containers, or is no mapping by text.
    """
    try:
        value = _plain(_Unpickler(io.BytesIO(data)).load(), 0)
    except (NotAState, RecursionError, MemoryError) as error:
        raise NotAState(f"its pickle cannot be read: {error}") from error
    except Exception as error:
        raise NotAState(f"its pickle is refused: {error}") from error
    if not isinstance(value, dict):
        raise NotAState("its top is no mapping")
    return value


def _plain(value: Any, depth: int) -> Any:
    """The value in plain containers, so that nothing of this module stays in a program."""
    if depth > DEEPEST:
        raise NotAState(f"nested deeper than {DEEPEST}")
    if isinstance(value, dict):
        if depth <= _DEMO and not all(isinstance(key, str) for key in value):
            raise NotAState("a key in it is no text")
        return {key: _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, tuple):
        return tuple(_plain(each, depth + 1) for each in value)
    return value
