"""The tree of the document that says a configuration, nothing left to defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.config.expressions import written_size, written_time
from dspyreg.config.value import FORMAT, told_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.policies import Policy
    from dspyreg.config.programs import Program
    from dspyreg.config.value import Config, Environment


def tree(config: Config) -> dict[str, Any]:
    """Return what the document would say; a policy says only what it demands."""
    rungs = [rung.name for rung in config.rungs]
    return {
        "format": FORMAT,
        "stages": {rung.name: _without_none({"title": rung.title}) for rung in config.rungs},
        "environments": {each.name: _environment(each) for each in config.environments},
        "default_environment": config.default_environment,
        "versioning": config.versioning._asdict(),
        "metrics": told_metrics(config.metrics._asdict()),
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
    told = _without_none(environment._asdict())
    del told["name"]
    return told | ({"policy": _policy(environment.policy)} if environment.policy else {})


def _program(program: Program, rungs: list[str]) -> dict[str, Any]:
    metrics = told_metrics(dict(program.metrics))
    told = {"policies": _policies(program.policies, rungs), "metrics": metrics}
    return {key: value for key, value in told.items() if value}


def _policies(policies: Iterable[tuple[str, Policy]], rungs: list[str]) -> dict[str, Any]:
    """Return policies in the order of the ladder."""
    by_rung = dict(policies)
    return {rung: _policy(by_rung[rung]) for rung in rungs if rung in by_rung}


def _policy(policy: Policy) -> dict[str, Any]:
    told = _without_none(policy._asdict())
    for key in {"metrics", "against_live", "metadata"} & told.keys():
        told[key] = tuple(map(str, told[key]))
    if policy.command is not None:
        run, timeout = policy.command
        told["command"] = {"run": run, "timeout": written_time(timeout)}
    if policy.max_size is not None:
        told["max_size"] = written_size(policy.max_size)
    if policy.min_age is not None:
        told["min_age"] = written_time(policy.min_age)
    return _plain(told)


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {key: list(it) if isinstance(it, tuple) else it for key, it in told.items()}


def _without_none(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value is not None}
