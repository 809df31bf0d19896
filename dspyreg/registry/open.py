"""From a path and the world around it to a registry."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg import system
from dspyreg.backends.location import create_store, open_store, share_store
from dspyreg.errors import NotFound
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry
from dspyreg.registry.transaction import appended

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

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


class Preferences(NamedTuple):
    """The environment of a user, as a face needs it.

    ``events`` is the file of ``DSPYREG_EVENTS``, ``editor`` the command of ``VISUAL`` or
    ``EDITOR``.
    """

    colour: bool
    debugging: bool
    editor: str | None
    events: str | None


def preferences() -> Preferences:
    """Return the preferences that the environment holds."""
    return Preferences(system.has_colour(), system.is_debugging(), system.editor(), system.events())


def open_registry(
    path: str | os.PathLike[str] | None,
    *,
    actor: str | None = None,
    allow_network: bool = False,
    tell: Callable[[str], None] | None = None,
    trust: str | None = None,
) -> Registry:
    """See ``dspyreg.open``."""
    tell, explicit = tell or _to_the_logger, system.trust(trust)
    given = None if path is None else os.fspath(path)
    directory = system.store_path(given, is_listed=partial(_is_listed, tell))
    store = open_store(directory, allow_network=allow_network, tell=tell)
    context = Context(
        store,
        Caller(_name(actor), system.is_claimed(actor), system.context(), system.provenance),
        clock=system.clock(),
        caches=_caches(directory, store.registry_id),
        tell=tell,
        trust=partial(_trust, directory, store.registry_id, explicit, tell),
        note=appended.note,
    )
    return Registry(context)


def open_for(
    subjects: Sequence[str],
    path: str | os.PathLike[str] | None,
    *,
    actor: str | None = None,
    allow_network: bool = False,
    tell: Callable[[str], None] | None = None,
    trust: str | None = None,
) -> Registry:
    """Return the registry; if there is none, an empty one in memory for ``subjects`` that are all
    files. Raises ``NotFound``.
    """
    try:
        return open_registry(path, actor=actor, allow_network=allow_network, tell=tell, trust=trust)
    except NotFound:
        from dspyreg.registry.artifacts.program_state import is_path

        if not subjects or not all(map(is_path, subjects)):
            raise
    return open_in_memory(actor)


def open_in_memory(actor: str | None = None) -> Registry:
    """Return an empty registry that goes with the process."""
    from dspyreg.backends import memory

    store, caller = memory.create(), Caller(_name(actor))
    return Registry(Context(store, caller, clock=system.clock(), note=appended.note))


def create_registry(
    path: str | os.PathLike[str] | None,
    *,
    preset: str | None = None,
    actor: str | None = None,
    allow_network: bool = False,
    shared: bool = False,
) -> InitResult:
    """Make a registry, or return the one that is there. See ``dspyreg.init``.

    With an unknown preset, nothing is made. If ``shared``, its group may write to it from now on.
    """
    given = None if path is None else os.fspath(path)
    directory = system.new_store_path(given, is_listed=partial(_is_listed, _to_the_logger))
    if preset is None:
        return _made(directory, shared=shared)
    from dspyreg.registry.change import presets

    presets.read(preset)
    made = _made(directory, shared=shared)
    try:
        with open_registry(directory, actor=actor, allow_network=allow_network) as registry:
            presets.put_in_force(registry.context, preset)
    except BaseException as error:
        if made.is_new:
            error.add_note(f"the registry {directory} was made")
        raise
    return made


def _name(given: str | None) -> str | Callable[[], str]:
    """Return who acts. Who is not named is looked for by those alone who change something."""
    return system.actor(given) if given else system.actor


def _is_listed(tell: Callable[[str], None], place: str) -> bool:
    """Return whether the user's list has the place of a store that belongs to somebody else."""
    from dspyreg.known_registries import KnownRegistries

    return KnownRegistries(system.known_registries(), tell).is_safe(place)


def _trust(
    directory: Path, registry_id: str, explicit: str | None, tell: Callable[[str], None]
) -> Trust:
    """Return what the user trusts a registry with. The list is not read before it is needed."""
    from dspyreg.known_registries import KnownRegistries, KnownRegistry

    known = KnownRegistries(system.known_registries(), tell)
    return KnownRegistry(known, registry_id, directory, explicit=explicit)


def _made(directory: Path, *, shared: bool) -> InitResult:
    try:
        registry_id = open_store(directory).registry_id
    except NotFound:
        registry_id = create_store(directory, shared=shared)
        return InitResult(str(directory), registry_id, FORMAT, is_new=True)
    if shared:
        share_store(directory)
    return InitResult(str(directory), registry_id, FORMAT, is_new=False)


def _caches(directory: Path, registry_id: str) -> list[Path]:
    elsewhere = system.cache_path(registry_id, directory)
    return [directory / "index.sqlite", *([elsewhere] if elsewhere else [])]


def _to_the_logger(text: str) -> None:
    import logging

    logging.getLogger("dspyreg").warning("%s", text)
