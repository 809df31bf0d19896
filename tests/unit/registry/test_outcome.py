"""The outcome of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry, a_registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.registry.transaction.outcome import Outcome


@pytest.mark.parametrize(
    "ask",
    [
        lambda outcome: outcome.version.label,
        lambda outcome: outcome.deployments[0].label,
        lambda outcome: outcome.label("qa", 1),
    ],
)
def test_an_outcome_is_readable_after_the_index_was_lost(
    ask: Callable[[Outcome], str], tmp_path: Path
):
    told: list[str] = []
    with a_local_registry(tmp_path / "store", tell=told.append) as registry:
        Programs(registry, tmp_path).register(label="1.0.0")
    with a_local_registry(tmp_path / "store", tell=told.append) as registry:
        outcome = registry.promote("qa@1.0.0")
        registry.context.entries.settled().db.close()
        assert ask(outcome) == "1.0.0"
        assert registry.resolve("qa@staging").label == "1.0.0"


def test_the_repr_of_an_outcome_reads_like_a_sentence(tmp_path: Path):
    registry = a_registry()
    programs = Programs(registry, tmp_path)
    assert repr(programs.register(label="1.1.0")) == "<Outcome: register qa@1.1.0, entry 1>"
    planned = registry.promote("qa@1.1.0", dry_run=True)
    assert repr(planned) == "<Outcome: promote qa@1.1.0 to staging, dry run>"
    assert repr(registry.promote("qa@1.1.0")) == "<Outcome: promote qa@1.1.0 to staging, entry 2>"
    unchanged = registry.promote("qa@1.1.0", to="staging")
    assert repr(unchanged) == f"<Outcome: {unchanged.notices[0]}>"
    deployed = registry.deploy("qa@1.1.0", environment="development")
    assert repr(deployed) == "<Outcome: deploy qa@1.1.0 in development, entry 3>"
    assert repr(registry.undo(2)) == "<Outcome: undo qa@1.1.0, entry 4>"
    assert repr(registry.apply("versioning: {max_versions: 9}")) == "<Outcome: config, entry 5>"
