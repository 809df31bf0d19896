"""The layers (docs/explanation): which room may import which, and which may read the system."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import dspyreg
from dspyreg.registry.facade import use
from dspyreg.render.results import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(dspyreg.__file__).parent

# A new room is a new row. Every room may import ``errors`` and the standard library.
BELOW = {
    "errors": [],
    "model": [],
    "formats": ["model"],
    "compare": ["model", "formats"],
    "config": ["model", "policy"],
    "policy": ["model", "compare"],
    "lifecycle": ["model", "config", "policy"],
    "backends": ["model"],
    "store": ["model", "backends.interface", "backends.sharing"],
    "system": ["model", "backends.location", "backends.opening"],
    "hooks": ["model", "system.signals"],
    "known_registries": [
        *("model", "system", "backends.location", "backends.opening", "backends.local.files"),
    ],
    "registry": [
        *("model", "formats", "compare", "config", "lifecycle", "backends", "store"),
        *("policy", "system", "hooks", "known_registries"),
    ],
    "integrations": ["registry.facade", "registry.open", "model", "formats", "compare"],
    "render": ["model", "compare", "policy"],
    "cli": [
        *("registry.facade", "registry.open", "registry.report", "integrations", "render"),
        *("model.names", "system.environment", "system.signals", "config.plain_data", "dspyreg"),
    ],
    "dspyreg": ["model", "compare", "registry", "integrations"],
    "__main__": ["cli"],
}

# The rooms of the registry, from below; those of one row do not import each other.
REGISTRY = [
    *(("context",), ("transaction",), ("read",), ("artifacts",), ("gate",), ("change", "analyse")),
    *(("facade",), ("open",)),
]

# Result types, for annotations only.
RESULT_TYPES = [name.rpartition(".")[0] for name in RESULTS]
TYPES_OF = {
    "render": [*RESULT_TYPES, "formats.normal"],
    "cli": RESULT_TYPES,
    "integrations": RESULT_TYPES,
}

# The only places where a library may be imported.
DOORS = {
    "blake3": ["model"],
    "msgspec": ["store.fast_json"],
    "semver": ["model"],
    "yaml": ["config"],
    "rich": ["render"],
    "typer": ["cli"],
    "sqlite3": ["store"],
    "fcntl": ["backends"],
}

PURE = ["model", "formats", "compare", "config", "policy", "lifecycle", "render"]
OUTSIDE = {
    *("os", "pathlib", "shutil", "tempfile", "glob", "fileinput", "mmap", "fcntl", "sqlite3"),
    *("subprocess", "socket", "urllib.request", "http", "ssl", "asyncio", "multiprocessing"),
    *("time", "random", "secrets", "uuid", "platform", "getpass", "locale", "logging"),
}
LOOKS_OUTSIDE = {
    *("os.environ", "os.environb", "os.getenv", "os.getcwd", "os.getlogin", "os.getuid"),
    *("os.uname", "os.path.expanduser", "Path.cwd", "Path.home", "getpass.getuser"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"),
    *("time.time_ns", "time.localtime", "time.gmtime", "socket.gethostname", "platform.node"),
}


class Import(NamedTuple):
    """An import in a module; those under ``TYPE_CHECKING`` are never executed."""

    target: str
    line: int
    typing: bool


class Module(NamedTuple):
    """A module of the package, by the dotted name below it."""

    name: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    def imports(self) -> Iterator[Import]:
        typing = {
            id(inner)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}:{node.lineno} imports relatively"
                whole = node.module or ""
                targets = [whole]
                if whole.partition(".")[0] == "dspyreg":
                    targets = [_module(f"{whole}.{alias.name}") for alias in node.names]
            else:
                continue
            for target in targets:
                yield Import(target, node.lineno, id(node) in typing)


def _module(name: str) -> str:
    """Return the module that a name is, or is in."""
    path = ROOT.parent.joinpath(*name.split("."))
    return name if path.is_dir() or path.with_suffix(".py").exists() else name.rpartition(".")[0]


def _modules() -> Iterator[Module]:
    for path in sorted(ROOT.rglob("*.py")):
        below = path.relative_to(ROOT).with_suffix("")
        parts = [part for part in below.parts if part != "__init__"] or ["dspyreg"]
        yield Module(".".join(parts), ast.parse(path.read_bytes(), str(path)))


MODULES = list(_modules())
EVERY = pytest.mark.parametrize("module", MODULES, ids=[module.name for module in MODULES])


def inside(name: str, places: list[str]) -> bool:
    return any(name == place or name.startswith(place + ".") for place in places)


def test_every_room_has_a_row_in_the_import_table():
    assert {module.room for module in MODULES} == set(BELOW)


@EVERY
def test_imports_point_down_only(module: Module):
    allowed = ["errors", module.room, *BELOW[module.room]]
    for found in module.imports():
        package, _, rest = found.target.partition(".")
        types = TYPES_OF.get(module.room, []) if found.typing else []
        if package == "dspyreg":
            assert inside(rest or "dspyreg", [*allowed, *types]), f"line {found.line}: {rest}"


@EVERY
def test_the_rooms_of_the_registry_import_down_only(module: Module):
    if module.room != "registry" or module.name == "registry":
        return
    room = module.name.split(".")[1]
    for found in module.imports():
        below = found.target.removeprefix("dspyreg.registry.").partition(".")[0]
        heights = _height(room), _height(below)
        if None not in heights and below != room:
            assert heights[1] < heights[0], f"line {found.line} imports {found.target}"  # type: ignore[operator]


def _height(room: str) -> int | None:
    """The height of a room of the registry; None if it is no such room."""
    return next((n for n, rooms in enumerate(REGISTRY) if room in rooms), None)


@EVERY
def test_each_library_is_imported_only_by_its_doors(module: Module):
    for found in module.imports():
        library = found.target.partition(".")[0]
        assert library in sys.stdlib_module_names | DOORS.keys() | {"dspyreg"}, found
        assert inside(module.name, DOORS.get(library, [module.name])), found


@EVERY
def test_only_the_system_module_reads_process_state_and_clock(module: Module):
    if module.room == "system":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in LOOKS_OUTSIDE, f"line {node.lineno}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"os", "time", "getpass", "socket"}:
            looks = {f"{node.module}.{alias.name}" for alias in node.names} & LOOKS_OUTSIDE
            assert not looks, f"line {node.lineno}"


@EVERY
def test_no_pure_module_touches_disk_clock_or_network(module: Module):
    if module.room not in PURE:
        return
    for found in module.imports():
        assert found.typing or not inside(found.target, list(OUTSIDE)), f"line {found.line}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "input", "print", "exec", "eval"}, node.lineno


@EVERY
def test_no_module_imports_an_unpickler(module: Module):
    targets = {found.target.partition(".")[0] for found in module.imports()}
    assert not targets & {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "dspy"}


@EVERY
def test_only_the_integrations_import_dspy_dynamically(module: Module):
    if module.room == "integrations":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            assert "dspy'" not in ast.unparse(node), f"line {node.lineno}"


@EVERY
def test_every_module_has_a_docstring(module: Module):
    assert ast.get_docstring(module.tree)


def test_no_module_has_a_catch_all_name():
    names = {part for module in MODULES for part in module.name.split(".")}
    assert not names & {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}


# Tables of modules that are imported by name, each on its first use.
TABLES = ["dspyreg", "cli.app", "cli.completions", "registry.facade.use", "render"]


@EVERY
def test_only_tables_import_our_modules_by_name(module: Module):
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            assert "dspyreg" not in ast.unparse(node) or inside(module.name, TABLES), node.lineno


def test_the_table_of_use_cases_names_the_modules_that_it_declares():
    [table] = [module for module in MODULES if module.name == "registry.facade.use"]
    declared = {each.target for each in table.imports() if each.typing}
    assert set(use._MODULES.values()) == declared
