"""Labels and changes: the next label, and the upgrade path from one label to another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.compare.bump import Level, Reason
from dspyreg.compare.carry_over import carried
from dspyreg.compare.contract import Contract
from dspyreg.compare.upgrade import breaking_changes, recommended_tests
from dspyreg.errors import UsageError
from dspyreg.lifecycle import labels as automatic
from dspyreg.lifecycle.select import select
from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.selector import Selector
from dspyreg.registry.analyse.diff import judged
from dspyreg.registry.artifacts.program_state import files_subject, version_subject
from dspyreg.registry.read.resolve import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.config.value import Config
    from dspyreg.model.state import State
    from dspyreg.registry.analyse.diff import Compatibility
    from dspyreg.registry.artifacts.program_state import SelectorOrPath
    from dspyreg.registry.context import Context


class UpgradeStep(NamedTuple):
    """A step of an upgrade, from a version to the next."""

    from_: str
    to: str
    compatibility: str
    breaking_changes: tuple[str, ...]
    recommended_tests: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the step of ``upgrade-path --json``."""
        members = self._asdict()
        return {"from": members.pop("from_"), **members}


class UpgradePath(NamedTuple):
    """The steps from one version of a program to another."""

    program: str
    steps: tuple[UpgradeStep, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``upgrade-path --json``."""
        return {"program": self.program, "steps": [step.to_json() for step in self.steps]}


class Suggestion(NamedTuple):
    """The suggested label of a file as the next version, and the reasons.

    ``to`` is None if it is the same program, or if labels are not given automatically.
    """

    from_: str
    to: str | None
    level: Level
    reasons: tuple[Reason, ...]
    notices: tuple[str, ...]
    knowledge: str

    def is_at_most(self, level: str) -> bool:
        """Return whether the change is at most ``patch``, ``minor`` or ``major``."""
        return self.level <= Level[level.upper()]

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``bump --json``."""
        return {
            "from": self.from_,
            "to": self.to,
            "bump": str(self.level),
            "notices": list(self.notices),
            "reasons": [reason.to_json() for reason in self.reasons],
            "knowledge": self.knowledge,
        }


def upgrade_path(
    context: Context, program: str, from_: str, to: str, *, at: str | None, allow_pickle: bool
) -> UpgradePath:
    """See ``Registry.upgrade_path``."""
    versions = [
        version_subject(context, f"{program}@{label}", at, allow_pickle=allow_pickle)
        for label in _labels(context, program, from_, to, at)
    ]
    return UpgradePath(program, tuple(_step(judged(a, b)) for a, b in pairwise(versions)))


def bump(
    context: Context,
    program: str,
    path: SelectorOrPath,
    *,
    contract: Mapping[str, Any] | None,
    allow_pickle: bool,
) -> Suggestion:
    """See ``Registry.suggest_bump``."""
    program = names.program(program)
    old = version_subject(context, program, None, allow_pickle=allow_pickle)
    new = files_subject(context, path, allow_pickle=allow_pickle)
    if contract is not None:
        new = new._replace(side=new.side._replace(contract=Contract.from_json(dict(contract))))
    new = new._replace(side=carried(old.side, new.side) or new.side)
    verdict = judged(old, new)
    level = verdict.judgement.level
    to, notices = _next(context, program, level)
    return Suggestion(
        old.require_version().label,
        to,
        level,
        verdict.judgement.reasons,
        (*verdict.notices, *notices),
        verdict.knowledge,
    )


def _step(verdict: Compatibility) -> UpgradeStep:
    return UpgradeStep(
        verdict.a.require_version().label,
        verdict.b.require_version().label,
        verdict.compatibility,
        breaking_changes(verdict.judgement),
        recommended_tests(verdict.judgement),
    )


def _labels(context: Context, program: str, from_: str, to: str, at: str | None) -> list[str]:
    """Return the labels from one version to another, both included, by SemVer precedence."""
    with moment_of(context, at) as moment:
        state, config = moment.state, moment.config
        first, last = (_number(state, config, program, text) for text in (from_, to))
        order = _order(state, program, {first, last})
    begin, end = order.index(first), order.index(last)
    if begin > end:
        raise UsageError("upgrade-reversed", program=program, from_=from_, to=to)
    return [state.label(program, number) for number in order[begin : end + 1]]


def _number(state: State, config: Config, program: str, text: str) -> int:
    return select(state, config, Selector.parse(f"{program}@{text}"))[0]


def _order(state: State, program: str, ends: set[int]) -> list[int]:
    """Return all versions, lowest first: by precedence if every label is SemVer, else by number.

    Prereleases and archived versions count only as an end of the path.
    """
    ranked = {row.number: row.rank for row in state.ranked(program)}
    ranked.update({end: labels.rank(state.label(program, end)) for end in ends})
    if any(rank is None for rank in ranked.values()):
        return sorted(ranked)
    chosen = [n for n, rank in ranked.items() if n in ends or (rank and labels.is_release(rank))]
    return sorted(chosen, key=lambda number: (ranked[number] or "", number))


def _next(context: Context, program: str, level: Level) -> tuple[str | None, tuple[str, ...]]:
    """Return the label that a registration would give to a change of that level."""
    if level is Level.NONE:
        return None, ("the same program: it would not be registered again",)
    with moment_of(context, None) as moment:
        state, config = moment.state, moment.config
        if not config.versioning.auto_increment:
            return None, ("the configuration requires a label of your own",)
        number = 1 + int(state.get(names.reserved_number(program)) or 0)
        now = context.now()
        label = automatic.automatic(state, config, program, number, bump=str(level), now=now)
    return label, ()
