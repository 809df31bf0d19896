"""Policies in the YAML document: of a rung, an environment, one program or a registration."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import yaml

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
    word,
)
from dspyreg.config.yaml_nodes import Member, Reader, error, fields, members, unknown
from dspyreg.config.yaml_text import shown
from dspyreg.policy import forms
from dspyreg.policy.forms import Command
from dspyreg.policy.known import every_key
from dspyreg.policy.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dspyreg.config.value import Rung


def policy(member: Member) -> Policy:
    """Return a policy that demands something."""
    read = _policy(member, POLICY)
    _require_demands(member, read)
    return read


def registration(member: Member) -> Policy:
    """Return the policy of registrations."""
    read = _policy(member, REGISTRATION)
    _require_demands(member, read)
    return read


def by_rung(
    section: Member,
    *,
    rungs: tuple[Rung, ...],
    below: Iterable[tuple[str, Policy]] | None = None,
) -> tuple[tuple[str, Policy], ...]:
    """Return policies by the keys of their rungs, in the order of canonical JSON. With ``below``
    they are those of one program, laid over these.
    """
    known, beneath = rungs_by_name(rungs), dict(below or ())
    read: dict[str, tuple[Member, Policy]] = {}
    for member in members(section.value):
        if member.name not in known:
            raise unknown(member.key, "stage", member.name, known)
        rung = known[member.name]
        if rung == rungs[0].name:
            raise error(member.key, "first-stage-has-policy", stage=rung)
        if rung in read:
            other = shown(read[rung][0].name)
            raise error(member.key, "stage-has-two-policies", stage=rung, other=other)
        read[rung] = (member, _policy(member, POLICY))
        if rung not in beneath and not (rung == rungs[-1].name and _is_exempt(read[rung][1])):
            _require_demands(*read[rung])
    return tuple((rung, read[rung][1]) for rung in sorted(read))


def _is_exempt(policy: Policy) -> bool:
    """Return whether a policy of the last rung lifts the demand that it has by default."""
    from dspyreg.policy import loads

    return policy.get(loads.KEY) is False


def rungs_by_name(rungs: tuple[Rung, ...]) -> dict[str, str]:
    """Return the keys of rungs, by title and by key."""
    by_title = {rung.title: rung.name for rung in rungs if rung.title}
    return by_title | {rung.name: rung.name for rung in rungs}


def _policy(member: Member, readers: dict[str, Reader]) -> Policy:
    read = Policy(**fields(member.value, readers))
    if read == Policy():
        raise error(member.key, "policy-empty", policy=_called(member), keys=", ".join(readers))
    return read


def _require_demands(member: Member, policy: Policy) -> None:
    values = (policy.get(key) for key in _KEYS if key.is_demand)
    if all(value is None or value is False or value == () for value in values):
        raise error(member.key, "policy-without-demand", policy=_called(member))


def _called(member: Member) -> str:
    return "here" if member.name == "policy" else f"of {shown(member.name)}"


def _command(member: Member) -> Command:
    if not isinstance(member.value, yaml.MappingNode):
        return Command(command(member))
    options = fields(member.value, COMMAND)
    if "run" not in options:
        raise error(member.key, "command-without-run")
    return Command(**options)


def time_of(form: forms.Time) -> Reader:
    """Return the reader of a length of time."""
    return partial(time, least=form.shortest, longest=form.longest)


# A new form is a new row.
_READERS: Final[dict[type, Callable[[Any], Reader]]] = {
    forms.Truth: lambda _: truth,
    forms.Count: lambda _: count,
    forms.Fraction: lambda _: fraction,
    forms.Time: time_of,
    forms.Size: lambda _: size,
    forms.Choice: lambda form: partial(choice, form.kind, form.words),
    forms.Words: lambda form: partial(listed, form.kind, partial(word, form.kind)),
    forms.Demands: lambda form: partial(listed, "demand", partial(demand, form.kind.parse)),
    forms.ShellCommand: lambda _: _command,
}
_KEYS: Final = every_key()
RUN_TIME: Final = time_of(forms.ShellCommand.limit)
COMMAND: Final[dict[str, Reader]] = {"run": command, "timeout": RUN_TIME}
POLICY: Final[dict[str, Reader]] = {
    key.name: _READERS[type(key.form)](key.form) for key in _KEYS if key.promotion is not None
}
REGISTRATION: Final[dict[str, Reader]] = {
    key.name: _READERS[type(key.form)](key.form) for key in _KEYS if key.registration is not None
}
