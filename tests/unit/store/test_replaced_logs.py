"""A log that is replaced while in use, as git does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from builders import Programs, a_local_registry, a_registry

from dspyreg.backends.interface import Diverged
from dspyreg.errors import Conflict
from dspyreg.model.entry import Intent

if TYPE_CHECKING:
    from pathlib import Path


def test_closing_a_registry_after_its_log_was_replaced_is_no_error(tmp_path: Path):
    told: list[str] = []
    registry = a_local_registry(tmp_path / ".dspyreg", tell=told.append)
    Programs(registry, tmp_path).register()
    (segment,) = (tmp_path / ".dspyreg" / "log").glob("*.jsonl")
    older = tmp_path / "older"
    older.write_bytes(segment.read_bytes())
    registry.score("qa@1.0.0", {"em": 0.5})
    registry.context.entries.follow()
    registry.context.entries.append(Intent("2026-01-01T00:00:00.000000Z", "ada", "note", "0" * 16))
    older.rename(segment)
    registry.close()
    assert not told
    with a_local_registry(tmp_path / ".dspyreg", tell=told.append) as registry:
        assert registry.status("qa").performance is None
    assert told == ["the index is ahead of the log, which ends with entry 1; rebuilt"]


def test_a_log_replaced_between_two_reads_is_a_conflict():
    registry = a_registry()
    log, journal = registry.context.entries, registry.context.store.journal
    for operation in ("1", "2"):
        log.refresh()
        log.append(Intent("2026-01-01T00:00:00.000000Z", "ada", "note", operation * 16))
    with (
        patch.object(journal, "read", side_effect=Diverged(journal.head())),
        pytest.raises(Conflict, match="the log was replaced while this ran") as caught,
    ):
        log.entries([2])
    assert caught.value.hint == "run the command again"
    assert log.entries([2])[0].operation_id == "2" * 16
