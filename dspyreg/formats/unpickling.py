"""A reader of pickled states that does not use Python's unpickler.

It builds the few types that a state may hold; it imports and calls nothing that the pickle names.
"""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dspyreg.formats import pickles
from dspyreg.formats.document import MAX_BYTES, MAX_DEPTH, NotAState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DEMO = 3  # the depth of demos: state, predictor, list, demo
_SHARED: Final = 1_000_000  # operations that a small state may use beyond its size
_LONGEST_NUMBER: Final = 1 << 14  # bits; JSON's longest have fewer
_TIMES = (datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo)
_PLAIN: Final = (str, bytes, int, float, complex, type(None), Decimal, *_TIMES)
_TOO_LARGE: Final = "it would become much larger than it is"
_MARK: Final = object()
_BROKEN: Final = (ValueError, TypeError, LookupError, ArithmeticError)  # opcodes out of place


def loads(data: bytes) -> dict[str, Any]:
    """Return the mapping in a pickled state, examples as dicts.

    Raises ``NotAState`` for a broken pickle, for one that names anything but examples, dates and
    containers, for other values than a mapping by text, and for one that would grow too large.
    """
    if len(data) > MAX_BYTES:
        raise NotAState(f"it is above {MAX_BYTES >> 20} MiB")
    machine = _Machine(4 * len(data) + _SHARED)
    try:
        value = machine.plain(machine.run(data), 0)
    except NotAState as error:
        raise NotAState(f"its pickle cannot be read: {error}") from error
    except _BROKEN as error:
        raise NotAState(f"its pickle is broken: {error}") from error
    if not isinstance(value, dict):
        raise NotAState("it is not a mapping")
    return value


def as_json(data: bytes) -> bytes:
    """Return a pickled state as JSON: dates as text, tuples and sets as lists.

    Raises ``NotAState`` as ``loads`` does, and for values that JSON cannot express.
    """
    value = loads(data)
    try:
        return json.dumps(value, default=_as_json_value, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise NotAState(f"JSON cannot express its pickle: {error}") from error


def _as_json_value(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=lambda each: (type(each).__name__, repr(each)))
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else repr(value)


class _Example(dict[str, Any]):
    """The members of a DSPy example, without its methods."""


class _Machine:
    """A pickle machine that handles plain values and containers only.

    Every operation has a cost: a few bytes can name the same value a million times.
    """

    def __init__(self, spare: int) -> None:
        self._spare, self._room = spare, MAX_BYTES
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """Return the value of a pickle."""
        for name, argument in pickles.operations(data):
            self.spend(1)
            if name in _CONSTANTS:
                self._stack.append(_CONSTANTS[name])
            elif name in _LITERALS:
                self._stack.append(_short(argument))
            elif name in _STEPS:
                _STEPS[name](self, argument)
            else:
                raise NotAState(f"it uses the opcode {name}")
        return self._stack[-1]

    def spend(self, cost: int) -> None:
        """Raise ``NotAState`` if the total cost becomes too high."""
        self._spare -= cost
        if self._spare < 0:
            raise NotAState(_TOO_LARGE)

    def plain(self, value: Any, depth: int) -> Any:
        """Return a deep copy in built-in containers, without classes of this module."""
        self.spend(1)
        if depth > MAX_DEPTH:
            raise NotAState(f"nested deeper than {MAX_DEPTH}")
        if isinstance(value, dict):
            if depth <= _DEMO and not all(isinstance(key, str) for key in value):
                raise NotAState("one of its keys is not text")
            return {
                self.plain(key, depth + 1): self.plain(each, depth + 1)
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            items = (self.plain(each, depth + 1) for each in value)
            return list(items) if isinstance(value, list) else tuple(items)
        if isinstance(value, set | frozenset):
            return type(value)(self.plain(each, depth + 1) for each in value)
        if not isinstance(value, _PLAIN):
            raise NotAState(f"{type(value).__name__} is not a plain value")
        self._room -= len(value) if isinstance(value, str | bytes) else 0
        if self._room < 0:
            raise NotAState(_TOO_LARGE)
        return value

    def key(self, value: Any) -> Any:
        """Return a key or set member. Only plain values qualify: containers compare slowly."""
        if not isinstance(value, _PLAIN):
            raise NotAState(f"{type(value).__name__} cannot be a key or a member of a set")
        self.spend(1 + len(value) // 64 if isinstance(value, str | bytes) else 1)
        return value

    def items(self, value: Any) -> Iterable[Any]:
        """Return the items of a container, for a copy of it."""
        if not isinstance(value, list | tuple | set | frozenset | dict):
            raise NotAState("it builds a container from another value")
        self.spend(len(value))
        return value.items() if isinstance(value, dict) else value

    def pairs(self, items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
        """Return a mapping of keys and values."""
        return {self.key(key): value for key, value in items}

    # Opcodes

    def _mark(self, _: Any) -> None:
        self._stack.append(_MARK)

    def _since_mark(self, _: Any = None) -> list[Any]:
        at = len(self._stack) - 1
        while self._stack[at] is not _MARK:
            at -= 1
        items = self._stack[at + 1 :]
        del self._stack[at:]
        return items

    def _pop(self, _: Any) -> None:
        self._stack.pop()

    def _again(self, _: Any) -> None:
        self._stack.append(self._stack[-1])

    def _remember(self, place: int | None) -> None:
        self._memo[len(self._memo) if place is None else place] = self._stack[-1]

    def _recall(self, place: int) -> None:
        self._stack.append(self._memo[place])

    def _empty_list(self, _: Any) -> None:
        self._stack.append([])

    def _empty_dict(self, _: Any) -> None:
        self._stack.append({})

    def _empty_set(self, _: Any) -> None:
        self._stack.append(set())

    def _list(self, _: Any) -> None:
        self._stack.append(self._since_mark())

    def _tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._since_mark()))

    def _tuple_1(self, _: Any) -> None:
        self._stack[-1:] = [tuple(self._stack[-1:])]

    def _tuple_2(self, _: Any) -> None:
        self._stack[-2:] = [tuple(self._stack[-2:])]

    def _tuple_3(self, _: Any) -> None:
        self._stack[-3:] = [tuple(self._stack[-3:])]

    def _frozenset(self, _: Any) -> None:
        self._stack.append(frozenset(map(self.key, self._since_mark())))

    def _dict(self, _: Any) -> None:
        items = self._since_mark()
        self._stack.append(self.pairs(zip(items[::2], items[1::2], strict=True)))

    def _append(self, _: Any) -> None:
        value = self._stack.pop()
        self._top(list).append(value)

    def _appends(self, _: Any) -> None:
        values = self._since_mark()
        self._top(list).extend(values)

    def _add_items(self, _: Any) -> None:
        values = self._since_mark()
        self._top(set).update(map(self.key, values))

    def _set_item(self, _: Any) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._top(dict)[self.key(key)] = value

    def _set_items(self, _: Any) -> None:
        items = self._since_mark()
        self._top(dict).update(self.pairs(zip(items[::2], items[1::2], strict=True)))

    def _name(self, spelt: str) -> None:
        self._push_maker(*spelt.split(" ", 1))

    def _name_on_stack(self, _: Any) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._push_maker(module, name)

    def _push_maker(self, module: Any, name: Any) -> None:
        if (module, name) not in _MAKERS:
            raise NotAState(f"it would import {module}.{name}")
        self._stack.append(_MAKERS[module, name])

    def _make(self, _: Any) -> None:
        arguments, maker = self._stack.pop(), self._stack.pop()
        if not isinstance(maker, _Maker) or not isinstance(arguments, tuple):
            raise NotAState("it would call one of its values")
        self._stack.append(maker.make(self, *arguments))

    def _fill(self, _: Any) -> None:
        state = self._stack.pop()
        store = state.get("_store") if isinstance(state, dict) else None
        if not isinstance(store, dict):
            raise NotAState("it would change a value other than an example")
        self._top(_Example).update(self.pairs(self.items(store)))

    def _top(self, kind: type) -> Any:
        if not isinstance(self._stack[-1], kind):
            expected = kind.__name__.strip("_").lower()
            raise NotAState(f"{type(self._stack[-1]).__name__} instead of {expected}")
        return self._stack[-1]


class _Maker:
    """The constructor behind a name that a pickle may use."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self.make = make


def _short(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        raise NotAState("one of its numbers is too long")
    return value


def _example(machine: _Machine) -> Any:
    machine.spend(1)
    return _Example()


def _plain_of(kind: type) -> Callable[..., Any]:
    return lambda machine, *arguments: kind(*map(machine.key, arguments))


def _sequence_of(kind: type) -> Callable[..., Any]:
    return lambda machine, items=(): kind(machine.items(items))


def _set_of(kind: type) -> Callable[..., Any]:
    return lambda machine, items=(): kind(map(machine.key, machine.items(items)))


def _mapping(machine: _Machine, items: Any = ()) -> dict[Any, Any]:
    return machine.pairs(machine.items(items))


_BUILT_IN: Final = {
    "complex": _plain_of(complex),
    "dict": _mapping,
    "frozenset": _set_of(frozenset),
    "list": _sequence_of(list),
    "set": _set_of(set),
    "tuple": _sequence_of(tuple),
}
_TIME_KINDS: Final = ("date", "datetime", "time", "timedelta", "timezone")
_MAKERS: Final = {
    ("dspy.primitives.example", "Example"): _Maker(_example),
    ("collections", "OrderedDict"): _Maker(_mapping),
    ("decimal", "Decimal"): _Maker(_plain_of(Decimal)),
    **{("datetime", name): _Maker(_plain_of(getattr(datetime, name))) for name in _TIME_KINDS},
    **{
        (module, name): _Maker(make)
        for module in ("builtins", "__builtin__")
        for name, make in _BUILT_IN.items()
    },
}
_CONSTANTS: Final = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_LITERALS: Final = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    }
)
_STEPS: Final[dict[str, Callable[[_Machine, Any], Any]]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, _: machine.spend(0)),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine._remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine._recall),
    "MARK": _Machine._mark,
    "POP": _Machine._pop,
    "POP_MARK": _Machine._since_mark,
    "DUP": _Machine._again,
    "EMPTY_LIST": _Machine._empty_list,
    "EMPTY_DICT": _Machine._empty_dict,
    "EMPTY_SET": _Machine._empty_set,
    "LIST": _Machine._list,
    "TUPLE": _Machine._tuple,
    "TUPLE1": _Machine._tuple_1,
    "TUPLE2": _Machine._tuple_2,
    "TUPLE3": _Machine._tuple_3,
    "FROZENSET": _Machine._frozenset,
    "DICT": _Machine._dict,
    "APPEND": _Machine._append,
    "APPENDS": _Machine._appends,
    "ADDITEMS": _Machine._add_items,
    "SETITEM": _Machine._set_item,
    "SETITEMS": _Machine._set_items,
    "GLOBAL": _Machine._name,
    "STACK_GLOBAL": _Machine._name_on_stack,
    "REDUCE": _Machine._make,
    "NEWOBJ": _Machine._make,
    "BUILD": _Machine._fill,
}
