"""Compatibility of a function's signature, as ``inspect`` spells it, with earlier calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

_ADDRESS: Final = "<[^<>]*>"


class Parameter(NamedTuple):
    """A parameter of a signature, without its annotation and the value of its default."""

    name: str
    kind: str
    optional: bool


def fits(old: str, new: str) -> bool | None:
    """Return whether all calls of the old signature fit the new one; None if they are the same.

    A signature that cannot be parsed fits only itself.
    """
    before, after = _parameters(old), _parameters(new)
    if before is None or after is None:
        return None if old == new else False
    if before == after:
        return None
    known = {parameter.name for parameter in before}
    return _keeps(before, after) and all(p.optional or p.name in known for p in after)


def _keeps(before: tuple[Parameter, ...], after: tuple[Parameter, ...]) -> bool:
    """Return whether every parameter is kept, in its position, and optional if it was."""
    by_name = {parameter.name: parameter for parameter in after}
    if _order(before) != _order(after)[: len(_order(before))]:
        return False
    for old in before:
        new = by_name.get(old.name)
        if new is None or (old.optional and not new.optional):
            return False
        if new.kind != old.kind and (old.kind, new.kind) != ("keyword", "either"):
            return False
    return True


def _order(parameters: tuple[Parameter, ...]) -> list[str]:
    """Return the names of the positional parameters."""
    return [each.name for each in parameters if each.kind in {"positional", "either"}]


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


def _of(arguments: ast.arguments) -> Iterator[Parameter]:
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    for n, each in enumerate(positional):
        kind = "positional" if n < len(arguments.posonlyargs) else "either"
        yield Parameter(each.arg, kind, n >= required)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Parameter(each.arg, "keyword", default is not None)
    for name, rest in (("*", arguments.vararg), ("**", arguments.kwarg)):
        if rest is not None:
            yield Parameter(name, "rest", optional=True)
