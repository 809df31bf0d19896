"""Errors carry facts; the words are in one table, and none of them is unused."""

from __future__ import annotations

import ast
import string
from typing import TYPE_CHECKING, NamedTuple

import pytest
from walls import modules

from dspyreg import errors
from dspyreg.errors.texts import HINTS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = modules()
CLASSES = {
    name
    for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, errors.RegistryError)
}


class Site(NamedTuple):
    """A place where an error is made."""

    place: str
    name: str
    call: ast.Call


def sites() -> Iterator[Site]:
    for module in MODULES:
        if module.room == "errors":
            continue
        for node in ast.walk(module.tree):
            name = getattr(node.func, "id", None) if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and name in CLASSES:
                yield Site(f"{module.name}, line {node.lineno}", str(name), node)


SITES = list(sites())


def problem(site: Site) -> ast.expr | None:
    """Return the argument that names the problem."""
    position = {"Corrupt": 1, "NotFound": None}.get(site.name, 0)
    if position is not None and len(site.call.args) > position:
        return site.call.args[position]
    return keyword(site, "problem")


def keyword(site: Site, name: str) -> ast.expr | None:
    return next((each.value for each in site.call.keywords if each.arg == name), None)


def keys(value: ast.expr | None) -> Iterator[str]:
    """Yield every text that an argument may be: of a conditional expression, both."""
    if isinstance(value, ast.IfExp):
        yield from keys(value.body)
        yield from keys(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def fields(text: str) -> set[str]:
    return {
        name.partition(".")[0].partition("[")[0]
        for _, name, *_ in string.Formatter().parse(text)
        if name
    }


def is_made_here(site: Site) -> bool:
    """Return whether a site names its own problem: some classes have one alone."""
    return site.name not in {"ContractMismatch", "OutcomeUnknown", "UnsupportedFormat"}


def test_every_problem_is_a_key_of_the_table():
    free = [
        f"{site.place}: {ast.unparse(site.call)[:100]}"
        for site in SITES
        if is_made_here(site)
        if isinstance(problem(site), ast.JoinedStr) or set(keys(problem(site))) - TEXTS.keys()
    ]
    assert free == []


def test_every_hint_is_a_key_of_the_table():
    free = [
        f"{site.place}: {ast.unparse(hint)[:100]}"
        for site in SITES
        if (hint := keyword(site, "hint")) is not None
        if isinstance(hint, ast.JoinedStr) or set(keys(hint)) - HINTS.keys()
    ]
    assert free == []


def test_every_fact_of_a_text_is_given():
    missing = []
    for site in SITES:
        facts = {each.arg for each in site.call.keywords}
        if None in facts:  # **facts
            continue
        given = facts | {"kind", "name"} if site.name == "NotFound" else facts
        for key in keys(problem(site)):
            text = TEXTS.get(key, "")
            parts = (text,) if isinstance(text, str) else text
            if keyword(site, "hint") is not None:
                parts = parts[:1]
            lacking = set().union(*map(fields, parts)) - given
            if lacking:
                missing.append(f"{site.place}: {key} needs {', '.join(sorted(lacking))}")
        for key in keys(keyword(site, "hint")):
            lacking = fields(HINTS.get(key, "")) - given
            if lacking:
                missing.append(f"{site.place}: the hint {key} needs {', '.join(sorted(lacking))}")
    assert missing == []


@pytest.mark.parametrize("table", [TEXTS, HINTS], ids=["texts", "hints"])
def test_no_text_is_unused(table: dict[str, object]):
    used = {
        node.value
        for module in MODULES
        if module.name != "errors.texts"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert table.keys() - used == set()
