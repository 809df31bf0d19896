"""The context that every use case is handed: a store, its log, who acts, and what time it is."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.model import names
from dspyreg.store.log import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Self

    from dspyreg.backends.interface import Store
    from dspyreg.config.value import Config
    from dspyreg.model.digest import Digest
    from dspyreg.model.state import State
    from dspyreg.registry.transaction.trust import Trust

    Listener = Callable[[Mapping[str, Any]], None]


class Caller(NamedTuple):
    """The author of a call, and what its entries say about where it came from.

    ``actor`` may be a function: only writers need the name, so it is looked up lazily. ``origin``
    is the ``context`` of the entries, ``provenance`` returns more of it for registrations.
    ``is_claimed`` tells that the name was given by hand.
    """

    actor: str | Callable[[], str]
    is_claimed: bool = False
    origin: Mapping[str, Any] = {}
    provenance: Callable[[], Mapping[str, Any]] = dict


class Context:
    """A registry as use cases see it."""

    def __init__(
        self,
        store: Store,
        caller: Caller,
        *,
        clock: Callable[[], datetime],
        caches: Sequence[Path] = (),
        tell: Callable[[str], None] | None = None,
        trust: Callable[[], Trust] | None = None,
    ) -> None:
        """Open the log of a store.

        ``tell`` hears what is no error but worth knowing. ``trust`` returns what the user lets the
        configuration start; without it, what is applied here is trusted while this object lives.
        """
        from dspyreg.registry.transaction import appended

        self.store, self.blobs = store, store.blobs
        self.registry_id, self.location = store.registry_id, store.where
        self.now, self._trust = clock, trust
        self.entries = Log(store, caches, tell or _discard, appended.note)
        self.listener: Listener | None = None
        self._configurations: dict[str | None, Config] = {}
        self._caller = caller

    def acting_as(self, caller: Caller) -> Self:
        """Return the same registry in another caller's name."""
        other = copy(self)
        other.__dict__.pop("actor", None)
        other._caller = caller
        return other

    @cached_property
    def actor(self) -> str:
        """The name that entries are signed with."""
        actor = self._caller.actor
        return actor if isinstance(actor, str) else actor()

    @property
    def origin(self) -> dict[str, Any]:
        """The ``context`` of entries: where they were written, and whether the actor was given by
        hand.
        """
        claimed = {"claimed": True} if self._caller.is_claimed else {}
        return {**self._caller.origin, **claimed}

    @property
    def provenance(self) -> dict[str, Any]:
        """What a registration records about where it was made."""
        return {**self._caller.origin, **self._caller.provenance()}

    @cached_property
    def trusted(self) -> Trust:
        """What the user lets the configuration start. Loaded only by what starts something."""
        if self._trust is not None:
            return self._trust()
        from dspyreg.registry.transaction.trust import Remembered

        return Remembered()

    def configuration(self) -> Config:
        """Return the configuration in force."""
        with self.entries.lock:
            self.entries.refresh()
            return self.configuration_of(self.entries.state())

    def configuration_of(self, state: State) -> Config:
        """Return the configuration that a state names; the built-in one if it names none."""
        from dspyreg.registry.read import configuration

        value = state.get(names.CONFIG)
        key = None if value is None else value["document"]
        if key not in self._configurations:
            self._configurations[key] = configuration.read(self.blobs, key)
        return self._configurations[key]

    def digest_of_configuration(self, state: State) -> Digest:
        """Return the digest by which a decision names the configuration it was judged by."""
        from dspyreg.registry.read import configuration

        return configuration.digest(state)

    def close(self) -> None:
        """Bring the caches to the head of the log and let go of them."""
        self.entries.close()


def _discard(_: str) -> None:
    """Tell nobody."""
