"""Layouts of measurements, comparisons and deployment plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.render.blocks import Fields, Layout, Lines, Plot, Table
from dspyreg.render.text import number, time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dspyreg.compare.metrics import MetricChange
    from dspyreg.compare.trends import Day
    from dspyreg.registry.analyse.compare import Comparison
    from dspyreg.registry.analyse.plan import DeploymentPlan
    from dspyreg.registry.read.history import Measurements, Trends
    from dspyreg.render.blocks import Block
    from dspyreg.render.options import RenderOptions

_FINE: Final = 10
MOST_CHANGES: Final = 20  # in the metadata
_TREND: Final = "improvement_trend"


def measurements(result: Measurements, options: RenderOptions) -> Layout:
    """Lay out averages by day, if there are any, else the values of a metric, else the scores."""
    if options.plot:
        return _with_trends(_plot(result), result)
    if result.days is not None:
        return _with_trends(_days(result.days), result)
    return _with_trends(_values(result) if result.is_series else _scores(result), result)


def _days(days: Iterable[Day]) -> Table:
    columns = ("day", "metric", "average", "lowest", "highest", "measurements")
    rows = tuple(
        (day.date, day.metric, *map(number, (day.average, day.lowest, day.highest)), str(day[-1]))
        for day in days
    )
    return Table(columns, rows)


def _values(result: Measurements) -> Table:
    rows = tuple(
        (time(each.recorded_at), each.label, number(each.value), each.actor)
        for each in result.measurements
    )
    return Table(("time", "version", str(result.metric), "by"), rows)


def _scores(result: Measurements) -> Table:
    """Return the score of each version; if some have none, a column for every metric."""
    if any(each.score is None for each in result.versions):
        metrics = sorted({metric for each in result.versions for metric in each.metrics})
        rows = tuple(
            (
                each.label,
                str(each.number),
                *(number(each.metrics.get(metric)) for metric in metrics),
                time(each.recorded_at),
            )
            for each in result.versions
        )
        return Table(("version", "number", *metrics, "measured"), rows)
    rows = tuple(
        (each.label, str(each.number), number(each.score), time(each.recorded_at))
        for each in result.versions
    )
    return Table(("version", "number", "score", "measured"), rows)


def _plot(result: Measurements) -> Plot:
    title = result.metric or "score"
    if result.days is not None:
        metric = result.days[0].metric if result.days else ""
        days = [day for day in result.days if day.metric == (result.metric or metric)]
        values = tuple(day.average for day in days)
        return Plot(f"{title} by day", tuple(day.date for day in days), values)
    if result.is_series:
        times = tuple(time(each.recorded_at) for each in result.measurements)
        return Plot(title, times, tuple(each.value for each in result.measurements))
    scores = [(each.label, each.score) for each in result.versions if each.score is not None]
    labels, values = tuple(label for label, _ in scores), tuple(score for _, score in scores)
    return Plot(f"{title} by version", labels, values)


def _with_trends(block: Table | Plot, result: Measurements) -> Layout:
    fields = trend_fields(result.trends)
    return (block, Fields(fields)) if fields else (block,)


def trend_fields(trends: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the trend of the scores as names and values."""
    return tuple(
        (name.replace("_", " "), percent(value) if name == _TREND else number(value))
        for name, value in trends.items()
        if value is not None
    )


def percent(value: float | None) -> str:
    """Return a percentage with its sign; nothing for None."""
    return "" if value is None else f"{value:+.2f}%"


def change(value: float | None) -> str:
    """Return a difference with its sign; small ones have at least three decimals."""
    if value is None:
        return ""
    fine = f"{value:+.3f}"
    return fine if abs(value) < _FINE and float(fine) == round(value, 12) else f"{value:+.6g}"


def trends(result: Trends, options: RenderOptions) -> Layout:
    """Lay out the trend of each metric."""
    rows = tuple(
        (metric, number(each.current), each.trend or "not known", percent(each.change_30d))
        for metric, each in result.metrics.items()
    )
    return (Table(("metric", "current", "trend", "in 30 days"), rows),)


def side_by_side(
    metrics: Sequence[MetricChange], names: dict[str, str]
) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table of metrics."""
    return tuple(
        (
            each.metric,
            number(each.a),
            number(each.b),
            change(each.change),
            percent(each.change_percent),
            names[each.better or "none"],
        )
        for each in metrics
    )


METRIC_COLUMNS: Final = ("metric", "from", "to", "change", "percent", "better")


def side_names(result: Comparison) -> dict[str, str]:
    """Return the names of ``a`` and ``b``, of a tie, and of no winner."""
    a, b = map(str, result.versions)
    return {"a": a, "b": b, "tie": "equal", "none": "not known"}


def comparison(result: Comparison, options: RenderOptions) -> Layout:
    """Lay out a comparison of two versions; metadata changes are cut unless ``whole``."""
    names, (a, b) = side_names(result), result.versions
    fields = [("from", str(a)), ("to", str(b)), ("winner", names[result.result.winner])]
    if result.result.definitely:
        fields[-1] = ("winner", f"{names[result.result.winner]}, worse in nothing")
    if result.result.metric:
        fields.append(("judged by", result.result.metric))
    fields.append(("compatibility", result.verdict.compatibility))
    blocks: list[Block] = [Fields(tuple(fields))]
    if result.metrics:
        blocks.append(Table(METRIC_COLUMNS, side_by_side(result.metrics, names)))
    lines = (
        *(f"only {b} has {metric}" for metric in result.added),
        *(f"only {a} has {metric}" for metric in result.removed),
        *result.configuration_changes,
        *some(result.metadata_changes, whole=options.whole),
    )
    blocks += [Lines(lines)] if lines else []
    return (*blocks, Lines((result.recommendation,)))


def some(changes: Sequence[str], *, whole: bool) -> tuple[str, ...]:
    """Return the first changes in the metadata, and how many more there are; or all of them."""
    rest = len(changes) - MOST_CHANGES
    if whole or rest <= 0:
        return tuple(changes)
    return (*changes[:MOST_CHANGES], f"and {rest} more changes in the metadata: --all")


def deployment_plan(result: DeploymentPlan, options: RenderOptions) -> Layout:
    """Lay out the checks and effects of a deployment."""
    fields = (
        ("environment", result.environment),
        ("current", str(result.current) if result.current else "nothing"),
        ("target", str(result.target)),
        ("performance change", change(result.performance_change)),
        ("safe", "yes" if result.deployment_safe else "no"),
    )
    checks = tuple(("ok" if each.is_safe else "no", each.message) for each in result.results)
    blocks: list[Any] = [Fields(tuple(pair for pair in fields if pair[1]))]
    blocks.append(Table(("safe", "check"), checks))
    return (*blocks, Lines(result.recommendations)) if result.recommendations else tuple(blocks)
