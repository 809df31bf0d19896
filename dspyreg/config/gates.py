"""Policies as the document says them, for a rung, an environment or one program."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import yaml

from dspyreg.config import expressions, policies
from dspyreg.config.policies import Command, Policy
from dspyreg.config.scalars import (
    choice,
    command,
    count,
    demand,
    fraction,
    listed,
    size,
    time,
    truth,
)
from dspyreg.config.scalars import word as a_word
from dspyreg.config.yaml_nodes import Member, Reader, error, fields, members, shown, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Rung

DAY: Final = 86_400.0
LONGEST_RUN: Final = DAY
OLDEST: Final = 3650 * DAY
_SHORTEST_RUN: Final = 0.001
_MODIFIERS: Final = frozenset({"author_may_approve", "auto_promote"})


def policy(member: Member) -> Policy:
    """Return a policy that demands something."""
    found = overlay(member)
    _require_demands(member, found)
    return found


def overlay(member: Member) -> Policy:
    """Return a policy that says something, if only how to read the one below it."""
    return _overlay(member, POLICY)


def registration(member: Member) -> Policy:
    """Return what a registration must show."""
    found = _overlay(member, REGISTRATION)
    _require_demands(member, found)
    return found


def _overlay(member: Member, readers: dict[str, Reader]) -> Policy:
    found = Policy(**fields(member.value, readers))
    if found == Policy():
        hint = "leave it out, or say what it demands: " + ", ".join(readers)
        raise error(member.key, f"the policy {_under(member)} is empty", hint=hint)
    return found


def by_rung(
    section: Member,
    *,
    rungs: tuple[Rung, ...],
    below: Iterable[tuple[str, Policy]] | None = None,
) -> tuple[tuple[str, Policy], ...]:
    """Return policies by the keys of their rungs, in the order of canonical JSON. With ``below``
    they are those of one program, laid over what is there.
    """
    known, beneath = rungs_by_name(rungs), dict(below or ())
    found: dict[str, tuple[Member, Policy]] = {}
    for member in members(section.value):
        if member.name not in known:
            raise unknown(member.key, "stage", member.name, known)
        rung = known[member.name]
        if rung == rungs[0].name:
            hint = "`registration:` says what a version must show to be registered"
            raise error(member.key, f"the first stage, `{rung}`, takes no policy", hint=hint)
        if rung in found:
            problem = f"stage `{rung}` has a policy already, as {shown(found[rung][0].name)}"
            raise error(member.key, problem)
        found[rung] = (member, overlay(member))
        if rung not in beneath and not (rung == rungs[-1].name and found[rung][1].loads is False):
            _require_demands(*found[rung])
    return tuple((rung, found[rung][1]) for rung in sorted(found))


def rungs_by_name(rungs: tuple[Rung, ...]) -> dict[str, str]:
    """Return the keys of rungs by all that they are called: title and key."""
    by_title = {rung.title: rung.name for rung in rungs if rung.title}
    return by_title | {rung.name: rung.name for rung in rungs}


def _require_demands(member: Member, policy: Policy) -> None:
    told = {name: it for name, it in policy._asdict().items() if name not in _MODIFIERS}
    if all(value is None or value is False or value == () for value in told.values()):
        problem = f"the policy {_under(member)} demands nothing"
        raise error(member.key, problem, hint="leave it out, or say what it demands")


def _under(member: Member) -> str:
    return "here" if member.name == "policy" else f"of {shown(member.name)}"


def _command(member: Member) -> Command:
    if not isinstance(member.value, yaml.MappingNode):
        return Command(command(member))
    told = fields(member.value, COMMAND)
    if "run" not in told:
        raise error(member.key, "a command needs `run`: what the shell is to do")
    return Command(**told)


run_time: Final = partial(time, least=_SHORTEST_RUN, longest=LONGEST_RUN)
COMMAND: Final[dict[str, Reader]] = {"run": command, "timeout": run_time}
POLICY: Final[dict[str, Reader]] = {
    "metrics": partial(listed, "demand", partial(demand, expressions.threshold)),
    "against_live": partial(listed, "demand", partial(demand, expressions.margin)),
    "min_test_coverage": fraction,
    "required_approvals": count,
    "author_may_approve": truth,
    "required_evidence": partial(listed, "evidence", partial(a_word, "evidence")),
    "changelog": truth,
    "contract": partial(choice, "contract", (policies.COMPATIBLE, policies.CAPTURED)),
    "secrets": partial(choice, "demand", (policies.NO_SECRETS,)),
    "metadata": partial(listed, "demand", partial(demand, expressions.need)),
    "loads": truth,
    "min_age": partial(time, longest=OLDEST),
    "command": _command,
    "auto_promote": truth,
}
REGISTRATION: Final[dict[str, Reader]] = {
    **{key: POLICY[key] for key in ("contract", "metrics", "changelog", "secrets", "metadata")},
    "max_size": size,
}
