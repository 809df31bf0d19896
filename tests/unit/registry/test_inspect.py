"""Inspecting files before they are stored, in limited memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from comparing import a_predictor_state, a_state

from dspyreg.errors import Refused
from dspyreg.registry.artifacts import inspect as inspection
from dspyreg.registry.artifacts.inspect import inspect

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

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


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A lower size limit for large files."""
    monkeypatch.setattr(inspection, "MAX_BYTES", 100_000)
    return 100_000


def test_a_key_in_a_large_state_is_refused(registry: Registry, tmp_path: Path, small_limit: int):
    path = a_large_state(tmp_path, 3 * small_limit, KEY)
    with pytest.raises(Refused) as refused:
        registry.register("qa", path)
    [told] = refused.value.failures
    assert told.startswith("program.json: lm.api_key, byte 3")
    assert told.endswith("the value of `api_key`: abcd…(12 characters)")


def test_a_large_state_without_keys_is_stored_without_being_parsed(
    registry: Registry, tmp_path: Path, small_limit: int
):
    outcome = registry.register("qa", a_large_state(tmp_path, 3 * small_limit, {"model": "small"}))
    assert "program.json is above 64 MiB: it was searched for keys, but not read" in outcome.notices
    assert registry.show("qa").program_digest is None


def test_a_large_state_cannot_be_redacted(registry: Registry, tmp_path: Path, small_limit: int):
    path = a_large_state(tmp_path, 3 * small_limit, KEY)
    with pytest.raises(Refused, match="above 64 MiB, so it cannot be redacted"):
        registry.register("qa", path, redact=True)


def test_a_large_state_with_very_many_keys_reports_twenty(tmp_path: Path, small_limit: int):
    path = tmp_path / "program.json"
    path.write_text(
        a_state(**{f"p{n}": a_predictor_state(lm=KEY) for n in range(small_limit // 100)})
    )
    assert len(inspect({"program.json": path}).secrets) == 20


def test_an_unreadable_pickle_gives_a_notice_with_the_reason(registry: Registry, tmp_path: Path):
    path = tmp_path / "program.pkl"
    path.write_bytes(b"cos\nsystem\n(Vtrue\ntR.")
    outcome = registry.register("qa", path, allow_pickle=True)
    assert "program.pkl was not read: its pickle cannot be read: it would import os.system" in (
        outcome.notices
    )


def test_a_file_that_is_not_json_is_searched_and_stored_with_a_notice(
    registry: Registry, tmp_path: Path
):
    path = tmp_path / "program.json"
    path.write_text(a_state(generate=a_predictor_state())[:-1])
    made = registry.register("qa", path, any_file=True)
    [told] = [each for each in made.notices if "was not read" in each]
    assert told.startswith("program.json was not read: Expecting")
    path.write_text(a_state(generate=a_predictor_state(lm=KEY))[:-1])
    with pytest.raises(Refused, match="there are secrets in it"):
        registry.register("qa", path)
