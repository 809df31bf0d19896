"""Adding a policy rule takes one new file and one new line, shown in a copy of the package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

import dspyreg

ROOT = Path(dspyreg.__file__).parents[1]
RULE = '''\
"""``min_rest``: a rule of this test."""

from dspyreg.policy.finding import Finding
from dspyreg.policy.forms import Time
from dspyreg.policy.policy import Key
from dspyreg.policy.rule import Rule

KEY = Key("min_rest", Time(longest=3600.0), "How long nobody may have touched it.")


def findings(policy, facts):
    limit = policy.get(KEY)
    if limit is not None:
        yield Finding(KEY.name, facts.age() >= limit, "rested", facts.age(), limit)


RULE = Rule((KEY,), findings)
'''
LINE = '    "rest": ("min_rest",),\n'
USE = """\
import json
from dspyreg.config.document import read, write
from dspyreg.config.value import Config
from dspyreg.errors import UsageError
from dspyreg.policy.evaluate import evaluate
from dspyreg.policy.schema import definitions

class Facts:
    def age(self):
        return 60.0

config = read("policies: {staging: {min_rest: 2m}}")
policy = config.policy_of("qa", "staging")
try:
    read("policies: {production: {min_rest: 2h}}")
except UsageError as error:
    refusal = str(error)
print(json.dumps({
    "judged": [[each.rule, each.passed] for each in evaluate(policy, Facts())],
    "kept": Config.from_json(config.to_json()) == config,
    "written": "min_rest: 2m" in write(config),
    "refusal": refusal,
    "schema": definitions()["policy"]["properties"]["min_rest"],
}))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with one more rule."""
    copytree(ROOT / "dspyreg", tmp_path / "dspyreg")
    policy = tmp_path / "dspyreg/policy"
    policy.joinpath("rest.py").write_text(RULE, encoding="utf-8")
    known = policy.joinpath("known.py").read_text(encoding="utf-8")
    last = '    "promotion": ("auto_promote",),\n'
    policy.joinpath("known.py").write_text(known.replace(last, last + LINE), encoding="utf-8")
    return tmp_path


def test_adding_a_rule_takes_one_file_and_one_line(copy: Path):
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=copy, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {
        "judged": [["min_rest", False]],
        "kept": True,
        "written": True,
        "refusal": "line 1: min_rest takes a time from 0s to 1h, not the text `2h`",
        "schema": {
            "description": "How long nobody may have touched it.",
            "$ref": "#/$defs/time",
        },
    }


def test_adding_a_rule_changes_no_other_file(copy: Path):
    changed = {
        path.relative_to(copy)
        for path in copy.rglob("*.py")
        if not (ROOT / path.relative_to(copy)).exists()
        or path.read_bytes() != (ROOT / path.relative_to(copy)).read_bytes()
    }
    assert changed == {Path("dspyreg/policy/rest.py"), Path("dspyreg/policy/known.py")}
    before, after = (
        (root / "dspyreg/policy/known.py").read_text(encoding="utf-8").splitlines()
        for root in (ROOT, copy)
    )
    assert [line for line in after if line not in before] == LINE.splitlines()
    assert len(after) == len(before) + 1
