"""On a senseless log, an index that followed it equals a rebuilt one."""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from builders import a_local_registry
from forging import append, copied, entries, forge, sensible
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from store_history import answers

from dspyreg.store.follow_many import FollowMany
from dspyreg.store.index import Index

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection

    from dspyreg.model.state import State
    from dspyreg.registry.facade.registry import Registry

DRAWN = settings(
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a sensible log."""
    return sensible(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A directory for each store, one after another."""
    top = tmp_path_factory.mktemp("forged")
    return (top / f"s{nth}" for nth in count())


@settings(DRAWN, max_examples=30)
@given(log=st.lists(entries(), min_size=2, max_size=8), cut=st.integers(0, 8))
def test_an_index_that_followed_a_forged_log_equals_a_rebuilt_one(
    history: Path, stores: Any, log: list[Any], cut: int
):
    store = copied(history, next(stores))
    forge(store, log[:cut])
    with a_local_registry(store) as registry:
        registry.context.entries.refresh()
        append(store, *log[cut:])
        registry.context.entries.refresh()
        above = told(registry.context.entries.state())
        registry.context.entries.follow()
        followed = rows(registry)
        assert told(registry.context.entries.settled()) == above
        registry.context.entries.rebuild()
        assert rows(registry) == followed
        head = registry.context.entries.refresh().seq
        assert told(registry.context.entries.past(head)) == above
    assert in_memory(registry, FollowMany) == followed
    shutil.rmtree(store)


def told(state: State) -> dict[Any, Any]:
    """Return all answers but one: the reserved content of a label may differ from that of its
    version.
    """
    return {
        key: {k: v for k, v in found.items() if not (isinstance(k, tuple) and k[0] == "content")}
        if isinstance(found, dict)
        else found
        for key, found in answers(state).items()
    }


TABLES = ("entries", "changes", "newest", "versions", "deployments", "digests")


def rows(registry: Registry) -> dict[str, list[Any]]:
    """Return everything in the index."""
    return contents(registry.context.entries.settled().db)


def contents(db: Connection) -> dict[str, list[Any]]:
    return {
        table: sorted(db.execute(f"select * from {table}"), key=repr)  # noqa: S608
        for table in TABLES
    }


def in_memory(registry: Registry, kind: type[FollowMany]) -> dict[str, list[Any]]:
    index = Index(None, registry.context.blobs)
    with index.following():
        work = kind(index.db, registry.context.blobs)
        work.take(registry.context.store.journal.read(registry.context.store.genesis))
        work.finish(0)
    return contents(index.db)
