"""Selecting an environment: by name, or the default of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment


def named(config: Config, name: str) -> Environment:
    """Return an environment by name. Raises ``NotFound``, listing all names."""
    environment = config.environment(name)
    if environment is None:
        raise NotFound("environment", name, hint="names-known", known=listed(config.environments))
    return environment


def listed(environments: Iterable[Environment]) -> str:
    """Return the names of environments, for people."""
    return ", ".join(environment.name for environment in environments)


def resolve_environment(config: Config, name: str | None) -> Environment:
    """Return the named environment, or else the default: the configured one, the only one on the
    top rung, or the one with the name of the top rung. Raises ``UsageError`` without a default.
    """
    if name is not None or config.default_environment is not None:
        return named(config, name or config.default_environment or "")
    top = config.of_rung(config.top)
    if len(top) == 1:
        return top[0]
    for environment in top:
        if environment.name == config.top:
            return environment
    raise UsageError("environment-ambiguous", known=listed(top))


def deploy_environment(config: Config, name: str | None) -> Environment:
    """Return the named environment or the configured default. Raises ``UsageError`` without."""
    if name is None and config.default_environment is None:
        raise UsageError("environment-ambiguous", known=listed(config.environments))
    return named(config, name or config.default_environment or "")


def rollback_command(config: Config, program: str, environment: Environment) -> str:
    """Return the command that rolls an environment back; it names one that is no default."""
    try:
        is_default = resolve_environment(config, None) == environment
    except UsageError:
        is_default = False
    return f"dspyreg rollback {program}" + ("" if is_default else f" --env {environment.name}")
