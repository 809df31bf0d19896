"""``log`` and ``check`` as of an earlier moment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from builders import Clock, Programs, a_registry

from dspyreg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


def test_log_as_of_an_entry_ends_there(registry: Registry, programs: Programs):
    programs.register()
    programs.register("rag")
    registry.promote("qa@1.0.0")
    assert [entry.seq for entry in registry.log(at="2")] == [2, 1]
    assert [entry.seq for entry in registry.log("qa", at="2")] == [1]
    with pytest.raises(NotFound, match="no program rag"):
        registry.log("rag", at="1")
    with pytest.raises(NotFound) as error:
        registry.log(seq=3, at="2")
    assert error.value.hint == "the log ends with 2"


def test_check_as_of_an_entry_uses_the_facts_known_then(registry: Registry, programs: Programs):
    registry.apply("policies: {staging: {metrics: ['em >= 0.8']}}")
    programs.register(metrics={"em": 0.7})
    registry.score("qa@1.0.0", {"em": 0.9})
    assert registry.check("qa@1.0.0").passed
    assert registry.check("qa@1.0.0", at="2").failures == ("em 0.7 does not meet >= 0.8",)
    registry.apply("policies: {staging: {metrics: ['em >= 0.95']}}")
    assert not registry.check("qa@1.0.0").passed
    assert registry.check("qa@1.0.0", at="3").passed


def test_check_as_of_a_time_uses_the_age_of_the_version_then(tmp_path: Path):
    clock = Clock()
    with a_registry(clock=clock) as registry:
        registry.apply("policies: {staging: {min_age: 1h}}")
        Programs(registry, tmp_path).register()
        clock.advance(timedelta(hours=2))
        assert registry.check("qa@1.0.0").passed
        assert not registry.check("qa@1.0.0", at="2").passed
        assert registry.check("qa@1.0.0", at="2026-11-01T13:30:00Z").passed


def test_a_future_seq_is_quoted_in_full_in_the_error(registry: Registry, programs: Programs):
    programs.register()
    with pytest.raises(NotFound, match="no entry 12345678901234567890123456"):
        registry.resolve("qa", at="12345678901234567890123456")
    with pytest.raises(UsageError, match="invalid --at"):
        registry.resolve("qa", at="1" * 5000)


@pytest.mark.parametrize("strategy", ["semantic", "timestamp", "integer"])
def test_a_label_that_begins_with_a_dash_is_refused(
    registry: Registry, programs: Programs, strategy: str
):
    registry.apply(f"versioning: {{strategy: {strategy}}}")
    with pytest.raises(UsageError, match="Invalid version format: '-rf'"):
        programs.register(label="-rf")
