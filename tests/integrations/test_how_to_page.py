"""The code on the Python page runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import live_programs

PAGE = Path(__file__).parents[2] / "docs/how-to/use-from-python.md"

pytestmark = live_programs.OUR_WARNINGS_ONLY


def test_the_code_blocks_of_the_page_run_in_order(tmp_path: Path, monkeypatch: Any):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DSPYREG_ACTOR", "ada")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 5
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - that is the test
