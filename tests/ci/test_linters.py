"""Linters on the workflows and actions; one that is missing is skipped with a message."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from repositories import found
from workflows import ACTION, PAGE, ROOT, blocks

WORKFLOWS = [block for block in blocks(PAGE, "yaml") if "\njobs:\n" in block]
ACTIONS = sorted(ACTION.rglob("action.yml"))
SCRIPTS = [*sorted(ACTION.rglob("*.sh")), ROOT / ".ci/run"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the workflows of the page, ours, and the actions."""
    where = tmp_path / ".github/workflows"
    where.mkdir(parents=True)
    for text in WORKFLOWS:
        (where / f"{yaml.safe_load(text)['name']}.yml").write_text(text)
    (where / "ci.yml").write_text((ROOT / ".github/workflows/ci.yml").read_text())
    for action in ACTIONS:
        copy = tmp_path / action.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(action.read_text())
    (tmp_path / ".git").mkdir()  # the project that actionlint looks for
    return tmp_path


def lint(*command: object, cwd: Path) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_reports_nothing(project: Path):
    lint(found("actionlint"), "-no-color", cwd=project)


def test_zizmor_reports_nothing(project: Path):
    settings = ROOT / ".github/zizmor.yml"
    grave = ("--offline", "--min-severity", "medium")
    lint(found("zizmor"), *grave, "--config", settings, ".", cwd=project)


def test_shellcheck_reports_nothing_in_scripts():
    lint(found("shellcheck"), *SCRIPTS, cwd=ROOT)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda it: it.parent.name)
def test_shellcheck_reports_nothing_in_the_steps_of_an_action(action: Path, tmp_path: Path):
    for nth, step in enumerate(yaml.safe_load(action.read_text())["runs"]["steps"]):
        assert step["shell"] == "bash"
        names = "\n".join(f"export {name}" for name in step["env"])
        script = tmp_path / f"{nth}.sh"
        script.write_text(f"#!/usr/bin/env bash\n{names}\n{step['run']}")
        lint(found("shellcheck"), "--exclude=SC2154", script, cwd=tmp_path)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda it: it.parent.name)
def test_a_script_stops_at_the_first_error(action: Path):
    for step in yaml.safe_load(action.read_text())["runs"]["steps"]:
        assert re.match(r"set -euo pipefail\n|bash \"\$GITHUB_ACTION_PATH/\w+\.sh\"$", step["run"])


@pytest.mark.parametrize(
    "text", [*WORKFLOWS, *map(Path.read_text, ACTIONS)], ids=lambda it: it[:24]
)
def test_no_script_contains_a_github_expression(text: str):
    assert "${{" not in "".join(
        re.findall(r"run: (?:[^|\n].*|\|[^\n]*\n(?:(?: {8,}.*)?\n)+)", text)
    )
