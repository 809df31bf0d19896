"""Fixtures of the workflow tests: a repository, and the tools of the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from repositories import Repository, need

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with a registry in which nothing is registered."""
    need("bash", "git", "jq")
    return Repository(tmp_path)
