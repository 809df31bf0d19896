"""Values of a live program that JSON has no word for, or that we read from no pickle."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from dspyreg.formats import unpickling
from dspyreg.formats.document import NotAState
from dspyreg.integrations import dspy as door
from dspyreg.integrations.matching import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST: Final = 5


def no_json(program: Any) -> str:
    """Return in words which values JSON has no word for; empty if there is none."""
    return _listed(program, _is_json)


def never_read(program: Any) -> str:
    """Return in words which values make a pickle one that is never loaded; empty if none does."""
    return _listed(program, _is_read)


def _listed(program: Any, fits: Callable[[Any], bool]) -> str:
    found = dict.fromkeys(
        f"{where} is a {type(value).__name__}"
        for name, part in door.parameters(program).items()
        for where, value in _values(shown(name), part)
        if not fits(value)
    )
    rest = len(found) - _MOST
    return "; ".join([*list(found)[:_MOST], *([f"and {rest} more"] if rest > 0 else [])])


def _values(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    """Every value that holds no others, and where it stands."""
    for member, value in part.dump_state().items():
        if not isinstance(value, list):
            yield from _leaves(f"`{member}` of {name}", value)
            continue
        for nth, each in enumerate(value, start=1):
            items = each.items() if hasattr(each, "items") else [(str(nth), each)]
            for field, held in items:
                yield from _leaves(f"field `{field}` in {member} of {name}", held)


def _leaves(where: str, value: Any) -> Iterator[tuple[str, Any]]:
    held: list[Any] = []
    if isinstance(value, dict):
        held = list(value.values())
    elif isinstance(value, list | tuple) or (_is_set(value) and not _is_read(value)):
        held = list(value)
    if not held:
        yield where, value
    for each in held:
        yield from _leaves(where, each)


def _is_set(value: Any) -> bool:
    return isinstance(value, set | frozenset)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_read(value: Any) -> bool:
    try:
        unpickling.loads(import_module("cloudpickle").dumps({"value": value}))
    except NotAState:
        return False
    except Exception:  # a user's value may refuse to be pickled in any way
        return False
    return True
