"""The ladder and its environments in the YAML document."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from dspyreg.config.policies import policy, rungs_by_name
from dspyreg.config.scalars import choice, truth, word
from dspyreg.config.value import DEFAULT, Config, Environment, Rung, auto_deploys
from dspyreg.config.yaml_nodes import (
    Member,
    Reader,
    error,
    fields,
    known,
    members,
    optional,
    require_distinct,
)
from dspyreg.config.yaml_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    import yaml

LONGEST_NAME: Final = 100
FEWEST_RUNGS: Final = 2
NAME_RULE: Final = "letters, digits, '.', '_' and '-', beginning with a letter or digit"
STAGE: Final = ("title",)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NUMBERED = re.compile(r"[0-9]+|[0-9]+\.[0-9]+\.[0-9]+(-.*)?")
_NOT_ENVIRONMENTS = frozenset({"latest", "deprecated", "archived"})
_NOT_STAGES = _NOT_ENVIRONMENTS | {"stage"}
ENVIRONMENT: Final[dict[str, Reader]] = {
    "auto_deploy": truth,
    "protected": truth,
    "rollback_enabled": truth,
    "approval_required": truth,
    "validation_required": truth,
    "monitoring_required": truth,
    "policy": policy,
}


def rungs(section: Member) -> tuple[Rung, ...]:
    """Return the rungs of ``stages``, lowest first."""
    stages = _named(section.value, "stage", _NOT_STAGES)
    if not stages:
        return DEFAULT.rungs
    if len(stages) < FEWEST_RUNGS:
        raise error(section.key, "stages-too-few", fewest=FEWEST_RUNGS)
    owners = {member.name.lower(): member.name for member in stages}
    return tuple(Rung(member.name, _title_of(member, owners)) for member in stages)


def _title_of(rung: Member, owners: dict[str, str]) -> str | None:
    """Return the title of a rung, and add it to ``owners``."""
    by_name = known(rung.value, STAGE)
    title = optional(by_name, "title", partial(word, "title"), None)
    if title is None:
        return None
    if title.lower() in _NOT_STAGES or title != title.strip():
        raise error(by_name["title"].value, "title-invalid", title=shown(title))
    if (owner := owners.setdefault(title.casefold(), rung.name)) != rung.name:
        raise error(by_name["title"].value, "title-taken", title=shown(title), stage=owner)
    return title


def environments(section: Member, *, rungs: tuple[Rung, ...]) -> tuple[Environment, ...]:
    """Return the environments of ``environments``, in written order."""
    keys = [rung.name for rung in rungs]
    every = _named(section.value, "environment", _NOT_ENVIRONMENTS, beside=keys)
    return tuple(_environment(member, rungs) for member in every)


def _environment(member: Member, rungs: tuple[Rung, ...]) -> Environment:
    readers: dict[str, Reader] = {
        "rung": partial(choice, "stage", rungs_by_name(rungs)),
        **ENVIRONMENT,
    }
    settings = fields(member.value, readers, never_empty=("policy",))
    own = member.name if any(rung.name == member.name for rung in rungs) else None
    rung = settings.setdefault("rung", own)
    titled = (each.name for each in rungs if (each.title or "").lower() == member.name.lower())
    if (other := next(titled, rung)) != rung:
        name = shown(member.name)
        raise error(member.key, "environment-has-title", environment=name, stage=other)
    if own and rung != own:
        raise error(member.key, "environment-of-another-stage", environment=own, stage=rung)
    defaults = {
        "auto_deploy": auto_deploys(member.name, rung, first=rungs[0].name),
        "protected": False,
        "rollback_enabled": True,
    }
    return Environment(member.name, **{**defaults, **settings})


def one_of(config: Config, member: Member) -> str:
    """Return the name of an environment of the configuration."""
    return choice("environment", [each.name for each in config.environments], member)


def _named(
    node: yaml.Node, kind: str, reserved: frozenset[str], beside: Iterable[str] = ()
) -> list[Member]:
    """Return the members of a mapping whose keys name things of a kind.

    Raises ``DocumentError`` for names that differ only in case, also from those ``beside`` them.
    """
    named = members(node)
    for member in named:
        _check_name(member, kind, reserved)
    require_distinct(named, kind, beside)
    return named


def _check_name(member: Member, kind: str, reserved: frozenset[str]) -> None:
    name = member.name
    if not _NAME.fullmatch(name) or name.endswith(".") or len(name) > LONGEST_NAME:
        raise error(
            member.key, "name-invalid", name=shown(name), rule=NAME_RULE, longest=LONGEST_NAME
        )
    if name.lower() in reserved:
        raise error(member.key, "name-reserved", kind=kind, name=name)
    if _NUMBERED.fullmatch(name):
        raise error(member.key, "name-like-label", kind=kind, name=shown(name))
