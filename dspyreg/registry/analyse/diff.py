"""The differences and the compatibility of two versions, or of files that are not registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare import diff as differences
from dspyreg.compare import settings
from dspyreg.compare.bump import Judgement, Level, judge
from dspyreg.compare.contract import CAPTURED, CARRIED, INFERRED, UNKNOWN
from dspyreg.compare.metrics import MetricChange, changes
from dspyreg.registry.artifacts.program_state import subject

if TYPE_CHECKING:
    from dspyreg.compare.diff import PredictorDiff, ValueChange
    from dspyreg.registry.artifacts.program_state import SelectorOrPath, Subject
    from dspyreg.registry.context import Context

_KNOWLEDGE: Final = (UNKNOWN, INFERRED, CARRIED, CAPTURED)


class Compatibility(NamedTuple):
    """The verdict on the use of one program by the callers of another."""

    a: Subject
    b: Subject
    judgement: Judgement
    notices: tuple[str, ...]

    @property
    def compatibility(self) -> str:
        """``identical``, ``compatible``, ``breaking``, or ``unknown`` if facts are missing."""
        return self.judgement.compatibility

    @property
    def is_breaking(self) -> bool:
        """True if a breaking change is known."""
        return self.judgement.level is Level.MAJOR

    @property
    def are_versions(self) -> bool:
        """True if both are registered, so that they can have metrics."""
        return self.a.version is not None and self.b.version is not None

    @property
    def knowledge(self) -> str:
        """The kind of the less known of both contracts.

        It is ``captured``, ``carried``, ``inferred`` or ``unknown``.
        """
        kinds = (self.a.side.contract.knowledge, self.b.side.contract.knowledge)
        return min(kinds, key=_KNOWLEDGE.index)

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``compat --json``."""
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
    """The differences between two programs, part by part, and the verdict for callers."""

    verdict: Compatibility
    predictors: tuple[PredictorDiff, ...]
    others: tuple[ValueChange, ...]
    settings: tuple[ValueChange, ...]
    versions: tuple[ValueChange, ...]
    metrics: tuple[MetricChange, ...]

    @property
    def same_program(self) -> bool:
        """True if both are the same program, whatever their formatting."""
        return self.verdict.judgement.same_program

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``diff --json``."""
        verdict = self.verdict.to_json()
        return {
            "a": self.verdict.a.to_json(),
            "b": self.verdict.b.to_json(),
            "same_program": self.same_program,
            "predictors": [predictor.to_json() for predictor in self.predictors],
            "others": [change._asdict() for change in self.others],
            "settings": [change._asdict() for change in self.settings],
            "versions": [change._asdict() for change in self.versions],
            "contract": {key: verdict[key] for key in ("compatibility", "knowledge", "reasons")},
            "metrics": [change._asdict() for change in self.metrics],
            "bump": verdict["bump"],
            "notices": verdict["notices"],
        }


def compat(
    context: Context, a: SelectorOrPath, b: SelectorOrPath, *, at: str | None, allow_pickle: bool
) -> Compatibility:
    """See ``Registry.compat``."""
    old, new = (subject(context, each, at, allow_pickle=allow_pickle) for each in (a, b))
    return judged(old, new)


def diff(
    context: Context, a: SelectorOrPath, b: SelectorOrPath, *, at: str | None, allow_pickle: bool
) -> Difference:
    """See ``Registry.diff``."""
    verdict = compat(context, a, b, at=at, allow_pickle=allow_pickle)
    old, new = verdict.a.side.state, verdict.b.side.state
    metrics: tuple[MetricChange, ...] = ()
    if verdict.a.version is not None and verdict.are_versions:
        directions = context.configuration().metrics_of(verdict.a.version.program)
        metrics = changes(verdict.a.metrics, verdict.b.metrics, directions)
    difference = Difference(
        verdict,
        predictors=(),
        others=(),
        settings=settings.changes(verdict.a.side.settings, verdict.b.side.settings),
        versions=differences.values(verdict.a.dependencies, verdict.b.dependencies),
        metrics=metrics,
    )
    if old is None or new is None:
        return difference
    return difference._replace(
        predictors=tuple(map(_without_secrets, differences.predictors(old, new))),
        others=_masked(differences.values(old.others, new.others)),
    )


def judged(a: Subject, b: Subject) -> Compatibility:
    """Return the verdict on two subjects."""
    judgement = judge(a.side, b.side)
    if a.version and b.version and a.version.digest == b.version.digest:
        judgement = Judgement(Level.NONE, (), (), same_program=True)
    elif _same_bytes(a, b):
        level = max((reason.level for reason in judgement.reasons), default=Level.NONE)
        same = not settings.changes(a.side.settings, b.side.settings)
        judgement = judgement._replace(level=level, same_program=same)
    one_sided = settings.one_sided(a.side.settings, b.side.settings)
    notices = dict.fromkeys((*a.notices, *b.notices, *judgement.unknown, *one_sided))
    return Compatibility(a, b, judgement, tuple(notices))


def _same_bytes(a: Subject, b: Subject) -> bool:
    """Return whether both have the same files. The name of a lone file does not count."""
    if len(a.contents) == len(b.contents) == 1:
        return a.contents[0][1] == b.contents[0][1]
    return sorted(a.contents) == sorted(b.contents)


def _without_secrets(predictor: PredictorDiff) -> PredictorDiff:
    return predictor._replace(lm=_masked(predictor.lm), more=_masked(predictor.more))


def _masked(changes: tuple[ValueChange, ...]) -> tuple[ValueChange, ...]:
    """Return the changes without secrets, which a file that is not registered may hold."""
    if not changes:
        return ()
    from dspyreg.formats.secrets import redacted

    def without(key: str, value: Any) -> Any:
        return redacted({"lm": {key: value}})["lm"][key]

    return tuple(c._replace(old=without(c.key, c.old), new=without(c.key, c.new)) for c in changes)
