"""Trust in a registry. The commands of a configuration run only if this user, on this machine,
trusts them: see docs/explanation/a-store-from-somebody-else.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.config.startable import Startable, digest, startables
from dspyreg.errors import Conflict, Corrupt, RegistryError

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.digest import Digest
    from dspyreg.registry.context import Context

HINT: Final = "trust"
NOT_RUN: Final = "not run: you have not trusted the commands of this registry; see `dspyreg trust`"
_OWN: Final = "already: nothing in this configuration is started"
_TRUSTED: Final = "already: you trust what this configuration starts"
_SAFE: Final = "already: this store is used where it is found"


class TrustReport(NamedTuple):
    """The commands that a registry can start here, and whether the user trusts them.

    ``owner`` is the other user that the store belongs to, None for the user's own; ``safe`` tells
    whether it is used where it is found. ``digest`` is None if nothing is started.
    """

    store: str
    registry_id: str
    owner: str | None
    safe: bool
    digest: Digest | None
    trusted: bool
    commands: tuple[Startable, ...]
    notices: tuple[str, ...] = ()

    def question(self, *, place_only: bool = False) -> str | None:
        """Return what the user must confirm before the registry is trusted, None if nothing."""
        parts = [] if self.safe else [f"use this store of {self.owner} where it is found"]
        parts += [] if self.trusted or place_only else ["run these commands as you"]
        return ", and ".join(parts) or None

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``trust --json``."""
        commands = [command.to_json() for command in self.commands]
        return {**self._asdict(), "commands": commands, "notices": list(self.notices)}


def may_start(context: Context, config: Config) -> bool:
    """Return whether the user trusts everything that a configuration can start."""
    wanted = _digest(startables(config))
    return wanted is None or wanted in context.trusted


def report(context: Context) -> TrustReport:
    """Return what the configuration in force can start, and whether that is trusted."""
    commands, trust = startables(context.configuration()), context.trusted
    wanted = _digest(commands)
    return TrustReport(
        store=context.location,
        registry_id=context.registry_id,
        owner=trust.owner,
        safe=trust.is_safe,
        digest=wanted,
        trusted=wanted is None or wanted in trust,
        commands=commands,
    )


def trust(
    context: Context, seen: str | None, *, place_only: bool = False, dry_run: bool = False
) -> TrustReport:
    """Trust what a registry starts, if that is what was ``seen``, and its place.

    Raises ``Conflict`` if the configuration in force starts something else.
    """
    before = report(context)
    if not place_only and before.digest != seen:
        raise Conflict("commands-moved")
    if before.question(place_only=place_only) is None:
        already = _SAFE if place_only else _OWN if before.digest is None else _TRUSTED
        return before._replace(notices=(already,))
    if dry_run:
        return before
    if not before.safe:
        context.trusted.mark_safe()
    if not place_only and before.digest is not None and not before.trusted:
        context.trusted.add(before.digest)
    return report(context)


def applied(context: Context, config: Config, *, dry_run: bool) -> list[str]:
    """Trust what a configuration starts that the user applies here; return the notices."""
    commands = startables(config)
    wanted = _digest(commands)
    if wanted is None or wanted in context.trusted:
        return []
    notices = ["its commands are trusted here: " + "; ".join(row.command for row in commands)]
    try:
        if not dry_run:
            context.trusted.add(wanted)
    except RegistryError as error:  # the configuration is in force: forgetting this is no failure
        notices = [f"its commands are trusted for this run alone: {error}"]
    return notices


def _digest(commands: tuple[Startable, ...]) -> Digest | None:
    try:
        return digest(commands)
    except ValueError as error:
        raise Corrupt("the configuration", "value-invalid", reason=str(error)) from error
