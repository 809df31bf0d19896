"""Each kind of forbidden line is found, planted in a copy of the package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from walls import cycle, faults, files_of, modules_of, parsed

import dspyreg

UPWARD = {
    "at the top": "import dspyreg.registry.facade.registry",
    "of a name": "from dspyreg.registry.facade.registry import Registry",
    "of a module": "from dspyreg.registry import facade",
    "inside a function": "def f():\n    from dspyreg.registry import facade",
    "for typing only": "if TYPE_CHECKING:\n    from dspyreg.registry import facade",
    "relative": "from ..registry import facade",
    "by import_module": "import importlib\nimportlib.import_module('dspyreg.registry.facade')",
    "by another name of it": "from importlib import import_module as get\nget('dspyreg.' + name)",
    "by a name given later": "import importlib as i\nget = i.import_module\nget('dspyreg.' + name)",
    "by __import__": "__import__('dspyreg.registry.facade')",
    "by another name of that": "get = __import__\nget('dspyreg.' + name)",
    "by builtins": "import builtins as b\nb.__import__('dspyreg.' + name)",
}
OTHERS = {
    "cli imports the store": ("cli.session", "from dspyreg.store.log import Log"),
    "cli imports a backend": ("cli.session", "from dspyreg.backends import memory"),
    "a use case imports a backend": (
        "registry.change.undo",
        "from dspyreg.backends.local import blobs",
    ),
    "a use case imports the facade": ("registry.change.undo", "import dspyreg.registry.facade"),
    "a read imports a change": ("registry.read.log", "from dspyreg.registry.change import undo"),
    "the context imports a read": ("registry.context", "from dspyreg.registry.read import log"),
    "a library by a second door": ("store.log", "import msgspec"),
    "a library by a second door, later": (
        "lifecycle.stages",
        "def f():\n    from yaml import load",
    ),
    "a library without a door": ("model.names", "import requests"),
    "a pickle": ("formats.pickles", "from pickle import loads as read"),
    "the clock in a pure room": (
        "lifecycle.stages",
        "from datetime import datetime\ndatetime.now()",
    ),
    "the clock by another name": (
        "lifecycle.stages",
        "from datetime import datetime as d\nd.now()",
    ),
    "the clock by a module": ("lifecycle.stages", "import datetime as t\nt.datetime.now()"),
    "the clock by a name given later": (
        "lifecycle.stages",
        "from datetime import datetime\nclock = datetime\nclock.now()",
    ),
    "the time in a pure room": ("model.entry", "from time import time as now"),
    "the environment in a pure room": ("config.value", "import os\nos.environ"),
    "the environment by another name": ("config.value", "from os import environ as e"),
    "the environment in another room": ("store.log", "import os as o\no.environ"),
    "the environment, given a name": ("store.log", "from os import environ as e\ne['HOME']"),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, to plant in."""
    copy = tmp_path_factory.mktemp("planted") / "dspyreg"
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(Path(dspyreg.__file__).parent, copy, ignore=ignored))


def faults_of(package: Path, name: str, line: str) -> list[str]:
    """Return the faults of a module after a line was added to it."""
    files = files_of(package)
    before = files[name].read_text(encoding="utf-8")
    try:
        files[name].write_text(f"{before}\n{line}\n", encoding="utf-8")
        return faults(parsed(name, files))
    finally:
        files[name].write_text(before, encoding="utf-8")


@pytest.mark.parametrize("line", UPWARD.values(), ids=UPWARD)
@pytest.mark.parametrize("name", ["lifecycle.stages", "registry.transaction.commit"])
def test_an_import_upward_is_found(package: Path, name: str, line: str):
    assert faults_of(package, name, line)


@pytest.mark.parametrize(("name", "line"), OTHERS.values(), ids=OTHERS)
def test_a_forbidden_line_is_found(package: Path, name: str, line: str):
    assert faults_of(package, name, line)


@pytest.mark.parametrize(
    "line",
    [
        "import dspyreg.lifecycle.undo",
        "def f():\n    from dspyreg.lifecycle import undo",
        "if TYPE_CHECKING:\n    from dspyreg.lifecycle.undo import undo",
    ],
)
def test_a_circle_inside_a_room_is_found(package: Path, line: str):
    files = files_of(package)
    stages, undo = files["lifecycle.stages"], files["lifecycle.undo"]
    before = stages.read_bytes(), undo.read_bytes()
    try:
        stages.write_bytes(before[0] + f"\n{line}\n".encode())
        undo.write_bytes(before[1] + b"\nfrom dspyreg.lifecycle import stages\n")
        assert {"lifecycle.stages", "lifecycle.undo"} <= set(cycle(modules_of(package)))
    finally:
        stages.write_bytes(before[0])
        undo.write_bytes(before[1])


def test_what_is_not_planted_is_not_found(package: Path):
    assert faults_of(package, "lifecycle.stages", "from dspyreg.model import names") == []
