"""A command imports only what it needs, which keeps start-up fast."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from builders import Programs, a_local_registry

import dspyreg
from dspyreg.cli.app import app, load
from dspyreg.cli.commands import COMMANDS, SECTIONS

ROOT = Path(dspyreg.__file__).parent
HEAVY = {"rich", "yaml", "semver", "dspy", "pydantic", "hypothesis", "numpy", "msgspec"}
HELLO = "import sys, typer; typer.run(lambda name: print(*sys.modules))"
PROGRAM = """\
import sys
from dspyreg.cli.app import main
try:
    main(sys.argv[1:])
except SystemExit as done:
    assert done.code == 0, done.code
print(*sys.modules, file=sys.stderr)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with 1.1.0 in production, 2.0.0 in staging, and something to redo."""
    with a_local_registry(tmp_path / "store") as registry:
        programs = Programs(registry, tmp_path)
        programs.in_production("qa", "1.0.0")
        programs.in_production("qa", "1.1.0")
        programs.register("qa", "2.0.0")
        registry.promote("qa@2.0.0")
        registry.promote("qa@2.0.0", to="production")
        registry.undo()
    return tmp_path / "store"


@cache
def modules_of_typer() -> set[str]:
    """Return the modules that typer alone imports for a command with one parameter."""
    hello = [sys.executable, "-c", HELLO, "ada"]
    done = subprocess.run(hello, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def modules_of(store: Path, *words: str, actor: str = "ada") -> set[str]:
    """Return every module that a command has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--store", str(store), *words],
        env={**os.environ, "DSPYREG_ACTOR": actor},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "line",
    [
        *("--help", "--version", "resolve qa", "resolve qa@production", "resolve qa --json"),
        *("promote qa@2.0.0", "rollback qa", "undo", "redo", "log", "log -n 20 --json"),
        *("status qa", "list", "list qa --json", "show qa@1.0.0", "board", "archive qa@2.0.0"),
        *("deploy qa@1.0.0 --env staging", "diff qa@1.0.0 qa@2.0.0", "compat qa@1.0.0 qa@2.0.0"),
        *("history qa", "history qa --plot", "trends qa", "compare qa@1.0.0 qa@2.0.0"),
        *("plan qa@1.1.0", "plan qa@1.1.0 --json"),
    ],
)
def test_no_command_imports_a_heavy_module(store: Path, line: str):
    imported = modules_of(store, *line.split()) - modules_of_typer()
    assert {name.partition(".")[0] for name in imported} & HEAVY == set()


def test_resolve_imports_no_policy_rule_it_does_not_need(store: Path):
    imported = modules_of(store, "resolve", "qa")
    spared = {"stages", "rollback", "registration", "undo", "configuration"}
    assert not {f"dspyreg.lifecycle.{name}" for name in spared} & imported
    assert not {"dspyreg.registry.read.versions", "dspyreg.store.follow"} & imported


def test_log_imports_nothing_for_reading_versions(store: Path):
    imported = modules_of(store, "log", "-n", "20")
    assert not {"dspyreg.registry.read.versions", "dspyreg.model.version"} & imported


@pytest.mark.parametrize(
    "line", ["resolve qa", "promote qa@2.0.0", "status qa", "log", "plan qa@1.1.0"]
)
def test_the_list_of_known_registries_is_not_opened_when_nothing_is_started(store: Path, line: str):
    assert "dspyreg.known_registries" not in modules_of(store, *line.split())


def test_an_actor_with_an_address_does_not_import_the_secret_detectors(store: Path):
    imported = modules_of(store, "promote", "qa@2.0.0", actor="ada.lovelace@example.com")
    assert "dspyreg.formats.detectors" not in imported


def test_help_opens_no_store(store: Path):
    imported = modules_of(store, "--help")
    assert not {"sqlite3", "blake3", "dspyreg.store.log", "dspyreg.backends.local.store"} & imported


def test_importing_the_package_imports_next_to_nothing():
    code = "import sys, dspyreg; print(*[m for m in sys.modules if m.startswith('dspyreg')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["dspyreg"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_each_command_is_the_first_line_of_its_help(name: str):
    assert load(name).help.partition("\n")[0] == COMMANDS[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_a_section_of_the_help(name: str):
    assert COMMANDS[name].section in SECTIONS


def test_the_help_lists_every_command():
    done = subprocess.run(
        [sys.executable, "-m", "dspyreg", "--help"], capture_output=True, text=True, check=True
    )
    rows = {row.split()[0]: row for row in done.stdout.splitlines() if row.startswith("  ")}
    for name, command in COMMANDS.items():
        assert " ".join(command.help.split()[:4]) in rows[name]


def test_every_command_takes_the_common_options():
    common = {option.name for option in app().params} - {"version"}
    assert common == {"store", "actor", "json", "quiet", "allow_network_fs", "events", "trust"}
    for name in COMMANDS:
        assert common <= {option.name for option in load(name).params}


@pytest.mark.parametrize(
    "module",
    [
        *("config.value", "lifecycle.draft", "policy.finding", "policy.policy"),
        *("model.document", "model.entry", "model.line", "model.selector", "model.state"),
        *("model.version", "registry.transaction.outcome", "registry.read.resolve"),
    ],
)
def test_modules_imported_by_every_command_have_no_postponed_annotations(module: str):
    """``NamedTuple`` compiles each string annotation at every start."""
    assert "from __future__ import annotations" not in source_of(module)


@pytest.mark.parametrize(
    "module", sorted({each.module for each in COMMANDS.values()} - {"care.demo"})
)
def test_command_modules_have_no_postponed_annotations(module: str):
    """``typer`` compiles each string annotation twice."""
    assert "from __future__ import annotations" not in source_of(f"cli.{module}")


def source_of(module: str) -> str:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
