"""The ladder, and the environments that stand on it, as the document says them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from dspyreg.config.gates import policy, rungs_by_name
from dspyreg.config.scalars import choice, truth, word
from dspyreg.config.value import DEFAULT, Config, Environment, Rung, auto_deploys
from dspyreg.config.yaml_nodes import (
    Member,
    Reader,
    apart_in_case,
    error,
    fields,
    known,
    members,
    said,
    shown,
)

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
    found = _named(section.value, "stage", _NOT_STAGES)
    if not found:
        return DEFAULT.rungs
    if len(found) < FEWEST_RUNGS:
        raise error(section.key, f"a ladder needs {FEWEST_RUNGS} stages at least")
    owners = {member.name.lower(): member.name for member in found}
    return tuple(Rung(member.name, _title_of(member, owners)) for member in found)


def _title_of(rung: Member, owners: dict[str, str]) -> str | None:
    """Return the title under a rung, and note in ``owners`` that it is taken."""
    told = known(rung.value, STAGE)
    title = said(told, "title", partial(word, "title"), None)
    if title is None:
        return None
    if title.lower() in _NOT_STAGES or title != title.strip():
        raise error(told["title"].value, f"{shown(title)} cannot be a title")
    if (owner := owners.setdefault(title.casefold(), rung.name)) != rung.name:
        problem = f"title {shown(title)} is already a name of stage `{owner}`"
        raise error(told["title"].value, problem)
    return title


def environments(section: Member, *, rungs: tuple[Rung, ...]) -> tuple[Environment, ...]:
    """Return the environments that are configured, in written order."""
    keys = [rung.name for rung in rungs]
    found = _named(section.value, "environment", _NOT_ENVIRONMENTS, beside=keys)
    return tuple(_environment(member, rungs) for member in found)


def _environment(member: Member, rungs: tuple[Rung, ...]) -> Environment:
    readers: dict[str, Reader] = {
        "rung": partial(choice, "stage", rungs_by_name(rungs)),
        **ENVIRONMENT,
    }
    said = fields(member.value, readers, never_empty=("policy",))
    own = member.name if any(rung.name == member.name for rung in rungs) else None
    rung = said.setdefault("rung", own)
    titled = (each.name for each in rungs if (each.title or "").lower() == member.name.lower())
    if (other := next(titled, rung)) != rung:
        problem = f"environment {shown(member.name)} bears the title of stage `{other}`"
        raise error(member.key, problem, hint="rename it, or let it belong to that stage")
    if own and rung != own:
        problem = f"environment `{own}` bears the name of a stage but belongs to `{rung}`"
        raise error(member.key, problem, hint="rename it, or let it belong to its namesake")
    defaults = {
        "auto_deploy": auto_deploys(member.name, rung, first=rungs[0].name),
        "protected": False,
        "rollback_enabled": True,
    }
    return Environment(member.name, **{**defaults, **said})


def one_of(config: Config, member: Member) -> str:
    """Return the name of one of the environments there are."""
    return choice("environment", [each.name for each in config.environments], member)


def _named(
    node: yaml.Node, kind: str, reserved: frozenset[str], beside: Iterable[str] = ()
) -> list[Member]:
    """Return the members of a mapping whose keys name things of a kind.

    No two of the names, and none of them and of those ``beside``, may differ in case alone.
    """
    found = members(node)
    for member in found:
        _check_name(member, kind, reserved)
    apart_in_case(found, kind, beside)
    return found


def _check_name(member: Member, kind: str, reserved: frozenset[str]) -> None:
    name = member.name
    if not _NAME.fullmatch(name) or name.endswith(".") or len(name) > LONGEST_NAME:
        hint = f"use {NAME_RULE}; at most {LONGEST_NAME}, no dot at the end"
        raise error(member.key, f"{shown(name)} cannot name a stage or environment", hint=hint)
    if name.lower() in reserved:
        raise error(member.key, f"no {kind} can be called `{name}`; the word is taken")
    if _NUMBERED.fullmatch(name):
        problem = f"no {kind} can be called {shown(name)}; it looks like the label of a version"
        raise error(member.key, problem)
