"""The backends that there are: one table from the scheme of an address to its module.

To add one, write its module and add a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from dspyreg.errors import StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.backends.interface import Store
    from dspyreg.backends.location import Location


class Backend(Protocol):
    """A module that keeps stores."""

    def create_store(self, location: Location, *, shared: bool) -> str:
        """Create an empty registry and return its id. Raises ``Conflict``."""

    def open_store(
        self, location: Location, *, allow_network: bool, tell: Callable[[str], None]
    ) -> Store:
        """Return the registry at a location. Raises ``NotFound``, ``Corrupt``."""

    def share_store(self, location: Location) -> None:
        """Let the group of a registry write to it."""


def _local() -> Backend:
    try:
        from dspyreg.backends.local import store
    except ModuleNotFoundError as error:  # there is no fcntl on Windows
        raise StorageError("local-store-unsupported") from error
    return store


BACKENDS: Final[dict[str, Callable[[], Backend]]] = {"": _local}


def create_store(location: Location, *, shared: bool = False) -> str:
    """Create an empty registry and return its id; ``shared`` lets its group write to it."""
    return _backend_of(location).create_store(location, shared=shared)


def open_store(
    location: Location, *, allow_network: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Store:
    """Return the registry at a location; ``tell`` gets notices about it."""
    return _backend_of(location).open_store(location, allow_network=allow_network, tell=tell)


def share_store(location: Location) -> None:
    """Let the group of a registry write to it."""
    _backend_of(location).share_store(location)


def _backend_of(location: Location) -> Backend:
    """Return the backend of a location. Raises ``UsageError`` for an unknown scheme."""
    scheme = location.scheme
    backend = BACKENDS.get(scheme.lower())
    if backend is None:
        if scheme.lower() == "file":
            raise UsageError("scheme-unknown", hint="path-without-scheme", scheme=scheme)
        raise UsageError("scheme-unknown", scheme=scheme)
    return backend()
