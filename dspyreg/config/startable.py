"""The commands that a configuration can start, by key.

A user trusts the digest of that list, so that a changed threshold needs no new trust. A new key of
that kind is a new row of ``_SOURCES``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.model import canonical
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dspyreg.config.value import Config
    from dspyreg.policy.policy import Policy


class Startable(NamedTuple):
    """A command that a configuration can start , and its key."""

    key: str
    command: str

    def to_json(self) -> dict[str, str]:
        """Return the row of ``trust --json``."""
        return {"where": self.key, "what": self.command}


def startables(config: Config) -> tuple[Startable, ...]:
    """Return all that a configuration can start, by key; under one key in the order of its list."""
    rows = [row for source in _SOURCES for row in source(config)]
    return tuple(sorted(rows, key=lambda row: row.key))


def digest(rows: Iterable[Startable]) -> Digest | None:
    """Return the digest that a user trusts, None if there is nothing to trust.

    Raises ``ValueError`` for what is not text.
    """
    listed = [list(row) for row in rows]
    if not all(isinstance(text, str) for row in listed for text in row):
        raise ValueError("a command is not text")
    return Digest.of(canonical.dumps(listed)) if listed else None


def _stages(config: Config) -> Iterator[Startable]:
    yield from _by_rung("policies", config.policies)


def _environments(config: Config) -> Iterator[Startable]:
    for each in config.environments:
        if each.policy is not None:
            yield from _policy(f"environments.{each.name}.policy", each.policy)


def _programs(config: Config) -> Iterator[Startable]:
    for each in config.programs:
        yield from _by_rung(f"programs.{each.name}.policies", each.policies)


def _hooks(config: Config) -> Iterator[Startable]:
    for when in ("before", "after"):
        for operation, commands in getattr(config.hooks, when):
            for command in commands:
                yield Startable(f"hooks.{when}.{operation}", command)


_SOURCES: Final[tuple[Callable[[Config], Iterable[Startable]], ...]] = (
    _stages,
    _environments,
    _programs,
    _hooks,
)


def _by_rung(section: str, policies: tuple[tuple[str, Policy], ...]) -> Iterator[Startable]:
    for rung, policy in policies:
        yield from _policy(f"{section}.{rung}", policy)


def _policy(section: str, policy: Policy) -> Iterator[Startable]:
    from dspyreg.policy.command import KEY

    command = policy.get(KEY)
    if command is not None:
        yield Startable(f"{section}.{KEY.name}", command.run)
