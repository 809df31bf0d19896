"""Long metadata is shortened unless all of it is requested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from builders import a_registry

from dspyreg.render.known import render
from dspyreg.render.options import RenderOptions

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Two versions of `qa` with long, different metadata."""
    registry = a_registry()
    for nth in range(2):
        path = tmp_path / "program.json"
        path.write_text(str(nth))
        told: dict[str, Any] = {str(n): n + nth for n in range(300)}
        registry.register("qa", path, metadata={"run": told}, any_file=True)
    return registry


def test_show_shortens_long_metadata_and_says_by_how_much(registry: Registry):
    text = render(registry.show("qa"), "plain")
    [line] = [line for line in text.splitlines() if line.startswith("metadata.run")]
    assert line.endswith("more characters: --all)")
    assert len(line) < 300


def test_show_prints_all_metadata_on_request(registry: Registry):
    text = render(registry.show("qa"), "plain", RenderOptions(whole=True))
    assert '"299": 300' in text
    assert "--all" not in text


@pytest.mark.parametrize("shape", ["plain", "md"])
def test_compare_limits_metadata_changes_and_counts_the_rest(registry: Registry, shape: Any):
    text = render(registry.compare("qa@1.0.0", "qa"), shape)
    assert "280 more changes in the metadata: --all" in text
    assert len(text.splitlines()) < 45


@pytest.mark.parametrize("shape", ["plain", "md"])
def test_compare_prints_all_metadata_changes_on_request(registry: Registry, shape: Any):
    text = render(registry.compare("qa@1.0.0", "qa"), shape, RenderOptions(whole=True))
    assert "run.299: 299 → 300" in text
    assert "--all" not in text
