"""The location of the store, and of the user's files about it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dspyreg.backends.location import Location
from dspyreg.errors import Denied
from dspyreg.system.directory import working_directory
from dspyreg.system.user import below_home, foreign_owner

if TYPE_CHECKING:
    from collections.abc import Callable

STORE: Final = ".dspyreg"
_ADDRESS_DIGITS: Final = 8


def _is_unlisted(_: str) -> bool:
    return False


def store_location(
    option: str | None = None, *, is_listed: Callable[[str], bool] = _is_unlisted
) -> Location:
    """Return the location of the registry: from an option, ``DSPYREG_STORE``, or the nearest
    ``.dspyreg`` from the working directory upward; ``./.dspyreg`` if there is none.

    Raises ``Denied`` for a store that was discovered, not named, and belongs to another user,
    unless ``DSPYREG_SAFE_STORES`` has its real path or ``is_listed`` returns true for it.
    Raises ``UsageError`` for an address with an unknown scheme.
    """
    address = option or os.environ.get("DSPYREG_STORE")
    if address:
        return Location.parse(address)
    here = working_directory()
    for directory in (here, *here.parents) if here else ():
        if _has_store(directory):
            _require_safe(directory / STORE, is_listed)
            return Location.of(directory / STORE)
    return Location.of(here / STORE if here else Path(STORE))


def new_store_location(
    option: str | None = None, *, is_listed: Callable[[str], bool] = _is_unlisted
) -> Location:
    """Return the location for a new registry: from an option, ``DSPYREG_STORE``, or ``./.dspyreg``.

    Raises what ``store_location`` raises, if another user's store is there already.
    """
    address = option or os.environ.get("DSPYREG_STORE")
    if not address and os.path.lexists(STORE):
        _require_safe(Path(STORE), is_listed)
    return Location.parse(address or STORE)


def cache_path(registry_id: str, location: Location) -> Path | None:
    """Return the path of the index of a registry whose location cannot be written; None without a
    home. Copies of one registry have the same id and different locations.
    """
    from dspyreg.model.digest import Digest

    base = os.environ.get("XDG_CACHE_HOME") or below_home(".cache")
    if not base:
        return None
    digits = Digest.of(os.fsencode(location.real)).hex[:_ADDRESS_DIGITS]
    return Path(base) / "dspyreg" / f"{registry_id}-{digits}" / "index.sqlite"


def known_registries() -> Path | None:
    """Return the path of the user's list of registries; None without a home."""
    base = os.environ.get("XDG_CONFIG_HOME")
    if not base or not os.path.isabs(base):  # a relative one would depend on the directory
        base = below_home(".config")
    return Path(base) / "dspyreg" / "known_registries" if base else None


def is_safe_store(real_path: str) -> bool:
    """Return whether ``DSPYREG_SAFE_STORES`` names a store."""
    paths = [path for path in os.environ.get("DSPYREG_SAFE_STORES", "").split(":") if path]
    return "*" in paths or real_path in map(os.path.realpath, paths)


def _has_store(directory: Path) -> bool:
    """Return whether a store is in a directory. One that may not be entered counts: the search
    must not go on to another.
    """
    try:
        (directory / STORE / "format").lstat()
    except PermissionError:
        return os.path.lexists(directory / STORE)
    except OSError:  # nothing there, too long a path, or a disk that fails
        return False
    return True


def _require_safe(store: Path, is_listed: Callable[[str], bool]) -> None:
    owner = foreign_owner(store)
    if owner is None:
        return
    store, real_path = store.absolute(), os.path.realpath(store)
    if is_safe_store(real_path) or is_listed(real_path):
        return
    from shlex import quote

    raise Denied("store-of-another", store=store, owner=owner, store_argument=quote(str(store)))
