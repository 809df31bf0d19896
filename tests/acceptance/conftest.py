"""Fixtures of the cases: labels of any form, and a registry on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry
from commandline import a_plain_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def any_label(registry: Registry) -> None:
    """Allow labels such as v1.0 or A, as the cases use them."""
    registry.apply("versioning: {strategy: timestamp}")


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Programs]:
    """Programs in a registry on disk."""
    with a_local_registry(tmp_path / "store") as registry:
        yield Programs(registry, tmp_path)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The working directory of commands."""
    a_plain_world(monkeypatch, tmp_path)
    return tmp_path / "work"
