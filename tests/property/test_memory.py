"""The memory use of a read grows with its result and not with the store."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pytest
from builders import NOON, Programs, a_program, a_registry

from dspyreg.backends import memory
from dspyreg.model import line as lines
from dspyreg.model import moment, names
from dspyreg.model.entry import Change, Intent
from dspyreg.registry.transaction import version_at
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.backends.interface import Store
    from dspyreg.registry.facade.registry import Registry

FEW, MANY = 300, 3_000
ROOM: Final = 128 << 10  # bytes by which runs vary for no reason

OPERATIONS: dict[str, Callable[[Registry], Any]] = {
    "score": lambda registry: registry.score("qa", {"em": 0.7}),
    "undo": lambda registry: registry.undo(registry.score("qa", {"em": 0.7}).entry.seq),
    "redo": lambda registry: registry.redo(undone(registry)),
    "history": lambda registry: registry.history("qa", limit=100),
    "history of a metric": lambda registry: registry.history("qa", metric="em", limit=100),
    "show": lambda registry: registry.show("qa"),
    "status": lambda registry: registry.status("qa"),
    "log": lambda registry: registry.log(limit=20),
    "promote": lambda registry: registry.promote("qa@1.0.0"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_memory_use_does_not_grow_with_the_measurements_of_a_version(
    operation: str, tmp_path: Path
):
    few, many = (peak(OPERATIONS[operation], count, tmp_path) for count in (FEW, MANY))
    assert many < few + ROOM


def test_memory_use_of_a_history_grows_only_with_its_limit(tmp_path: Path):
    with measured(MANY, tmp_path) as registry:
        found = registry.history("qa", metric="em", limit=100)
        assert len(found.measurements) == 100
        assert found.measurements[-1].value == value(MANY - 1)
        assert found.notices == (
            f"the newest 100 of {MANY + 1:,} measurements are shown; --limit shows more",
        )
        assert len(registry.history("qa", limit=-1).measurements) == MANY + 1


def test_a_page_of_past_versions_reads_only_its_own_documents(tmp_path: Path):
    registry = a_registry()
    programs = Programs(registry, tmp_path)
    for _ in range(30):
        programs.register("qa")
    with patch.object(version_at, "read_document", wraps=read_document) as read:
        page = registry.versions("qa", limit=3, offset=2, at="30")
    assert [version.number for version in page.versions] == [28, 27, 26]
    assert page.total == 30
    assert read.call_count == 3


def peak(operation: Callable[[Registry], Any], count: int, directory: Path) -> int:
    """Return the peak memory of an operation, after everything is imported and cached."""
    with measured(count, directory) as registry:
        registry.show("qa")
        if operation is not OPERATIONS["promote"]:
            operation(registry)
        gc.collect()
        tracemalloc.start()
        operation(registry)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


def measured(count: int, directory: Path) -> Registry:
    """Return a registry with one version with very many measurements and an index in a file."""
    store, file = memory.create(), directory / "program.json"
    file.write_text(a_program())
    with a_registry(store) as registry:
        registry.register("qa", file, version="1.0.0", metrics={"em": 0.5})
    measure(store, count)
    return a_registry(store)


def measure(store: Store, count: int) -> None:
    head = store.journal.head()
    for nth in range(count):
        operation = operation_id(nth)
        intent = Intent(
            time=moment.text(NOON + timedelta(hours=nth)),
            actor="ada",
            operation="score",
            operation_id=operation,
            program="qa",
            label="1.0.0",
            changes=(Change(names.metric("qa", 1, "em", operation), None, value(nth)),),
        )
        members = intent.members()
        head = store.journal.append(head, lambda _, head, m=members: lines.compose(m, head))


def undone(registry: Registry) -> int:
    entry = registry.undo(registry.score("qa", {"em": 0.7}).entry.seq).entry
    assert entry is not None
    return int(entry.seq)


@cache
def operation_id(nth: int) -> str:
    return f"{nth * 7919 % 100_003:016x}"


def value(nth: int) -> float:
    return nth % 1000 / 1000
