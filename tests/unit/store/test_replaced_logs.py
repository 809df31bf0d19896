"""A log that is replaced while somebody works on it, as git does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from builders import Programs, a_local_registry

from dspyreg.model.entry import Intent

if TYPE_CHECKING:
    from pathlib import Path


def test_closing_after_the_log_was_replaced_gives_a_notice_and_no_error(tmp_path: Path):
    told: list[str] = []
    registry = a_local_registry(tmp_path / ".dspyreg", tell=told.append)
    Programs(registry, tmp_path).register()
    (segment,) = (tmp_path / ".dspyreg" / "log").glob("*.jsonl")
    older = tmp_path / "older"
    older.write_bytes(segment.read_bytes())
    registry.score("qa@1.0.0", {"em": 0.5})
    registry.the_log.follow()
    registry.the_log.append(Intent("2026-01-01T00:00:00.000000Z", "ada", "note", "0" * 16))
    older.rename(segment)
    registry.close()
    assert len(told) == 1
    assert told[0].startswith("the index could not follow: entry ")
