"""The walls of the house stand: rooms, doors, the world outside, and no circles."""

from __future__ import annotations

import ast

import pytest
from walls import PURE, ROOMS, Module, cycle, faults, modules

MODULES = modules()
EVERY = pytest.mark.parametrize("module", MODULES, ids=[module.name for module in MODULES])


@EVERY
def test_a_module_stays_within_its_walls(module: Module):
    assert faults(module) == []


def test_no_modules_import_each_other_in_a_circle():
    assert cycle(MODULES) == []


def test_every_row_is_a_room_and_every_module_is_in_one():
    assert {module.room for module in MODULES} == set(ROOMS)


def test_nothing_pure_opens_a_file_or_executes_a_text():
    forbidden = {"open", "input", "print", "exec", "eval"}
    calls = [
        f"{module.name}, line {node.lineno}: {node.func.id}"
        for module in MODULES
        if module.name.partition(".")[0] in PURE
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in forbidden
    ]
    assert calls == []


def test_every_module_has_a_docstring():
    assert [module.name for module in MODULES if not ast.get_docstring(module.tree)] == []


def test_no_module_is_a_drawer():
    names = {part for module in MODULES for part in module.name.split(".")}
    assert not names & {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
