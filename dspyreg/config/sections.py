"""Versioning, metrics, programs, integration and hooks in the YAML document."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from dspyreg.config.policies import RUN_TIME, by_rung
from dspyreg.config.scalars import choice, command, count, decimal, listed, truth, word
from dspyreg.config.value import Config, Hooks, Integration, ProgramSettings, Versioning
from dspyreg.config.yaml_nodes import (
    Member,
    Reader,
    error,
    fields,
    known,
    members,
    relayed,
    require_distinct,
)
from dspyreg.config.yaml_text import shown
from dspyreg.errors import UsageError
from dspyreg.model import names
from dspyreg.model.metrics import Metrics

if TYPE_CHECKING:
    import yaml

    from dspyreg.policy.policy import Policy

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
    """Return the scales of metrics, by metric."""
    every = members(member.value)
    for each in every:
        word("metric", each._replace(value=each.key))
    return tuple(sorted((each.name, choice("scale", SCALES, each)) for each in every))


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
    """Return the section that sets the labels of versions."""
    return Versioning(**fields(section.value, VERSIONING))


def metrics(section: Member) -> Metrics:
    """Return the section that sets how metrics are read."""
    read = Metrics(**fields(section.value, METRICS))
    _require_one_way(section.value, read)
    return read


def _require_one_way(section: yaml.Node, metrics: Metrics) -> None:
    falling = frozenset(metrics.lower_is_better)
    for metric in metrics.higher_is_better:
        if metric in falling:
            by_name = known(section, METRICS)
            member = by_name.get("higher_is_better") or by_name["lower_is_better"]
            raise error(member.value, "metric-both-ways", metric=shown(metric))


def programs(section: Member, *, config: Config) -> tuple[ProgramSettings, ...]:
    """Return the settings of single programs, in written order; ``config`` is that of all."""
    every = members(section.value)
    require_distinct(every, "program")
    return tuple(_program(member, config) for member in every)


def _program(member: Member, config: Config) -> ProgramSettings:
    try:
        name = names.program(member.name)
    except UsageError as cause:
        raise relayed(member.key, cause) from cause
    policies: tuple[tuple[str, Policy], ...] = ()
    by_name = known(member.value, PROGRAM)
    if "policies" in by_name:
        policies = by_rung(by_name["policies"], rungs=config.rungs, below=config.policies)
    if "metrics" not in by_name:
        return ProgramSettings(name, policies)
    metrics = fields(by_name["metrics"].value, METRICS)
    _require_one_way(by_name["metrics"].value, config.metrics._replace(**metrics))
    return ProgramSettings(name, policies, tuple(metrics.items()))


def integration(section: Member) -> Integration:
    """Return the section that sets what happens automatically."""
    return Integration(**fields(section.value, INTEGRATION))


def hooks(section: Member) -> Hooks:
    """Return the section of the user's own commands around operations."""
    return Hooks(**fields(section.value, HOOKS))


def _by_operation(member: Member) -> tuple[tuple[str, tuple[str, ...]], ...]:
    hooks = fields(member.value, dict.fromkeys(OPERATIONS, _commands), kind="operation")
    return tuple((operation, run) for operation, run in sorted(hooks.items()) if run)


HOOKS: Final[dict[str, Reader]] = {
    "before": _by_operation,
    "after": _by_operation,
    "timeout": RUN_TIME,
}
