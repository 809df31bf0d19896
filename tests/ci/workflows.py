"""Run the steps of a workflow one by one, as GitHub's runner does, in a separate directory.

What a step finds around it is what the runner gives: the files behind ``GITHUB_OUTPUT``,
``GITHUB_ENV``, ``GITHUB_PATH`` and ``GITHUB_STEP_SUMMARY``, contexts in expressions, and the
shell that it asked for. An action that is used is known here, or is one of the repository's own.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github/actions/dspyreg"
PAGE = ROOT / "docs/how-to/github-actions.md"
MAKE_PAGE = ROOT / "docs/how-to/make.md"

_SHELLS = {None: "bash -e {0}", "bash": "bash --noprofile --norc -eo pipefail {0}"}
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"'[^']*'|&&|\|\||!=|==|[\w*-]+(?:\.[\w*-]+)+(?!\()|\w+\(|[!(),]|\s+|\w+")
_SPELT = {"&&": " and ", "||": " or ", "!": " not "}
_KEPT = ("PATH", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    fenced = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return fenced.findall(page.read_text(encoding="utf-8"))


def workflow(name: str) -> Any:
    """Return the workflow with that name on the page."""
    found = [yaml.load(block, yaml.BaseLoader) for block in blocks(PAGE, "yaml")]  # noqa: S506
    return next(each for each in found if each.get("name") == name)


class Step(NamedTuple):
    """The result of a step."""

    name: str
    conclusion: str  # success, failure or skipped
    log: str


class Checkout(NamedTuple):
    """The result of ``actions/checkout``: a repository and its default inputs."""

    remote: Path
    ref: str


class Job:
    """A job on its own machine: run its steps, then inspect what they left."""

    def __init__(
        self, home: Path, *, checkout: Checkout, commands: Path, event: dict[str, Any] | None = None
    ) -> None:
        self.home, self.workspace, self.temp = home, home / "workspace", home / "temp"
        self.steps: list[Step] = []
        self.summary = ""
        self._checkout = checkout
        self._path = [str(commands), os.path.dirname(sys.executable)]
        self._contexts: dict[str, Any] = {
            "github": {
                "event": event or {},
                "ref": "refs/heads/main",
                "repository": "acme/answers",
                "token": "a token",
                "workspace": str(self.workspace),
            },
            "inputs": (event or {}).get("inputs", {}),
        }
        self._environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._environ |= {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "ada",
            "GITHUB_REPOSITORY": "acme/answers",
            "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_WORKSPACE": str(self.workspace),
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "RUNNER_TEMP": str(self.temp),
        }
        self.workspace.mkdir(parents=True)
        self.temp.mkdir()

    @property
    def failed(self) -> bool:
        """Whether a step failed."""
        return any(step.conclusion == "failure" for step in self.steps)

    @property
    def complaints(self) -> str:
        """The logs of the failed steps."""
        return "\n".join(
            f"{each.name}: {each.log}" for each in self.steps if each.conclusion == "failure"
        )

    @property
    def path(self) -> list[str]:
        """The PATH of a step."""
        return self._path

    def only_commands_of(self, directory: Path) -> None:
        """Restrict the machine to these commands."""
        self._path, self._environ["PATH"] = [], str(directory)

    def step(self, name: str) -> Step:
        """Return the result of the step with that name, the last one if there are several."""
        return next(step for step in reversed(self.steps) if step.name == name)

    def outputs(self, id_: str) -> dict[str, str]:
        """Return the outputs of a step."""
        return self._contexts["steps"][id_]["outputs"]

    def run(self, document: Any) -> Job:
        """Run the only job of a workflow."""
        (job,) = document["jobs"].values()
        shell = document.get("defaults", {}).get("run", {}).get("shell")
        self._environ |= document.get("env", {})
        self._run(job["steps"], self._contexts, {}, shell=shell)
        return self

    def use(self, **inputs: str) -> Job:
        """Run only the action of the repository."""
        steps = [{"id": "it", "uses": "./.github/actions/dspyreg", "with": inputs}]
        self._run(steps, self._contexts, {}, shell=None)
        return self

    def _run(
        self,
        steps: Any,
        contexts: dict[str, Any],
        given: dict[str, str],
        *,
        shell: str | None,
        within: str = "",
    ) -> bool:
        """Run steps in order; return whether all succeeded."""
        contexts["steps"] = {}
        well = True
        for step in steps:
            name = within + (step.get("name") or step.get("uses") or step["run"])
            condition = step.get("if", "success()")
            if not (well or "cancelled()" in condition) or not _value(condition, contexts):
                self.steps.append(Step(name, "skipped", ""))
                continue
            env = given | _filled(step.get("env", {}), contexts)
            if "uses" in step:
                passed, log, outputs = self._use(step, contexts)
            else:
                passed, log, outputs = self._shell(step, env, contexts, shell=shell)
            well = well and passed
            self.steps.append(Step(name, "success" if passed else "failure", log))
            if "id" in step:
                contexts["steps"][step["id"]] = {"outputs": outputs}
        return well

    def _use(self, step: Any, contexts: dict[str, Any]) -> tuple[bool, str, dict[str, str]]:
        inputs = _filled(step.get("with", {}), contexts)
        if step["uses"] == "actions/checkout@v5":
            self._check_out(**inputs)
            return True, "", {}
        home = self.workspace / step["uses"]
        assert step["uses"].startswith("./"), f"{step['uses']} is not known here"
        action = yaml.load((home / "action.yml").read_text(), yaml.BaseLoader)  # noqa: S506
        assert set(inputs) <= set(action["inputs"])
        defaults = {key: each.get("default", "") for key, each in action["inputs"].items()}
        inner = self._contexts | {"inputs": defaults | inputs}
        before, within = len(self.steps), f"{step['name']}: " if "name" in step else ""
        given = {"GITHUB_ACTION_PATH": str(home)}
        passed = self._run(action["runs"]["steps"], inner, given, shell=None, within=within)
        log = "".join(each.log for each in self.steps[before:])
        values = {key: each["value"] for key, each in action.get("outputs", {}).items()}
        return passed, log, _filled(values, inner)

    def _check_out(self, **inputs: str) -> None:
        assert set(inputs) <= {"ref", "path", "fetch-depth", "persist-credentials"}
        ref, depth = inputs.get("ref", self._checkout.ref), inputs.get("fetch-depth", "1")
        source = self._checkout.remote.as_uri()  # an address: a path would ignore the depth
        target = self.workspace / inputs.get("path", ".")
        command = ["git", "clone", "-q", "--depth", depth, "--branch", ref, source, str(target)]
        subprocess.run(command, check=True, capture_output=True)

    def _shell(
        self, step: Any, env: dict[str, str], contexts: dict[str, Any], *, shell: str | None
    ) -> tuple[bool, str, dict[str, str]]:
        files = {
            name: self.temp / f"{name}-{len(self.steps)}"
            for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
        }
        for file in files.values():
            file.write_text("")
        script = self.temp / f"script-{len(self.steps)}.sh"
        script.write_text(step["run"])
        assert not _EXPRESSION.search(step["run"]), "an expression in a script is an injection"
        chosen = step.get("shell", shell)
        line = _SHELLS.get(chosen, chosen).format(shlex.quote(str(script)))
        environ = self._environ | env | {name: str(file) for name, file in files.items()}
        environ["PATH"] = os.pathsep.join([*self._path, self._environ["PATH"]])
        where = self.workspace / str(_fill(step.get("working-directory", "."), contexts))
        ran = subprocess.run(
            shlex.split(line),
            check=False,
            cwd=where,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._environ |= _pairs(files["GITHUB_ENV"])
        self._path = [*reversed(files["GITHUB_PATH"].read_text().splitlines()), *self._path]
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        return ran.returncode == 0, ran.stdout.decode(), _pairs(files["GITHUB_OUTPUT"])


def annotations(log: str) -> list[str]:
    """Return the lines of a log that the runner turns into annotations."""
    found, until = [], ""
    for line in map(str.lstrip, log.splitlines()):
        if until or line.startswith("::stop-commands::"):
            until = until or f"::{line.removeprefix('::stop-commands::')}::"
            until = "" if line == until else until
        elif re.match(r"(?:::|##\[)\w+", line):
            found.append(line)
    return found


def _pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def _filled(values: dict[str, str], contexts: dict[str, Any]) -> dict[str, str]:
    return {key: _fill(text, contexts) for key, text in values.items()}


def _fill(text: str, contexts: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found = _value(match[1], contexts)
        return "" if found is None else str(found)

    return _EXPRESSION.sub(value, text)


def _value(expression: str, contexts: dict[str, Any]) -> Any:
    """Evaluate an expression, in the part of the language that our workflows use."""
    bare = _EXPRESSION.sub(r"\1", expression).strip()
    tokens = _TOKEN.findall(bare)
    assert "".join(tokens) == bare, f"not understood: {bare}"
    parts = (
        f"look({token!r})" if re.fullmatch(r"[\w*-]+(\.[\w*-]+)+", token) else token
        for token in tokens
    )
    known = {
        "look": lambda path: _look(path.split("."), contexts),
        "contains": lambda within, what: what in (within or ()),
        "success": lambda: True,
        "cancelled": lambda: False,
    }
    return eval("".join(_SPELT.get(part, part) for part in parts), {}, known)  # noqa: S307


def _look(path: list[str], found: Any) -> Any:
    """Return the value at a path of the contexts; empty if missing, as on GitHub."""
    for nth, key in enumerate(path):
        if key == "*":
            return [_look(path[nth + 1 :], each) for each in found or ()]
        found = found.get(key) if isinstance(found, dict) else None
    return found
