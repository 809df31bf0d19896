"""The YAML that people write, read into a configuration and written back."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

import yaml

from dspyreg.config import gates, ladder, sections
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
from dspyreg.config.yaml_nodes import Member, compose, error, found_in, known, plain, said
from dspyreg.model.metrics import Metrics

SECTIONS: Final = (
    *("format", "stages", "environments", "default_environment", "versioning", "metrics"),
    *("policies", "registration", "programs", "integration", "hooks"),
)


def read(text: str) -> Config:
    """Return the configuration that a YAML document describes, defaults filled in.

    A key without a value keeps its default, as if it were not there; only a policy must say
    something. An environment that bears the name of a rung belongs to it without saying so, and
    can belong to no other. Raises ``UsageError``, whose message begins with ``line N: ``.
    """
    top = known(compose(text), SECTIONS)
    said(top, "format", _format, FORMAT)
    rungs = said(top, "stages", ladder.rungs, DEFAULT.rungs)
    none: tuple[Environment, ...] = ()
    config = complete(
        rungs, said(top, "environments", partial(ladder.environments, rungs=rungs), none)
    )
    config = config._replace(
        default_environment=said(top, "default_environment", partial(ladder.one_of, config), None),
        versioning=said(top, "versioning", sections.versioning, Versioning()),
        metrics=said(top, "metrics", sections.metrics, Metrics()),
        policies=said(top, "policies", partial(gates.by_rung, rungs=rungs), ()),
        registration=said(top, "registration", gates.registration, None),
        integration=said(top, "integration", sections.integration, Integration()),
        hooks=said(top, "hooks", sections.hooks, Hooks()),
    )
    return config._replace(
        programs=said(top, "programs", partial(sections.programs, config=config), ())
    )


def write(config: Config) -> str:
    """Return the YAML of a configuration, nothing left to defaults; ``read`` is its inverse."""
    return yaml.safe_dump(tree(config), sort_keys=False, allow_unicode=True, width=math.inf)


def _format(member: Member) -> int:
    if plain(member.value) != str(FORMAT):
        raise error(member.value, f"format takes {FORMAT}, not {found_in(member.value)}")
    return FORMAT
