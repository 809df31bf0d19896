"""Metadata may be long; people see the beginning of it, unless they ask for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from builders import a_registry

from dspyreg.render.known import render
from dspyreg.render.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Two versions of `qa` that say much, and different things."""
    registry = a_registry()
    for nth in range(2):
        path = tmp_path / "program.json"
        path.write_text(str(nth))
        told: dict[str, Any] = {str(n): n + nth for n in range(300)}
        registry.register("qa", path, metadata={"run": told}, any_file=True)
    return registry


def test_show_shortens_what_is_long_and_says_how_much(registry: Registry):
    text = render(registry.show("qa"), "plain")
    [line] = [line for line in text.splitlines() if line.startswith("metadata.run")]
    assert line.endswith("more characters: --all)")
    assert len(line) < 300


def test_show_tells_all_where_it_is_asked_for(registry: Registry):
    text = render(registry.show("qa"), "plain", Options(whole=True))
    assert '"299": 300' in text
    assert "--all" not in text


@pytest.mark.parametrize("shape", ["plain", "md"])
def test_compare_tells_some_changes_and_how_many_more(registry: Registry, shape: Any):
    text = render(registry.compare("qa@1.0.0", "qa"), shape)
    assert "280 more changes in the metadata: --all" in text
    assert len(text.splitlines()) < 45


@pytest.mark.parametrize("shape", ["plain", "md"])
def test_compare_tells_all_changes_where_they_are_asked_for(registry: Registry, shape: Any):
    text = render(registry.compare("qa@1.0.0", "qa"), shape, Options(whole=True))
    assert "run.299: 299 → 300" in text
    assert "--all" not in text
