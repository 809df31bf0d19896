"""From a place to a backend; the one list of kinds of storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from dspyreg.backends.interface import Store


def create_store(directory: Path, *, shared: bool = False) -> str:
    """Make an empty registry in a directory and return its id."""
    identity: str = _local().create(directory, shared=shared)
    return identity


def share_store(directory: Path) -> None:
    """Let the group of a registry write to it."""
    _local().make_shared(directory)


def open_store(
    directory: Path, *, allow_network: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Store:
    """Return the registry in a directory; ``tell`` hears what a person should know about it."""
    store: Store = _local().open_store(directory, allow_network=allow_network, tell=tell)
    return store


def _local() -> ModuleType:
    try:
        from dspyreg.backends.local import store
    except ModuleNotFoundError as error:  # there is no fcntl on Windows
        raise StorageError("a local store is not supported on this system yet") from error
    return store
