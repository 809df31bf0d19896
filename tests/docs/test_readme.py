"""The tour of the README prints every line that it shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text()
BLOCKS = re.findall(r"(?<=^```console\n).*?(?=^```$)", README, re.MULTILINE | re.DOTALL)
ANSWERS_NO = ("dspyreg check ",)  # the exit code is 1, as the text around it says
POLICY = "policies: {production: {metrics: [em >= 0.85], required_approvals: 1}}"


def a_state(instructions: str, *fields: str) -> str:
    """Return the state that DSPy saves of a program with one predictor."""
    told = [{"prefix": f"{field.title()}:", "description": f"${{{field}}}"} for field in fields]
    signature = {"instructions": instructions, "fields": told}
    return json.dumps({"generate": {"demos": [], "lm": None, "signature": signature}})


def files(directory: Path) -> None:
    """Write the files that the tour requires."""
    old = {"lm": None, "traces": [], "train": [], "demos": []}
    old |= {"signature_instructions": "Answer.", "signature_prefix": "Answer:"}
    for name, text in {
        "program.json": a_state("Answer.", "question", "answer"),
        "better.json": a_state("Answer well.", "question", "answer"),
        "new.json": a_state("Answer well.", "query", "answer"),
        "saved-by-2.4.json": json.dumps({"generate": old}),
        "registry.yaml": POLICY,
    }.items():
        (directory / name).write_text(text)


def test_the_tour_prints_what_the_readme_shows(tmp_path: Path):
    files(tmp_path)
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "DSPYREG_ACTOR": "ada"}
    environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
    for block in BLOCKS:
        for command, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            printed = (done.stdout + done.stderr).replace("\t", " ")
            assert done.returncode == command.startswith(ANSWERS_NO), (command, printed)
            assert not set(shown.splitlines()) - set(printed.splitlines()), (command, printed)
