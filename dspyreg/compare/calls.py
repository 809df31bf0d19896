"""Whether a function can still be called as it was, from how ``inspect`` spells its signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

_ADDRESS: Final = "<[^<>]*>"


class Parameter(NamedTuple):
    """A parameter of a signature; its annotation and its default's value do not count."""

    name: str
    kind: str
    optional: bool


def fits(old: str, new: str) -> bool | None:
    """Do all calls of the old signature fit the new one? None where nothing changed for callers.

    A signature that cannot be parsed fits nothing but itself.
    """
    before, after = _parameters(old), _parameters(new)
    if before is None or after is None:
        return None if old == new else False
    if before == after:
        return None
    known = {parameter.name for parameter in before}
    return _takes(before, after) and all(p.optional or p.name in known for p in after)


def _takes(before: tuple[Parameter, ...], after: tuple[Parameter, ...]) -> bool:
    """Is every parameter still there, where it stood, and optional if it was?"""
    places = {parameter.name: parameter for parameter in after}
    if _order(before) != _order(after)[: len(_order(before))]:
        return False
    for old in before:
        new = places.get(old.name)
        if new is None or (old.optional and not new.optional):
            return False
        if new.kind != old.kind and (old.kind, new.kind) != ("keyword", "either"):
            return False
    return True


def _order(parameters: tuple[Parameter, ...]) -> list[str]:
    """The names of those that may be given by place."""
    return [each.name for each in parameters if each.kind in {"place", "either"}]


def _parameters(signature: str) -> tuple[Parameter, ...] | None:
    import ast

    try:
        tree = ast.parse(f"def f{re.sub(_ADDRESS, 'None', signature)}: pass")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return None
    return tuple(_of(function.args))


def _of(told: ast.arguments) -> Iterator[Parameter]:
    places = [*told.posonlyargs, *told.args]
    required = len(places) - len(told.defaults)
    for nth, each in enumerate(places):
        kind = "place" if nth < len(told.posonlyargs) else "either"
        yield Parameter(each.arg, kind, nth >= required)
    for each, default in zip(told.kwonlyargs, told.kw_defaults, strict=True):
        yield Parameter(each.arg, "keyword", default is not None)
    for name, rest in (("*", told.vararg), ("**", told.kwarg)):
        if rest is not None:
            yield Parameter(name, "rest", optional=True)
