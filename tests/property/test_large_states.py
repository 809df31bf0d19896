"""A very large state is inspected in little memory."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

from dspyreg.registry.artifacts.inspect import inspect

if TYPE_CHECKING:
    from pathlib import Path


KEY = {"model": "small", "api_key": "abcdefghijkl"}


def a_large_state(directory: Path, size: int, lm: Any = None) -> Path:
    """Write a state of at least so many bytes, with its language model last."""
    demo = json.dumps({"question": "what? " * 200, "answer": "see https://example.com/a-b_c"})
    path = directory / "program.json"
    with path.open("w") as file:
        file.write('{"generate": {"demos": [')
        for _ in range(size // len(demo)):
            file.write(demo + ", ")
        file.write(f'{demo}], "lm": {json.dumps(lm)}}}}}')
    return path


def test_a_state_above_64_mib_is_searched_in_little_memory(tmp_path: Path):
    path = a_large_state(tmp_path, 70 << 20, KEY)
    tracemalloc.start()
    try:
        inspection = inspect({"program.json": path})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [secret.what for _, secret in inspection.secrets] == ["the value of `api_key`"]
    assert peak < 16 << 20
