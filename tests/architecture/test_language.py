"""The code reads as plain English: docstrings, names, signatures (docs/contributing.md)."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from walls import Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    Documented = ast.Module | ast.ClassDef | ast.FunctionDef

MODULES = modules()
EVERY = pytest.mark.parametrize("module", MODULES, ids=[module.name for module in MODULES])

CLAUSES = {
    *("what", "who", "whom", "whose", "whether", "which", "where", "when", "why", "how", "if"),
    *("is", "are", "was", "were", "does", "do", "did", "can", "could", "has", "have", "had", "may"),
    *("might", "must", "would", "should", "will", "that", "those", "there", "it", "its", "they"),
    *("nobody", "somebody", "everybody", "everything", "nothing", "whatever", "whoever"),
    *("anything", "one"),
}
# Private words, and what is said instead.
PRIVATE = {
    **dict.fromkeys(("told", "given", "asked", "found"), "what it is: payload, options, match"),
    "where": "location",
    "the_log": "entries",
    "climb": "promote_while_allowed",
    "landing": "deploy_to",
    "relapse": "rollback_on_drop",
    "Sight": "StoreFacts",
    "Look": "FactSource",
    "Understood": "Inspection",
    "Sheet": "Layout",
    "surroundings": "system",
    "doorway": "open",
    "in_force": "configuration",
    "unstored": "dry_run_blobs",
    "versus": "compare, winner",
    "by_itself": "automation",
    **dict.fromkeys(("subjects", "sides"), "program_state"),
    **dict.fromkeys(("hooking", "gating", "understanding"), "hooks, gate, inspect"),
    **dict.fromkeys(("as_measured", "as_diff"), "metrics_layout, diff_layout"),
    **dict.fromkeys(("_DOUBTS", "_VETTINGS"), "MAX_REJUDGE, MAX_HOOK_ROUNDS"),
    **dict.fromkeys(("_HASTE", "_LINGER", "_GLANCE"), "KILL_GRACE_S, DRAIN_S, POLL_S"),
    **dict.fromkeys(("_NOWHERE", "_LARGEST", "_MOST"), "FORBIDDEN_…, MAX_…"),
    **dict.fromkeys(("take_back", "bring_back", "_raise"), "undo, redo, promote"),
}
# Fields whose names are keys of JSON, for ever.
KEYS = {("store.verify", "where"), ("integrations.origins", "where")}
MOST_PARAMETERS = 8


def documented(module: Module) -> Iterator[tuple[Documented, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node, text.partition("\n")[0]


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    """Return the parameters that callers write."""
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return every[every[:1] != [] and every[0].arg in {"self", "cls"} :]


def defined(module: Module) -> Iterator[tuple[str, int]]:
    """Yield every name that a module gives to something, with its line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def is_public_face(module: Module) -> bool:
    """Return whether its functions are called by users, or read by typer."""
    return module.room in {"dspyreg", "cli", "registry.facade"} or module.name in {
        *("integrations.loading", "integrations.saving"),
    }


@EVERY
def test_a_docstring_begins_with_a_verb_or_a_noun(module: Module):
    clauses = [
        f"line {getattr(node, 'lineno', 1)}: {line}"
        for node, line in documented(module)
        if line.strip("`*\"' ").split(maxsplit=1)[0].strip(",.:;").lower() in CLAUSES
        or line.rstrip().endswith("?")
    ]
    assert clauses == []


@EVERY
def test_no_name_is_a_private_word(module: Module):
    names = [*defined(module), *((part, 1) for part in module.name.split("."))]
    private = [
        f"line {line}: {name}: say {PRIVATE[name]}"
        for name, line in names
        if name in PRIVATE and (module.name, name) not in KEYS
    ]
    assert private == []


@EVERY
def test_no_function_takes_more_than_eight_parameters(module: Module):
    if is_public_face(module):
        return
    crowded = [
        f"line {node.lineno}: {node.name} takes {len(parameters(node))}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and len(parameters(node)) > MOST_PARAMETERS
    ]
    assert crowded == []


def test_no_public_class_name_means_two_things():
    places = defaultdict(set)
    for module in MODULES:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(module.name)
    assert {name: each for name, each in places.items() if len(each) > 1} == {}
