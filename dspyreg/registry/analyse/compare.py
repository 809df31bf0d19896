"""The comparison of two versions: the better one, and the other differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare import winner
from dspyreg.compare.metrics import TIE, A, B, MetricChange, changes, unlike
from dspyreg.model.metrics import DECIDED
from dspyreg.registry.analyse.diff import judged
from dspyreg.registry.artifacts.program_state import version_subject
from dspyreg.registry.read.resolve import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dspyreg.compare.diff import ValueChange
    from dspyreg.model.metrics import Metrics
    from dspyreg.model.version import Version
    from dspyreg.registry.analyse.diff import Compatibility
    from dspyreg.registry.artifacts.program_state import Subject
    from dspyreg.registry.context import Context

CONFIGURATION: Final = "configuration"
_AUTOMATIC: Final = {"previous_version", "change_type", "auto_registered", CONFIGURATION}


class Comparison(NamedTuple):
    """The comparison of two versions.

    ``metrics`` are those that both have, ``added`` those of the second only, and ``removed``
    those of the first only.
    """

    verdict: Compatibility
    metrics: tuple[MetricChange, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    result: winner.Winner
    configuration: tuple[ValueChange, ...]
    metadata: tuple[ValueChange, ...]
    recommendation: str

    @property
    def versions(self) -> tuple[Version, Version]:
        """Both versions."""
        return self.verdict.a.require_version(), self.verdict.b.require_version()

    @property
    def configuration_changes(self) -> tuple[str, ...]:
        """The differences in configuration, in words."""
        return winner.in_words(self.configuration)

    @property
    def metadata_changes(self) -> tuple[str, ...]:
        """The other differences in metadata, in words."""
        return winner.in_words(self.metadata)

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``compare --json``."""
        a, b = self.versions
        return {
            "version_a": a.to_json(),
            "version_b": b.to_json(),
            "metrics": [change._asdict() for change in self.metrics],
            "added": list(self.added),
            "removed": list(self.removed),
            "primary_metric": self.result.metric,
            "winner": self.result.winner,
            "definitely_better": self.result.definitely,
            "configuration_changes": list(self.configuration_changes),
            "metadata_changes": list(self.metadata_changes),
            "compatibility": self.verdict.compatibility,
            "recommendation": self.recommendation,
            "notices": list(self.verdict.notices),
        }


def compare(context: Context, a: str, b: str, *, at: str | None) -> Comparison:
    """See ``Registry.compare``."""
    left, right = version_subject(context, a, at), version_subject(context, b, at)
    with moment_of(context, at) as moment:
        config = moment.config
    metrics = config.metrics_of(left.require_version().program)
    return compared(judged(left, right), metrics)


def compared(verdict: Compatibility, metrics: Metrics) -> Comparison:
    """Return the comparison of two versions; ``metrics`` has the directions of metrics."""
    a, b = verdict.a, verdict.b
    rows = changes(a.metrics, b.metrics, metrics)
    common = tuple(row for row in rows if row.a is not None and row.b is not None)
    result = winner.winner(common, primary(a.metrics, b.metrics, metrics), metrics.tie)
    incomparable = unlike(common, metrics)
    comparison = Comparison(
        verdict._replace(notices=(*verdict.notices, *incomparable)),
        common,
        added=tuple(row.metric for row in rows if row.a is None),
        removed=tuple(row.metric for row in rows if row.b is None),
        result=result,
        configuration=_configuration(a, b),
        metadata=winner.differences(_metadata(a), _metadata(b)),
        recommendation="",
    )
    recommendation = _recommendation(comparison, incomparable, metrics.tie)
    return comparison._replace(recommendation=recommendation)


def primary(a: Mapping[str, float], b: Mapping[str, float], metrics: Metrics) -> str | None:
    """Return the metric that is the score of both; None if there is none."""
    of_a, of_b = metrics.scored_by(a), metrics.scored_by(b)
    return of_a if of_a == of_b else None


def mixed(rows: Sequence[MetricChange], ahead: str) -> str | None:
    """Return, in words, the metrics in which each side is better, seen from side ``ahead``.

    It is None if one side is better in none.
    """
    better = [row.metric for row in rows if row.better == ahead]
    worse = [row.metric for row in rows if row.better not in {ahead, TIE, None}]
    if not better or not worse:
        return None
    return f"mixed: better in {', '.join(better)}, worse in {', '.join(worse)}; {DECIDED}"


def _configuration(a: Subject, b: Subject) -> tuple[ValueChange, ...]:
    """Return the differences in registered configurations, else in the saved states."""
    registered = [configuration_of(each) for each in (a, b)]
    states = [each.side.state for each in (a, b)]
    if all(registered) or (any(registered) and not all(states)):
        return winner.differences(registered[0] or {}, registered[1] or {})
    if states[0] is None or states[1] is None:
        return ()
    return winner.differences(winner.members(states[0]), winner.members(states[1]))


def configuration_of(subject: Subject) -> dict[str, Any] | None:
    """Return the configuration in a version's metadata; None if it has none."""
    value = subject.version.metadata.get(CONFIGURATION) if subject.version else None
    return value if isinstance(value, dict) else None


def _metadata(subject: Subject) -> dict[str, Any]:
    metadata = subject.version.metadata if subject.version else {}
    return {key: value for key, value in metadata.items() if key not in _AUTOMATIC}


# In words


def _recommendation(comparison: Comparison, incomparable: tuple[str, ...], tie: float) -> str:
    a, b = (str(version) for version in comparison.versions)
    side = comparison.result.winner
    if side == winner.NONE:
        reason = next(iter(incomparable), None) or mixed(comparison.metrics, B)
        return reason or f"Nothing was measured for both {a} and {b}: measure them on the same data"
    if side == TIE:
        return f"No significant difference{_by(comparison, tie)}: {a} may stay"
    better, other = (a, b) if side == A else (b, a)
    worse = [row.metric for row in comparison.metrics if row.better not in {side, TIE, None}]
    but = f", but worse in {', '.join(worse)}" if worse else ""
    text = f"{better} is better{_by(comparison)}{but}"
    if side == B and comparison.verdict.is_breaking:
        return f"{text}; callers of {other} must change first"
    return text


def _by(comparison: Comparison, tie: float | None = None) -> str:
    result = comparison.result
    row = next((each for each in comparison.metrics if each.metric == result.metric), None)
    if row is None:
        better = [each.metric for each in comparison.metrics if each.better == result.winner]
        return "" if tie is not None else f" in {', '.join(better)}"
    if tie is not None:
        return f" in {row.metric} (less than {tie:.6g})"
    percent = "" if row.change_percent is None else f", {row.change_percent:+.2f}%"
    return f" in {row.metric} ({row.a:.6g} → {row.b:.6g}{percent})"
