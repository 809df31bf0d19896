"""Comparing: versions, and files that are not registered, side by side."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare import diff as differences
from dspyreg.compare.bump import Judgement, Level, Reason, judge
from dspyreg.compare.contract import CAPTURED, INFERRED, UNKNOWN, Contract
from dspyreg.compare.metrics import MetricChange, changes
from dspyreg.compare.upgrade import breaking_changes, recommended_tests
from dspyreg.errors import NotFound, UsageError
from dspyreg.lifecycle import labels as automatic
from dspyreg.lifecycle.select import select
from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.selector import Selector
from dspyreg.registry.resolving import moment_of
from dspyreg.registry.subjects import files_subject, subject, version_subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.compare.diff import PredictorDiff, ValueChange
    from dspyreg.config.value import Config
    from dspyreg.formats.normal import Predictor
    from dspyreg.model.state import State
    from dspyreg.registry.facade import Registry
    from dspyreg.registry.subjects import Subject, What

_KNOWLEDGE: Final = (UNKNOWN, INFERRED, CAPTURED)


class Compatibility(NamedTuple):
    """Whether the callers of one program can use another."""

    a: Subject
    b: Subject
    judgement: Judgement
    notices: tuple[str, ...]

    @property
    def compatibility(self) -> str:
        """``identical``, ``compatible``, ``breaking``, or ``unknown`` where facts are missing."""
        return self.judgement.compatibility

    @property
    def knowledge(self) -> str:
        """What the verdict rests on, on the side of which less is known: ``captured``,
        ``inferred`` or ``unknown``.
        """
        sides = (self.a.side.contract.knowledge, self.b.side.contract.knowledge)
        return min(sides, key=_KNOWLEDGE.index)

    def to_json(self) -> dict[str, Any]:
        """The document of ``compat --json``."""
        return {
            "a": self.a.name,
            "b": self.b.name,
            "compatibility": self.compatibility,
            "bump": str(self.judgement.level),
            "reasons": [reason.to_json() for reason in self.judgement.reasons],
            "knowledge": self.knowledge,
            "notices": list(self.notices),
        }


class Difference(NamedTuple):
    """What differs between two programs, part by part, and what that means for callers."""

    verdict: Compatibility
    predictors: tuple[PredictorDiff, ...]
    others: tuple[ValueChange, ...]
    versions: tuple[ValueChange, ...]
    metrics: tuple[MetricChange, ...]

    @property
    def same_program(self) -> bool:
        """Are they the same program, whatever its formatting?"""
        return self.verdict.judgement.same_program

    def to_json(self) -> dict[str, Any]:
        """The document of ``diff --json``."""
        verdict = self.verdict.to_json()
        told = ("compatibility", "knowledge", "reasons")
        return {
            "a": self.verdict.a.to_json(),
            "b": self.verdict.b.to_json(),
            "same_program": self.same_program,
            "predictors": [predictor.to_json() for predictor in self.predictors],
            "others": [change._asdict() for change in self.others],
            "versions": [change._asdict() for change in self.versions],
            "contract": {key: verdict[key] for key in told},
            "metrics": [change._asdict() for change in self.metrics],
            "bump": verdict["bump"],
            "notices": verdict["notices"],
        }


class Step(NamedTuple):
    """One step of an upgrade, from a version to the next."""

    from_: str
    to: str
    compatibility: str
    breaking_changes: tuple[str, ...]
    recommended_tests: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The step of ``upgrade-path --json``."""
        told = self._asdict()
        return {"from": told.pop("from_"), **told}


class UpgradePath(NamedTuple):
    """The steps from one version of a program to another."""

    program: str
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The document of ``upgrade-path --json``."""
        return {"program": self.program, "steps": [step.to_json() for step in self.steps]}


class Suggestion(NamedTuple):
    """Which label a file deserves as the next version, and why; ``to`` is None where it is the
    same program, or no label is given automatically.
    """

    from_: str
    to: str | None
    level: Level
    reasons: tuple[Reason, ...]
    notices: tuple[str, ...]
    knowledge: str

    def to_json(self) -> dict[str, Any]:
        """The document of ``bump --json``."""
        return {
            "from": self.from_,
            "to": self.to,
            "bump": str(self.level),
            "notices": list(self.notices),
            "reasons": [reason.to_json() for reason in self.reasons],
            "knowledge": self.knowledge,
        }


class Prompt(NamedTuple):
    """The predictors of a program with what their prompts say."""

    name: str
    predictors: tuple[Predictor, ...]

    def to_json(self) -> dict[str, Any]:
        """The document of ``show --prompt --json``."""
        return {
            "predictors": [
                {
                    "name": each.name,
                    "instructions": each.instructions,
                    "fields": [field._asdict() for field in each.fields],
                    "demos": list(each.demos),
                }
                for each in self.predictors
            ]
        }


def compat(registry: Registry, a: What, b: What, *, at: str | None) -> Compatibility:
    """See ``Registry.compat``."""
    return _judged(subject(registry, a, at), subject(registry, b, at))


def diff(registry: Registry, a: What, b: What, *, at: str | None) -> Difference:
    """See ``Registry.diff``."""
    verdict = compat(registry, a, b, at=at)
    old, new = verdict.a.side.state, verdict.b.side.state
    falls = registry.configuration().metrics.falls
    found = Difference(
        verdict,
        predictors=(),
        others=(),
        versions=differences.values(verdict.a.dependencies, verdict.b.dependencies),
        metrics=changes(verdict.a.metrics, verdict.b.metrics, falls),
    )
    if old is None or new is None:
        return found
    return found._replace(
        predictors=tuple(map(_harmless, differences.predictors(old, new))),
        others=_masked(differences.values(old.others, new.others)),
    )


def upgrade_path(
    registry: Registry, program: str, from_: str, to: str, *, at: str | None
) -> UpgradePath:
    """See ``Registry.upgrade_path``."""
    labels_ = _stops(registry, program, from_, to, at)
    stops = [version_subject(registry, f"{program}@{label}", at) for label in labels_]
    return UpgradePath(program, tuple(_step(_judged(a, b)) for a, b in pairwise(stops)))


def bump(
    registry: Registry, program: str, path: What, *, contract: Mapping[str, Any] | None
) -> Suggestion:
    """See ``Registry.suggest_bump``."""
    old, new = version_subject(registry, program, None), files_subject(registry, os.fspath(path))
    if contract is not None:
        new = new._replace(side=new.side._replace(contract=Contract.from_json(dict(contract))))
    verdict = _judged(old, new)
    level = verdict.judgement.level
    to, notices = _next(registry, program, level)
    assert old.version is not None  # noqa: S101 - it was named by a selector
    return Suggestion(
        old.version.label,
        to,
        level,
        verdict.judgement.reasons,
        (*verdict.notices, *notices),
        verdict.knowledge,
    )


def prompt(registry: Registry, selector: str, *, at: str | None) -> Prompt:
    """See ``Registry.prompt``."""
    subject = version_subject(registry, selector, at)
    if subject.side.state is None:
        why = "; ".join(subject.notices)
        raise NotFound("saved state", f"in {subject.name} that can be read", hint=why or None)
    return Prompt(subject.name, subject.side.state.predictors)


# From two of them to a verdict


def _judged(a: Subject, b: Subject) -> Compatibility:
    judgement = judge(a.side, b.side)
    if a.version is not None and b.version is not None and a.version.digest == b.version.digest:
        judgement = Judgement(Level.NONE, (), (), same_program=True)
    elif _same_bytes(a, b):
        level = max((reason.level for reason in judgement.reasons), default=Level.NONE)
        judgement = judgement._replace(level=level, same_program=True)
    notices = dict.fromkeys((*a.notices, *b.notices, *judgement.unknown))
    return Compatibility(a, b, judgement, tuple(notices))


def _same_bytes(a: Subject, b: Subject) -> bool:
    """Have they the same files? What a lone file is called does not count."""
    if len(a.contents) == len(b.contents) == 1:
        return a.contents[0][1] == b.contents[0][1]
    return sorted(a.contents) == sorted(b.contents)


def _harmless(predictor: PredictorDiff) -> PredictorDiff:
    return predictor._replace(lm=_masked(predictor.lm), more=_masked(predictor.more))


def _masked(found: tuple[ValueChange, ...]) -> tuple[ValueChange, ...]:
    """The changes without keys and passwords: a file that is not registered may hold some."""
    if not found:
        return ()
    from dspyreg.formats.secrets import redacted

    def without(key: str, value: Any) -> Any:
        return redacted({"lm": {key: value}})["lm"][key]

    return tuple(c._replace(old=without(c.key, c.old), new=without(c.key, c.new)) for c in found)


def _step(verdict: Compatibility) -> Step:
    a, b = verdict.a.version, verdict.b.version
    assert a is not None  # noqa: S101 - steps are between versions
    assert b is not None  # noqa: S101
    return Step(
        a.label,
        b.label,
        verdict.compatibility,
        breaking_changes(verdict.judgement),
        recommended_tests(verdict.judgement),
    )


def _stops(registry: Registry, program: str, from_: str, to: str, at: str | None) -> list[str]:
    """The labels from one version to another, both included, by SemVer precedence."""
    with registry.the_log.lock:
        _, state = moment_of(registry, at)
        config = registry.configuration_of(state)
        first, last = (_number(state, config, program, text) for text in (from_, to))
        order = _order(state, program, {first, last})
    begin, end = order.index(first), order.index(last)
    if begin > end:
        raise UsageError(
            f"{program}@{from_} does not come before {program}@{to}",
            hint=f"`dspyreg upgrade-path {program} {to} {from_}`",
        )
    return [state.label(program, number) for number in order[begin : end + 1]]


def _number(state: State, config: Config, program: str, text: str) -> int:
    return select(state, config, Selector.parse(f"{program}@{text}"))[0]


def _order(state: State, program: str, ends: set[int]) -> list[int]:
    """All versions, lowest first: by precedence if every label is SemVer, else by number.

    Prereleases and archived versions count only where they are an end.
    """
    ranked = {row.number: row.rank for row in state.ranked(program)}
    ranked.update({end: labels.rank(state.label(program, end)) for end in ends})
    if any(rank is None for rank in ranked.values()):
        return sorted(ranked)
    chosen = [n for n, rank in ranked.items() if n in ends or (rank and labels.is_release(rank))]
    return sorted(chosen, key=lambda number: (ranked[number] or "", number))


def _next(registry: Registry, program: str, level: Level) -> tuple[str | None, tuple[str, ...]]:
    """The label that registering would give to a change of that level."""
    if level is Level.NONE:
        return None, ("the same program: it would not be registered again",)
    with registry.the_log.lock:
        _, state = moment_of(registry, None)
        config = registry.configuration_of(state)
        if not config.versioning.auto_increment:
            return None, ("the configuration asks for a label of your own",)
        number = 1 + int(state.get(names.reserved_number(program)) or 0)
        now = registry.now()
        label = automatic.automatic(state, config, program, number, bump=str(level), now=now)
    return label, ()
