"""The repository of a team: a program, a registry set up as the page says, actions, a remote."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from workflows import ACTION, PAGE, Checkout, Job, blocks, workflow

if TYPE_CHECKING:
    from pathlib import Path

_EVALUATE = "import json\nprint(json.dumps({'accuracy': float(open('accuracy').read())}))\n"
_TESTS = "#!/bin/sh\necho tested\ntest ! -e broken\n"
_GH = """#!/bin/sh
# What the workflow asks of gh: to find a comment, to change one, to write one.
echo "$*" >>"$HOME/gh.txt"
case "$*" in
    *--paginate*) touch "$HOME/comments.txt" && cat "$HOME/comments.txt" ;;
    *comment.md*) cp comment.md "$HOME/posted.md" ;;
esac
"""


def a_program(instructions: str = "Answer the question.", output: str = "answer") -> str:
    """Return what DSPy saves of a program with one predictor."""
    fields = [
        {"prefix": f"{name}:", "description": f"${{{name}}}"} for name in ("question", output)
    ]
    signature = {"instructions": instructions, "fields": fields}
    return json.dumps({"generate": {"demos": [], "lm": None, "signature": signature}})


def some_commands(directory: Path) -> Path:
    """Put the commands of a job's machine into a directory: dspyreg, and a gh."""
    directory.mkdir()
    texts = {"dspyreg": f'#!/bin/sh\nexec "{sys.executable}" -m dspyreg "$@"\n', "gh": _GH}
    for name, text in texts.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)
    return directory


def found(tool: str) -> str:
    """Return the path of a tool, beside our Python or on PATH; skip with a message if it is
    missing.
    """
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    where = shutil.which(tool, path=path)
    if where is None:
        pytest.skip(f"not installed: {tool}")
    return where


def need(*tools: str) -> None:
    """Skip with a message if a tool of GitHub's machines is not installed."""
    for tool in tools:
        found(tool)


class Repository:
    """A remote, a clone to work in, and jobs that run on it."""

    def __init__(self, home: Path) -> None:
        self.home, self.work, self.remote = home, home / "work", home / "remote"
        self.commands = some_commands(home / "commands")
        self.git("init", "-q", "--bare", "-b", "main", self.remote, cwd=home)
        self.git("clone", "-q", self.remote, self.work, cwd=home)
        self.git("checkout", "-q", "-b", "main")
        shutil.copytree(ACTION, self.work / ".github/actions/dspyreg")
        self.write(evaluate_py=_EVALUATE, integration_tests_sh=_TESTS, accuracy="0.9")
        self.write(program_json=a_program(), registry_yaml=blocks(PAGE, "yaml")[0])
        self.write(load_test_sh=_TESTS)
        for name in ("integration-tests.sh", "load-test.sh"):
            (self.work / name).chmod(0o755)
        self.git("add", ".")
        self.shell(blocks(PAGE, "sh")[0])
        self.git("push", "-q", "origin", "main")
        self._jobs = 0

    def git(self, *words: object, cwd: Path | None = None) -> str:
        """Run git with a fixed user and no configuration."""
        return self._run(["git", *map(str, words)], cwd=cwd or self.work)

    def shell(self, script: str) -> str:
        """Run a script in the clone."""
        return self._run(["bash", "-euo", "pipefail", "-c", script], cwd=self.work)

    def _run(self, command: list[str], *, cwd: Path) -> str:
        who = {"NAME": "ada", "EMAIL": "ada@example.org"}
        environ = {
            **{
                f"GIT_{role}_{key}": it
                for role in ("AUTHOR", "COMMITTER")
                for key, it in who.items()
            },
            "DSPYREG_ACTOR": "ada",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join([str(self.home / "commands"), os.environ["PATH"]]),
        }
        done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout.decode()

    def write(self, **files: str) -> None:
        """Write files into the clone: ``program_json`` is program.json."""
        for name, text in files.items():
            stem, _, suffix = name.rpartition("_")
            path = f"{stem.replace('_', '-')}.{suffix}" if stem else name
            (self.work / path).write_text(text)

    def push(self, *, branch: str = "main", **files: str) -> None:
        """Commit files on a branch and push it."""
        self.git("checkout", "-q", "-B", branch, "origin/main")
        self.write(**files)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "A change")
        self.git("push", "-q", "-f", "origin", branch)

    def pull(self) -> None:
        """Pull main."""
        self.git("checkout", "-q", "main")
        self.git("pull", "-q", "origin", "main")
        self.git("fetch", "-q", "origin")

    def job(self, *, ref: str = "main", event: dict[str, Any] | None = None) -> Job:
        """Return a job on a fresh machine."""
        self._jobs += 1
        home = self.home / f"job-{self._jobs}"
        return Job(home, checkout=Checkout(self.remote, ref), commands=self.commands, event=event)

    def release(self, **files: str) -> Job:
        """Push files to main, and run the release."""
        if files:
            self.push(**files)
        job = self.job(event={"head_commit": {"message": "Better 'answers'\n\n$(false) `false`"}})
        job.run(workflow("release"))
        self.pull()
        return job

    def pull_request(
        self, *labels: str, fork: str = "acme/answers", document: Any = None, **files: str
    ) -> Job:
        """Propose files and run the workflow of pull requests."""
        self.push(branch="proposed", **files)
        self.git("checkout", "-q", "-B", "merged", "origin/main")
        self.git("merge", "-q", "--no-ff", "-m", "Merge", "proposed")
        self.git("push", "-q", "-f", "origin", "merged")
        request = {
            "number": 7,
            "labels": [{"name": label} for label in labels],
            "head": {"repo": {"full_name": fork}},
        }
        job = self.job(ref="merged", event={"pull_request": request})
        return job.run(document or workflow("candidate"))

    def operate(self, **inputs: str) -> Job:
        """Run the manually started workflow."""
        job = self.job(event={"inputs": inputs}).run(workflow("operate"))
        self.pull()
        return job

    def dspyreg(self, *words: str) -> str:
        """Run dspyreg on the registry of the clone."""
        return self._run(["dspyreg", *words], cwd=self.work)
