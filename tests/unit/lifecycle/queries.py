"""Short queries of a registry, and short ways to set one up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import NotFound

if TYPE_CHECKING:
    from builders import Programs

    from dspyreg.model.state import Deployment, Record
    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

TWO_ON_TOP = """
environments: {production: {auto_deploy: true}, eu: {rung: production, auto_deploy: true}}
"""
EU_BY_HAND = "environments: {production: {}, eu: {rung: production}}"


def stage_of(registry: Registry, label: str) -> str:
    """Return the stage of a version of qa."""
    return registry.show(f"qa@{label}").stage


def reasons_of(registry: Registry, label: str) -> list[str | None]:
    """Return the reasons of a version's stages, oldest first."""
    return [step.reason for step in registry.show(f"qa@{label}").transitions]


def live_in(registry: Registry, environment: str = "production") -> str | None:
    """Return the live label, or None."""
    try:
        return registry.resolve(f"qa@{environment}").label
    except NotFound:
        return None


def records(registry: Registry, environment: str = "production") -> list[tuple[str, str]]:
    """Return the label and status of every deployment, oldest first."""
    state = registry.context.entries.settled()
    found: list[Record] = list(state.records("qa", environment))
    kept: list[Deployment] = [record.deployment for record in reversed(found)]
    return [(state.label("qa", each.number), each.status) for each in kept]


def configure(registry: Registry, text: str) -> Outcome:
    """Apply a configuration."""
    return registry.apply("format: 1\n" + text)


def register_promoted(programs: Programs, label: str, rungs: int = 2) -> str:
    """Register a version of qa and promote it that many rungs."""
    programs.register(label=label)
    ladder = [each.name for each in programs.registry.configuration().rungs]
    for rung in ladder[1 : rungs + 1]:
        programs.registry.promote(f"qa@{label}", to=rung)
    return label


def names_of(registry: Registry) -> dict[str, object]:
    """Return every name that has a value."""
    named: dict[str, object] = {}
    for entry in reversed(registry.log()):
        named.update({change.name: change.new for change in entry.changes})
    return {name: value for name, value in named.items() if value is not None}
