"""From an address and the world around it to a registry."""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.backends.known import create_store, open_store, share_store
from dspyreg.errors import NotFound
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry
from dspyreg.registry.transaction import appended
from dspyreg.system import environment, store_location
from dspyreg.system.clock import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dspyreg.backends.location import Location
    from dspyreg.registry.context import Trust

FORMAT: Final = 1


class InitResult(NamedTuple):
    """A registry that ``init`` made, unless it was there already."""

    store: str
    registry_id: str
    format: int
    is_new: bool

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``init --json``."""
        return {"store": self.store, "registry_id": self.registry_id, "format": self.format}


def open_registry(
    address: str | os.PathLike[str] | None,
    *,
    actor: str | None = None,
    allow_network: bool = False,
    tell: Callable[[str], None] | None = None,
    trust: str | None = None,
) -> Registry:
    """See ``dspyreg.open``."""
    tell, explicit = tell or _log_warning, environment.trust(trust)
    option = None if address is None else os.fspath(address)
    location = store_location.store_location(option, is_listed=partial(_is_listed, tell))
    store = open_store(location, allow_network=allow_network, tell=tell)
    context = Context(
        store,
        _caller(actor),
        clock=clock(),
        caches=_caches(location, store.registry_id),
        tell=tell,
        trust=partial(_trust, location, store.registry_id, explicit, tell),
        note=appended.note,
    )
    return Registry(context)


def open_for(
    operands: Sequence[str],
    address: str | os.PathLike[str] | None,
    *,
    actor: str | None = None,
    allow_network: bool = False,
    tell: Callable[[str], None] | None = None,
    trust: str | None = None,
) -> Registry:
    """Return the registry; if there is none, an empty one in memory for ``operands`` that are all
    files. Raises ``NotFound``.
    """
    try:
        return open_registry(
            address, actor=actor, allow_network=allow_network, tell=tell, trust=trust
        )
    except NotFound:
        from dspyreg.registry.artifacts.program_state import is_path

        if not operands or not all(map(is_path, operands)):
            raise
    return open_in_memory(actor)


def open_in_memory(actor: str | None = None) -> Registry:
    """Return an empty registry that ends with the process."""
    from dspyreg.backends import memory

    store, caller = memory.create(), Caller(_actor(actor))
    return Registry(Context(store, caller, clock=clock(), note=appended.note))


def create_registry(
    address: str | os.PathLike[str] | None,
    *,
    preset: str | None = None,
    actor: str | None = None,
    allow_network: bool = False,
    shared: bool = False,
) -> InitResult:
    """Make a registry, or return the one that is there. See ``dspyreg.init``.

    With an unknown preset, nothing is made. If ``shared``, its group may write to it from now on.
    """
    option = None if address is None else os.fspath(address)
    is_listed = partial(_is_listed, _log_warning)
    location = store_location.new_store_location(option, is_listed=is_listed)
    if preset is None:
        return _created(location, shared=shared)
    from dspyreg.registry.change import presets

    presets.read(preset)
    result = _created(location, shared=shared)
    try:
        with open_registry(location.address, actor=actor, allow_network=allow_network) as registry:
            presets.put_in_force(registry.context, preset)
    except BaseException as error:
        if result.is_new:
            error.add_note(f"the registry {location} was made")
        raise
    return result


def _created(location: Location, *, shared: bool) -> InitResult:
    try:
        registry_id = open_store(location).registry_id
    except NotFound:
        registry_id = create_store(location, shared=shared)
        return InitResult(str(location), registry_id, FORMAT, is_new=True)
    if shared:
        share_store(location)
    return InitResult(str(location), registry_id, FORMAT, is_new=False)


def _caller(option: str | None) -> Caller:
    """Return the caller. Only writers need to know where they run, so that is read lazily."""
    is_claimed = bool(option) or environment.has_actor()
    return Caller(_actor(option), is_claimed, cache(_origin), _provenance)


def _actor(option: str | None) -> str | Callable[[], str]:
    """Return the actor. Only writers need one, so it is detected lazily."""
    return _detect_actor(option) if option else _detect_actor


def _detect_actor(option: str | None = None) -> str:
    from dspyreg.system.actor import actor

    return actor(option)


def _origin() -> dict[str, Any]:
    from dspyreg.system import provenance

    return provenance.context()


def _provenance() -> dict[str, Any]:
    from dspyreg.system import provenance

    return provenance.provenance()


def _is_listed(tell: Callable[[str], None], real_path: str) -> bool:
    """Return whether the user's list allows a store that belongs to another user."""
    from dspyreg.known_registries import KnownRegistries

    return KnownRegistries(store_location.known_registries(), tell).is_safe(real_path)


def _trust(
    location: Location, registry_id: str, explicit: str | None, tell: Callable[[str], None]
) -> Trust:
    """Return the user's trust in a registry. The list is not read before it is needed."""
    from dspyreg.known_registries import KnownRegistries, KnownRegistry

    known = KnownRegistries(store_location.known_registries(), tell)
    return KnownRegistry(known, registry_id, location, explicit=explicit)


def _caches(location: Location, registry_id: str) -> list[Path]:
    """Return the paths for the index, in order of preference."""
    beside = location.directory and location.directory / "index.sqlite"
    return [path for path in (beside, store_location.cache_path(registry_id, location)) if path]


def _log_warning(text: str) -> None:
    import logging

    logging.getLogger("dspyreg").warning("%s", text)
