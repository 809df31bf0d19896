"""Fixtures of every test: a registry in memory, and a way to register programs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_registry
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

# A slow machine is not a failure of the code under test; times are measured in tests/bench.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Tests must not depend on the user who runs them.
_OURS = (
    *("DSPYREG_STORE", "DSPYREG_ACTOR", "DSPYREG_NOW", "DSPYREG_DEBUG", "NO_COLOR"),
    *("DSPYREG_EVENTS", "DSPYREG_HOOK_DEPTH", "DSPYREG_TRUST", "DSPYREG_SAFE_STORES", "SUDO_UID"),
    *("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "CIRCLE_USERNAME"),
    *("GITHUB_RUN_ID", "CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"),
    *(f"GIT_{role}_{kind}" for role in ("AUTHOR", "COMMITTER") for kind in ("EMAIL", "NAME")),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite the sessions of tests/cli")


@pytest.fixture(scope="session")
def _configuration_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config")


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, _configuration_of_nobody: Path) -> None:
    for name in _OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(_configuration_of_nobody))


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry in memory."""
    with a_registry() as registry:
        yield registry


@pytest.fixture
def programs(registry: Registry, tmp_path: Path) -> Programs:
    """A way to register programs in that registry."""
    return Programs(registry, tmp_path)
