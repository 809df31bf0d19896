"""The YAML document of a configuration: read and written."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

import yaml

from dspyreg.config import ladder, policies, sections
from dspyreg.config.dump import tree
from dspyreg.config.value import (
    DEFAULT,
    FORMAT,
    Config,
    Environment,
    Hooks,
    Integration,
    Versioning,
    complete,
)
from dspyreg.config.yaml_nodes import Member, described, error, known, optional, plain
from dspyreg.config.yaml_text import compose
from dspyreg.model.metrics import Metrics

SECTIONS: Final = (
    *("format", "stages", "environments", "default_environment", "versioning", "metrics"),
    *("policies", "registration", "programs", "integration", "hooks"),
)


def read(text: str) -> Config:
    """Return the configuration that a YAML document describes, defaults filled in.

    A key without a value keeps its default; a policy must have one. An environment with the name
    of a rung belongs to that rung, and to no other. Raises ``DocumentError``, whose message begins
    with ``line N: ``.
    """
    top = known(compose(text), SECTIONS)
    optional(top, "format", _format, FORMAT)
    rungs = optional(top, "stages", ladder.rungs, DEFAULT.rungs)
    none: tuple[Environment, ...] = ()
    config = complete(
        rungs, optional(top, "environments", partial(ladder.environments, rungs=rungs), none)
    )
    config = config._replace(
        default_environment=optional(
            top, "default_environment", partial(ladder.one_of, config), None
        ),
        versioning=optional(top, "versioning", sections.versioning, Versioning()),
        metrics=optional(top, "metrics", sections.metrics, Metrics()),
        policies=optional(top, "policies", partial(policies.by_rung, rungs=rungs), ()),
        registration=optional(top, "registration", policies.registration, None),
        integration=optional(top, "integration", sections.integration, Integration()),
        hooks=optional(top, "hooks", sections.hooks, Hooks()),
    )
    return config._replace(
        programs=optional(top, "programs", partial(sections.programs, config=config), ())
    )


def write(config: Config) -> str:
    """Return the YAML of a configuration, nothing left to defaults; ``read`` is its inverse."""
    return yaml.safe_dump(tree(config), sort_keys=False, allow_unicode=True, width=math.inf)


def _format(member: Member) -> int:
    if plain(member.value) != str(FORMAT):
        value = described(member.value)
        raise error(member.value, "format-unknown", format=FORMAT, value=value)
    return FORMAT
