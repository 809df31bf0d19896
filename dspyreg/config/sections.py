"""Versioning, metrics, programs, integration and hooks, as the document says them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from dspyreg.config.gates import by_rung, run_time
from dspyreg.config.programs import Program
from dspyreg.config.scalars import choice, command, count, decimal, listed, truth, word
from dspyreg.config.value import Config, Hooks, Integration, Versioning
from dspyreg.config.yaml_nodes import (
    Member,
    Reader,
    apart_in_case,
    error,
    fields,
    known,
    members,
    shown,
)
from dspyreg.errors import UsageError
from dspyreg.model import names
from dspyreg.model.metrics import Metrics

if TYPE_CHECKING:
    import yaml

    from dspyreg.config.policies import Policy

STRATEGIES: Final = ("semantic", "timestamp", "integer")
SCALES: Final = ("percent", "fraction")
SELECTIONS: Final = ("conservative", "aggressive", "best_score", "manual")
OPERATIONS: Final = (
    *("register", "promote", "demote", "archive", "restore", "deploy", "rollback"),
    *("undo", "redo", "score", "approve", "evidence", "config"),
)
_metrics_listed: Final = partial(listed, "metric", partial(word, "metric"))
_commands: Final = partial(listed, "command", command)

VERSIONING: Final[dict[str, Reader]] = {
    "strategy": partial(choice, "strategy", STRATEGIES),
    "max_versions": count,
    "auto_increment": truth,
    "require_changelog": truth,
}


def _scales(member: Member) -> tuple[tuple[str, str], ...]:
    """Return what the numbers of metrics mean, by metric."""
    found = members(member.value)
    for each in found:
        word("metric", each._replace(value=each.key))
    return tuple(sorted((each.name, choice("scale", SCALES, each)) for each in found))


METRICS: Final[dict[str, Reader]] = {
    "primary": partial(word, "metric"),
    "lower_is_better": _metrics_listed,
    "higher_is_better": _metrics_listed,
    "tie": decimal,
    "scale": _scales,
}
PROGRAM: Final = ("policies", "metrics")
INTEGRATION: Final[dict[str, Reader]] = {
    "auto_register_optimizations": truth,
    "auto_deploy_best_versions": truth,
    "auto_deploy_threshold": decimal,
    "deployment_strategy": partial(choice, "strategy", SELECTIONS),
    "rollback_on_performance_drop": truth,
    "rollback_threshold": decimal,
}


def versioning(section: Member) -> Versioning:
    """Return how versions get their labels."""
    return Versioning(**fields(section.value, VERSIONING))


def metrics(section: Member) -> Metrics:
    """Return how metrics are read."""
    found = Metrics(**fields(section.value, METRICS))
    _require_one_way(section.value, found)
    return found


def _require_one_way(section: yaml.Node, metrics: Metrics) -> None:
    falling = frozenset(metrics.lower_is_better)
    for metric in metrics.higher_is_better:
        if metric in falling:
            problem = f"metric {shown(metric)} is both lower_is_better and higher_is_better"
            told = known(section, METRICS)
            where = told.get("higher_is_better") or told["lower_is_better"]
            raise error(where.value, problem)


def programs(section: Member, *, config: Config) -> tuple[Program, ...]:
    """Return what differs for single programs, in written order; ``config`` holds for all."""
    found = members(section.value)
    apart_in_case(found, "program")
    return tuple(_program(member, config) for member in found)


def _program(member: Member, config: Config) -> Program:
    try:
        name = names.program(member.name)
    except UsageError as problem:
        raise error(member.key, str(problem), hint=problem.command_hint) from problem
    policies: tuple[tuple[str, Policy], ...] = ()
    told = known(member.value, PROGRAM)
    if "policies" in told:
        policies = by_rung(told["policies"], rungs=config.rungs, below=config.policies)
    if "metrics" not in told:
        return Program(name, policies)
    metrics = fields(told["metrics"].value, METRICS)
    _require_one_way(told["metrics"].value, config.metrics._replace(**metrics))
    return Program(name, policies, tuple(metrics.items()))


def integration(section: Member) -> Integration:
    """Return what happens by itself."""
    return Integration(**fields(section.value, INTEGRATION))


def hooks(section: Member) -> Hooks:
    """Return the user's own commands around operations."""
    return Hooks(**fields(section.value, HOOKS))


def _by_operation(member: Member) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = fields(member.value, dict.fromkeys(OPERATIONS, _commands), kind="operation")
    return tuple((operation, run) for operation, run in sorted(found.items()) if run)


HOOKS: Final[dict[str, Reader]] = {
    "before": _by_operation,
    "after": _by_operation,
    "timeout": run_time,
}
