"""The document of a configuration as a tree, with every default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.config.value import FORMAT, metrics_to_json
from dspyreg.policy.quantities import written_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment, ProgramSettings
    from dspyreg.policy.policy import Policy


def tree(config: Config) -> dict[str, Any]:
    """Return the tree; a policy has only the keys that it gives a value."""
    rungs = [rung.name for rung in config.rungs]
    return {
        "format": FORMAT,
        "stages": {rung.name: _without_none({"title": rung.title}) for rung in config.rungs},
        "environments": {each.name: _environment(each) for each in config.environments},
        "default_environment": config.default_environment,
        "versioning": config.versioning._asdict(),
        "metrics": metrics_to_json(config.metrics._asdict()),
        "policies": _policies(config.policies, rungs),
        **({"registration": _policy(config.registration)} if config.registration else {}),
        "programs": {each.name: _program(each, rungs) for each in config.programs},
        "integration": config.integration._asdict(),
        "hooks": {
            "before": _plain(dict(config.hooks.before)),
            "after": _plain(dict(config.hooks.after)),
            "timeout": written_time(config.hooks.timeout),
        },
    }


def _environment(environment: Environment) -> dict[str, Any]:
    settings = _without_none(environment._asdict())
    del settings["name"]
    return settings | ({"policy": _policy(environment.policy)} if environment.policy else {})


def _program(program: ProgramSettings, rungs: list[str]) -> dict[str, Any]:
    metrics = metrics_to_json(dict(program.metrics))
    settings = {"policies": _policies(program.policies, rungs), "metrics": metrics}
    return {key: value for key, value in settings.items() if value}


def _policies(policies: Iterable[tuple[str, Policy]], rungs: list[str]) -> dict[str, Any]:
    """Return policies in the order of their rungs."""
    by_rung = dict(policies)
    return {rung: _policy(by_rung[rung]) for rung in rungs if rung in by_rung}


def _policy(policy: Policy) -> dict[str, Any]:
    from dspyreg.policy.known import keys_of

    return {key.name: key.form.written(policy.get(key)) for key in keys_of(policy)}


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: list(it) if isinstance(it, tuple) else it for key, it in settings.items()}


def _without_none(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not None}
