"""The walls of the house: rows of rooms, doors of libraries, and the functions that check them.

A new room is a new row. Every room may import itself, ``errors`` and the standard library.
"""

from __future__ import annotations

import ast
import sys
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dspyreg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PURE = ("model", "formats", "compare", "policy", "config", "lifecycle", "render")

_BELOW_REGISTRY = (
    *("model", "formats", "compare", "policy", "config", "lifecycle"),
    *("backends.interface", "store", "system", "hooks"),
)
_CONTEXT = (*_BELOW_REGISTRY, "registry.context")
_TRANSACTION = (*_CONTEXT, "registry.transaction")
_READ = (*_TRANSACTION, "registry.read")
_ARTIFACTS = (*_READ, "registry.artifacts")
_GATE = (*_ARTIFACTS, "registry.gate")
_FACADE = (*_GATE, "registry.change", "registry.analyse")

ROOMS: dict[str, tuple[str, ...]] = {
    "errors": (),
    "model": (),
    "formats": ("model",),
    "compare": ("model", "formats"),
    "policy": ("model", "compare"),
    "config": ("model", "policy"),
    "lifecycle": ("model", "config", "policy"),
    "backends": ("model",),
    "store": ("model", "backends.interface", "backends.sharing"),
    "system": ("model", "backends.location", "backends.opening"),
    "hooks": ("model", "system.signals"),
    "known_registries": (
        *("model", "system", "backends.location", "backends.opening", "backends.local.files"),
    ),
    "registry": (),
    "registry.context": _BELOW_REGISTRY,
    "registry.transaction": _CONTEXT,
    "registry.read": _TRANSACTION,
    "registry.artifacts": _READ,
    "registry.gate": _ARTIFACTS,
    "registry.change": _GATE,
    "registry.analyse": _GATE,
    "registry.report": _TRANSACTION,
    "registry.facade": _FACADE,
    "registry.open": (*_FACADE, "registry.facade", "backends", "known_registries"),
    "integrations": ("registry.facade", "registry.open", "model", "formats", "compare"),
    "render": ("model", "compare", "policy"),
    "cli": (
        *("registry.facade", "registry.open", "registry.report", "integrations", "render"),
        *("model.names", "system.environment", "system.signals", "config.plain_data", "dspyreg"),
    ),
    "dspyreg": ("model", "compare", "registry", "integrations"),
    "__main__": ("cli",),
}

# Rooms whose types may be named in annotations as well: what calls return is typed by its room.
TYPES: dict[str, tuple[str, ...]] = {
    "registry.context": ("registry",),
    "integrations": ("registry",),
    "render": ("registry", "store", "formats"),
    "cli": ("registry", "store", "model"),
}

DOORS: dict[str, tuple[str, ...]] = {
    "blake3": ("model",),
    "fcntl": ("backends",),
    "msgspec": ("store.fast_json",),
    "rich": ("render",),
    "semver": ("model",),
    "sqlite3": ("store",),
    "typer": ("cli",),
    "yaml": ("config",),
}

# Where a module is imported by a name that is a value.
IMPORTS_BY_TEXT = (
    *("dspyreg", "backends.known", "cli.app", "cli.completions", "policy", "registry.facade.use"),
    *("integrations.capture", "integrations.classes", "integrations.dspy", "integrations.oddities"),
    *("render.known", "render.results"),
)

_OUTSIDE = {
    *("os", "pathlib", "shutil", "tempfile", "glob", "fileinput", "mmap", "fcntl", "sqlite3"),
    *("subprocess", "socket", "urllib.request", "http", "ssl", "asyncio", "multiprocessing"),
    *("time", "random", "secrets", "uuid", "platform", "getpass", "locale", "logging"),
}
_WORLD = {
    *("os.environ", "os.environb", "os.getenv", "os.getcwd", "os.getlogin", "os.getuid"),
    *("os.uname", "os.path.expanduser", "pathlib.Path.cwd", "pathlib.Path.home"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
    *("datetime.date.today", "getpass.getuser", "socket.gethostname", "platform.node"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime"),
}
_PICKLES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
_BY_TEXT = {"importlib.import_module", "importlib.__import__", "builtins.__import__", "__import__"}


class Import(NamedTuple):
    """One import in a module, wherever it is; ``typing`` ones are never carried out."""

    target: str
    line: int
    typing: bool


class Module:
    """A module of the package, named by its path below it: ``registry.read.log``."""

    def __init__(self, name: str, tree: ast.Module, modules: frozenset[str]) -> None:
        self.name, self.tree, self._modules = name, tree, modules
        self._names = dict(self._bindings())

    @property
    def room(self) -> str:
        """The longest row that the module is in."""
        return max((room for room in ROOMS if _is_in(self.name, room)), key=len, default="")

    @cached_property
    def imports(self) -> list[Import]:
        """Every import: statements anywhere, and modules of the package named by a text."""
        return list(self._imports())

    def _imports(self) -> Iterator[Import]:
        typing = {
            id(inner)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
            for inner in ast.walk(node)
        }
        nodes = list(ast.walk(self.tree))
        documentation = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in ast.walk(self.tree):
            for target in self._targets(node, documentation):
                yield Import(target, getattr(node, "lineno", 0), id(node) in typing)

    def _targets(self, node: ast.AST, documentation: set[int]) -> list[str]:
        if isinstance(node, ast.Import):
            return [self._module(alias.name) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            whole = self._absolute(node)
            return [self._module(f"{whole}.{alias.name}", whole) for alias in node.names]
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            text = node.value if isinstance(node.value, str) else ""
            return [text] if text.removeprefix("dspyreg.") in self._modules - {text} else []
        return []

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        above = ["dspyreg", *self.name.split(".")][: -node.level]
        return ".".join([*above, *([node.module] if node.module else [])])

    def _module(self, name: str, otherwise: str | None = None) -> str:
        """Return the module that a dotted name is, or is in."""
        package, _, rest = name.partition(".")
        if package != "dspyreg":
            return otherwise or name
        while rest and rest not in self._modules:
            rest = rest.rpartition(".")[0]
        return f"dspyreg.{rest}" if rest else "dspyreg"

    def _bindings(self) -> Iterator[tuple[str, str]]:
        """Yield what local names stand for: ``("clock", "time.time")``."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield (
                        alias.asname or alias.name.partition(".")[0],
                        (alias.name if alias.asname else alias.name.partition(".")[0]),
                    )
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    yield alias.asname or alias.name, f"{node.module}.{alias.name}"

    @cached_property
    def looks(self) -> list[tuple[str, int]]:
        """Every dotted name that is used, spelt out, with its line."""
        return list(self._looks())

    def _looks(self) -> Iterator[tuple[str, int]]:
        names = dict(self._names)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = self._dotted(node.value, names)
                if value is not None and "." in value:
                    names.setdefault(node.targets[0].id, value)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                dotted = self._dotted(node, names)
                if dotted is not None:
                    yield dotted, node.lineno

    def _dotted(self, node: ast.expr, names: dict[str, str]) -> str | None:
        if isinstance(node, ast.Name):
            return names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self._dotted(node.value, names)
            return None if before is None else f"{before}.{node.attr}"
        return None


@cache
def modules() -> list[Module]:
    """Return the modules of the package under test, parsed once."""
    return modules_of(Path(dspyreg.__file__).parent)


def files_of(package: Path) -> dict[str, Path]:
    """Return the files of a package directory by the names of their modules."""
    files = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__") or "dspyreg"] = path
    return files


def parsed(name: str, files: dict[str, Path]) -> Module:
    """Return one module of a package."""
    return Module(name, ast.parse(files[name].read_bytes(), str(files[name])), frozenset(files))


def modules_of(package: Path) -> list[Module]:
    """Return the modules of a package directory as it is now."""
    files = files_of(package)
    return [parsed(name, files) for name in files]


def faults(module: Module) -> list[str]:
    """Return what a module does that it may not, each with its line."""
    return [*_imports(module), *_libraries(module), *_world(module), *_texts(module)]


def _imports(module: Module) -> Iterator[str]:
    rooms = ("errors", module.room, *ROOMS[module.room])
    types = TYPES.get(module.room, ())
    for each in module.imports:
        package, _, rest = each.target.partition(".")
        if package != "dspyreg":
            continue
        allowed = (*rooms, *types) if each.typing else rooms
        if not _is_in_any(rest or "dspyreg", allowed):
            yield f"line {each.line}: {module.room} may not import {each.target}"


def _libraries(module: Module) -> Iterator[str]:
    for each in module.imports:
        library = each.target.partition(".")[0]
        if library in {"dspyreg", "__future__"}:
            continue
        if library not in sys.stdlib_module_names | DOORS.keys():
            yield f"line {each.line}: {library} has no door"
        elif library in DOORS and not _is_in_any(module.name, DOORS[library]):
            yield f"line {each.line}: {library} is imported in {', '.join(DOORS[library])} only"
        elif library in _PICKLES:
            yield f"line {each.line}: nothing is unpickled"
        elif (
            _is_in_any(module.name, PURE) and not each.typing and _is_in_any(each.target, _OUTSIDE)
        ):
            yield f"line {each.line}: a pure room may not import {each.target}"


def _world(module: Module) -> Iterator[str]:
    if _is_in(module.name, "system"):
        return
    for dotted, line in module.looks:
        if dotted in _WORLD:
            yield f"line {line}: only system looks at {dotted}"


def _texts(module: Module) -> Iterator[str]:
    if module.name in IMPORTS_BY_TEXT:
        return
    for dotted, line in module.looks:
        if dotted in _BY_TEXT:
            yield f"line {line}: {dotted} is called in {', '.join(IMPORTS_BY_TEXT)} only"


def cycle(modules: Iterable[Module]) -> list[str]:
    """Return modules that import each other in a circle; none if there is no such circle."""
    graph = {module.name: _neighbours(module) for module in modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def _neighbours(module: Module) -> set[str]:
    targets = (
        each.target.removeprefix("dspyreg.")
        for each in module.imports
        if each.target.startswith("dspyreg")
    )
    return set(targets) - {module.name}


def _is_in(name: str, place: str) -> bool:
    return name == place or name.startswith(place + ".")


def _is_in_any(name: str, places: Iterable[str]) -> bool:
    return any(_is_in(name, place) for place in places)
