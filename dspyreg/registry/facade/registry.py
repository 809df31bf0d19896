"""The class ``Registry``: the interface for Python, the command line and a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dspyreg.model import names
from dspyreg.registry.context import Caller
from dspyreg.registry.facade.care import CareMethods
from dspyreg.registry.facade.look import LookMethods
from dspyreg.registry.facade.measure import MeasureMethods
from dspyreg.registry.facade.move import MoveMethods
from dspyreg.registry.facade.programs import ProgramMethods
from dspyreg.registry.facade.understand import UnderstandMethods

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dspyreg.registry.context import Listener


class Registry(
    ProgramMethods, MeasureMethods, MoveMethods, LookMethods, UnderstandMethods, CareMethods
):
    """A registry of compiled DSPy programs.

    Every method that takes a selector takes its text: ``qa``, ``qa@1.1.0``, ``qa@^1.2``,
    ``qa@production``, ``qa@production~1``, ``qa@stage:staging``, ``qa@#3``, ``qa@b3:1f2e3d``.
    Every method that changes something is durable when it returns, takes ``dry_run``, and
    returns an ``Outcome``. A secret in a text for the log (a reason, a note) is ``Refused``, unless
    ``redact`` removes it or ``allow_secrets`` keeps it. Errors are those of ``dspyreg.errors``;
    ``error.entries`` are the entries appended before the error.

    ``operation_id`` is any text. The same request of the same actor with the same id is carried
    out once: if it is repeated, its outcome is the first entry, with the notice
    ``already: entry 12``. Raises ``Conflict`` if the id belongs to another request.
    """

    @property
    def listener(self) -> Listener | None:
        """The receiver of each event as it comes; None by default."""
        return self.context.listener

    @listener.setter
    def listener(self, listener: Listener | None) -> None:
        self.context.listener = listener

    @property
    def registry_id(self) -> str:
        """The id of the registry, the same in every copy of it."""
        return self.context.registry_id

    @property
    def location(self) -> str:
        """The address of the store: a directory, for a local one."""
        return self.context.location

    @property
    def actor(self) -> str:
        """The name that changes are made in."""
        return self.context.actor

    def acting_as(
        self, actor: str, *, claimed: bool = True, origin: Mapping[str, Any] | None = None
    ) -> Self:
        """Return this registry in another person's name, for a server that acts for many.

        Both share the log and its caches; closing one closes both. ``claimed`` is False if the
        actor was authenticated. ``origin`` is the ``context`` of the entries, such as the address
        of a request. Raises ``UsageError`` for what is no name.
        """
        from dspyreg.system.actor import actor as normalized

        name = normalized(names.word("actor", actor))
        caller = Caller(name, claimed, lambda: origin or {})
        return type(self)(self.context.acting_as(caller))

    def close(self) -> None:
        """Bring the caches to the head of the log and let go of them."""
        self.context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
