"""The context of every use case: a store, its log, the caller, the clock, and what is trusted."""

from __future__ import annotations

import os
from copy import copy
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dspyreg.config.value import DEFAULT, Config, require_sound
from dspyreg.errors import Corrupt
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.store.log import Log
from dspyreg.store.thread_logs import ThreadLogs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path
    from typing import Self

    from dspyreg.backends.interface import Blobs, Store
    from dspyreg.model.entry import Entry, Seal
    from dspyreg.model.line import Head
    from dspyreg.model.state import State

    Listener = Callable[[Mapping[str, Any]], None]


class Caller(NamedTuple):
    """The author of a call, and what its entries say about where it came from.

    ``actor`` may be a function: only writers need the name, so it is looked up lazily. ``origin``
    returns the ``context`` of the entries, ``provenance`` more of it for registrations.
    ``is_claimed`` tells that the name was given by hand. ``operation_id`` is that of the entries,
    drawn at random if it is None. ``seal`` returns more members of an entry, such as a signature,
    for the bytes of the others.
    """

    actor: str | Callable[[], str]
    is_claimed: bool = False
    origin: Callable[[], Mapping[str, Any]] = dict
    provenance: Callable[[], Mapping[str, Any]] = dict
    operation_id: str | None = None
    seal: Seal | None = None


class Trust(Protocol):
    """The trust of one user in one registry."""

    @property
    def explicit(self) -> str | None:
        """The digest, or ``all``, that is trusted for this run alone."""

    @property
    def owner(self) -> str | None:
        """The user that the store belongs to, None if that is this one."""

    @property
    def is_safe(self) -> bool:
        """True if the store may be used where it is discovered, without being named."""

    def __contains__(self, digest: Digest) -> bool: ...

    def add(self, digest: Digest) -> None:
        """Trust a digest from now on."""

    def mark_safe(self) -> None:
        """Use the store from now on where it is discovered."""


class TransientTrust(set[Digest]):
    """Trust that ends with the process, as that in a registry in memory."""

    explicit: str | None = None
    owner: str | None = None
    is_safe: bool = True

    def mark_safe(self) -> None:
        """See ``Trust``."""


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
        trust: Callable[[], Trust] = TransientTrust,
        note: Callable[[Entry], None] | None = None,
    ) -> None:
        """Open the log of a store.

        ``tell`` receives warnings that are no errors. ``trust`` returns what the user lets the
        configuration start; by default what is applied here is trusted while this object lives.
        ``note`` receives each entry once it is appended.
        """
        self.store, self.blobs = store, store.blobs
        self.registry_id, self.location = store.registry_id, str(store.location)
        self.now, self._trust = clock, trust
        self._logs = ThreadLogs(partial(Log, store, caches, tell or _discard, note or _discard))
        self.listener: Listener | None = None
        self.resolutions: dict[str, tuple[Head, Any]] = {}  # of ``read.resolve``
        self._configurations: dict[str | None, Config] = {}
        self._caller, self.seal = caller, caller.seal

    @property
    def entries(self) -> Log:
        """The log, for the thread that calls."""
        return self._logs.mine()

    def operation(self) -> AbstractContextManager[None]:
        """Answer all reads inside from one look at the log; see ``View.operation``."""
        return self.entries.operation()

    def acting_as(self, caller: Caller) -> Self:
        """Return the same registry in another caller's name."""
        other = copy(self)
        other.__dict__.pop("actor", None)
        other._caller, other.seal = caller, caller.seal
        return other

    def with_new_operation_ids(self) -> Self:
        """Return the same context for operations that the caller's own sets off."""
        return self.acting_as(self._caller._replace(operation_id=None))

    def operation_id(self) -> tuple[str, bool]:
        """Return the id for a new operation; True if it was drawn, so that no entry has it."""
        identity = self._caller.operation_id
        return (new_operation_id(), True) if identity is None else (identity, False)

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
        return {**self._caller.origin(), **claimed}

    @property
    def provenance(self) -> dict[str, Any]:
        """The origin of a registration: more than an entry tells."""
        return {**self._caller.origin(), **self._caller.provenance()}

    @cached_property
    def trusted(self) -> Trust:
        """The trust of the user in this registry; read only by what starts a command."""
        return self._trust()

    def configuration(self) -> Config:
        """Return the configuration in force."""
        with self.entries.reading():
            return self.configuration_of(self.entries.state())

    def configuration_of(self, state: State) -> Config:
        """Return the configuration that a state names; the built-in one if it names none."""
        value = state.get(names.CONFIG)
        key = None if value is None else value["document"]
        if key not in self._configurations:
            self._configurations[key] = read_configuration(self.blobs, key)
        return self._configurations[key]

    def close(self) -> None:
        """Bring the caches to the head of the log and let go of them."""
        self._logs.close()


def new_operation_id() -> str:
    """Return an id that no other operation has."""
    return os.urandom(8).hex()


def read_configuration(blobs: Blobs, document: str | None) -> Config:
    """Return a stored configuration; the built-in one for None. Raises ``Corrupt``."""
    if document is None:
        return DEFAULT
    from dspyreg.store.objects import read_json

    try:
        config = Config.from_json(read_json(blobs, Digest.parse(document)))
        require_sound(config)
    except ValueError as error:
        raise Corrupt(f"configuration {document}", "value-invalid", reason=str(error)) from error
    return config


def digest_of_configuration(state: State) -> Digest:
    """Return the digest of the configuration that a state names: that of the stored document,
    whatever an older release left out of it.
    """
    value = state.get(names.CONFIG)
    return _built_in() if value is None else Digest.parse(value["document"])


@cache
def _built_in() -> Digest:
    return Digest.of(canonical.dumps(DEFAULT.to_json()))


def _discard(_: object) -> None:
    """Ignore a value."""
