"""Values of a live program that JSON cannot hold, or that are never read from a pickle."""

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

_MAX_LISTED: Final = 5


def no_json(program: Any) -> str:
    """Return in words the values that JSON cannot hold; empty if there are none."""
    return _listed(program, _is_json)


def never_read(program: Any) -> str:
    """Return in words the values for which a pickle is never loaded; empty if there are none."""
    return _listed(program, _is_read)


def _listed(program: Any, fits: Callable[[Any], bool]) -> str:
    problems = dict.fromkeys(
        f"{place} is a {type(value).__name__}"
        for name, part in door.parameters(program).items()
        for place, value in _values(shown(name), part)
        if not fits(value)
    )
    listed, rest = list(problems)[:_MAX_LISTED], len(problems) - _MAX_LISTED
    return "; ".join([*listed, *([f"and {rest} more"] if rest > 0 else [])])


def _values(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    """Yield every value that contains no others, and its place in words."""
    for member, value in part.dump_state().items():
        if not isinstance(value, list):
            yield from _leaves(f"`{member}` of {name}", value)
            continue
        for number, each in enumerate(value, start=1):
            items = each.items() if hasattr(each, "items") else [(str(number), each)]
            for field, item in items:
                yield from _leaves(f"field `{field}` in {member} of {name}", item)


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    items: list[Any] = []
    if isinstance(value, dict):
        items = list(value.values())
    elif isinstance(value, list | tuple) or (_is_set(value) and not _is_read(value)):
        items = list(value)
    if not items:
        yield place, value
    for each in items:
        yield from _leaves(place, each)


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
