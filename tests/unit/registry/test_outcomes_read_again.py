"""What a change comes to can be told whatever becomes of the index, which is a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_local_registry

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
def test_an_outcome_tells_what_was_done_after_the_index_was_lost(
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
