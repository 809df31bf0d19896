"""History and trends of measurements, and the recommendations of ``status``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from builders import Clock, Programs, a_registry, act_as

from dspyreg.errors import NotFound, UsageError
from dspyreg.render.known import render
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


@pytest.fixture
def clock() -> Clock:
    """A clock for a test to advance."""
    return Clock()


@pytest.fixture
def days(clock: Clock, tmp_path: Path) -> Iterator[Registry]:
    """qa 1.0.0 measured on a day and forty days later, 1.0.1 a day after that."""
    with a_registry(clock=clock) as registry:
        programs = Programs(registry, tmp_path)
        registry.apply("metrics: {primary: em}")
        programs.register(metrics={"em": 0.5, "latency": 200})
        registry.score("qa@1.0.0", {"em": 0.7})
        clock.advance(timedelta(days=40))
        registry.score("qa@1.0.0", {"em": 0.8})
        clock.advance(timedelta(days=1))
        programs.register(metrics={"em": 0.9, "latency": 100})
        yield registry


def values(registry: Registry, **more: str) -> list[float]:
    return [each.value for each in registry.history("qa", **more).measurements]


def test_history_lists_every_measurement_of_the_score(days: Registry):
    assert values(days) == [0.5, 0.7, 0.8, 0.9]


def test_history_lists_every_measurement_of_a_metric(days: Registry):
    assert values(days, metric="latency") == [200, 100]
    found = days.history("qa", metric="latency")
    assert [version.score for version in found.versions] == [200, 100]
    assert (found.trends["best_score"], found.trends["improvement_trend"]) == (100, -50.0)


def test_a_measurement_has_a_time_and_an_actor(days: Registry):
    act_as(days, "bea")
    days.score("qa@1.0.1", {"em": 1.0})
    newest = days.history("qa").measurements[-1]
    assert (newest.actor, newest.label, newest.number) == ("bea", "1.0.1", 2)
    assert newest.recorded_at == days.log()[0].time


def test_the_newest_measurement_of_a_version_is_its_score(days: Registry):
    versions = days.history("qa").versions
    assert [(each.label, each.score) for each in versions] == [("1.0.0", 0.8), ("1.0.1", 0.9)]


@pytest.mark.parametrize("since", ["7d", "2026-12-01", "2026-12-01T00:00:00+02:00", "20261201"])
def test_history_starts_at_the_since_option(days: Registry, since: str):
    assert values(days, since=since) == [0.8, 0.9]


def test_history_since_after_the_last_measurement_is_empty_with_a_notice(days: Registry):
    found = days.history("qa", since="2027-01-01")
    assert (found.versions, found.trends) == ((), {})
    assert found.notices[0].startswith("nothing since then; the newest measurement is of 2026-12")


@pytest.mark.parametrize("since", ["soon", "", "-3d", "99999999999d", "2026-13-01"])
def test_an_invalid_since_is_a_usage_error(days: Registry, since: str):
    with pytest.raises(UsageError, match="invalid --since"):
        days.history("qa", since=since)


def test_history_by_day_averages_each_day(days: Registry):
    found = days.history("qa", interval="day").days
    assert found is not None
    assert [(day.date, day.average) for day in found] == [
        ("2026-11-01", 0.6),
        ("2026-12-11", 0.8),
        ("2026-12-12", 0.9),
    ]


def test_an_unknown_interval_is_a_usage_error(days: Registry):
    with pytest.raises(UsageError, match="unknown interval"):
        days.history("qa", interval="fortnight")


def test_history_can_be_read_as_of_an_earlier_entry(days: Registry):
    assert values(days, at="3") == [0.5, 0.7]
    assert values(days, at="2026-12-01") == [0.5, 0.7]
    assert values(days, at="2026-12-12", since="7d") == [0.8]


def test_an_undone_measurement_is_not_in_the_history(days: Registry):
    undone = days.score("qa@1.0.0", {"em": 0.1})
    assert undone.entry is not None
    taken = days.undo(undone.entry.seq)
    assert values(days) == [0.5, 0.7, 0.8, 0.9]
    days.redo()
    again = days.history("qa").measurements[-1]
    assert taken.entry is not None
    assert (again.value, again.recorded_at) == (0.1, undone.entry.time)


def test_history_of_an_unmeasured_metric_is_not_found(days: Registry):
    with pytest.raises(NotFound, match="f1 of qa") as caught:
        days.history("qa", metric="f1")
    assert caught.value.hint == "measured were em, latency"


def test_history_of_an_unknown_program_is_not_found(registry: Registry):
    for ask in (registry.history, registry.trends):
        with pytest.raises(NotFound, match="no program qa"):
            ask("qa")


def test_several_metrics_without_a_primary_one_give_no_score(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"em": 0.5, "f1": 0.6})
    found = registry.history("qa")
    [version] = found.versions
    assert (version.score, version.metrics) == (None, {"em": 0.5, "f1": 0.6})
    assert (found.trends, [each.metric for each in found.measurements]) == ({}, ["em", "f1"])
    assert found.notices == (
        "no metric is the score: `metrics.primary` in `dspyreg config edit` decides",
    )


def test_each_program_has_its_own_primary_metric(registry: Registry, programs: Programs):
    registry.apply("metrics: {primary: em}\nprograms: {qa: {metrics: {primary: f1}}}")
    for program in ("qa", "sum"):
        programs.register(program, metrics={"em": 0.5, "f1": 0.6})
    assert registry.history("qa").trends["latest_score"] == 0.6
    assert registry.history("sum").trends["latest_score"] == 0.5
    assert (registry.show("qa").score, registry.show("sum").score) == (0.6, 0.5)
    assert registry.status("qa").history["latest_score"] == 0.6


def test_metric_names_may_contain_slashes(registry: Registry, programs: Programs):
    programs.register(metrics={"em/top 1": 0.5})
    assert registry.history("qa").metric == "em/top 1"


# Trends


def test_a_trend_contains_the_newest_value_its_direction_and_its_change(days: Registry):
    trends = days.trends("qa").metrics
    assert trends["em"]._asdict() == {"current": 0.9, "trend": "improving", "change_30d": 50.0}
    assert trends["latency"].trend == "improving"


def test_measurements_of_a_single_day_make_a_trend(registry: Registry, programs: Programs):
    for score in (0.9, 0.8):
        programs.register(metrics={"score": score})
    assert registry.trends("qa").metrics["score"]._asdict() == {
        "current": 0.8,
        "trend": "declining",
        "change_30d": None,
    }


def test_measurements_before_the_period_make_no_trend(days: Registry, clock: Clock):
    clock.advance(timedelta(days=100))
    assert days.trends("qa").metrics["em"].trend == "stable"
    assert days.trends("qa").metrics["em"].change_30d == 0.0
    assert days.trends("qa", since="200d").metrics["em"].trend == "improving"


def test_trends_can_be_read_as_of_an_earlier_time(days: Registry):
    assert days.trends("qa", at="2026-12-01").metrics["em"]._asdict() == {
        "current": 0.7,
        "trend": "improving",
        "change_30d": 16.67,
    }
    assert days.trends("qa", at="2026-11-30").metrics["em"].change_30d is None


def test_a_program_without_measurements_has_no_trends(programs: Programs):
    programs.register()
    assert programs.registry.trends("qa").metrics == {}


# Status


def test_status_recommends_deploying_when_nothing_is_live(registry: Registry, programs: Programs):
    programs.register(metrics={"score": 0.5})
    [advice] = registry.status("qa").recommendations
    assert advice == "Nothing is live in production: `dspyreg promote qa@1.0.0 --to staging`"
    [advice] = registry.status("qa", environment="development").recommendations
    assert advice.endswith("`dspyreg deploy qa@1.0.0 --env development`")


def test_status_recommends_a_version_better_than_the_live_one(
    registry: Registry, programs: Programs
):
    programs.in_production(metrics={"score": 0.8})
    programs.register(metrics={"score": 0.9})
    [advice] = registry.status("qa").recommendations
    assert "qa@1.0.1 scores 0.9 (+12.50%)" in advice
    assert "`dspyreg plan qa@1.0.1 --env production`" in advice


def test_status_recommends_no_retired_version(registry: Registry, programs: Programs):
    programs.in_production(metrics={"score": 0.8})
    programs.register(metrics={"score": 0.9})
    registry.archive("qa@1.0.1")
    assert registry.status("qa").recommendations == ()


def test_status_recommends_measuring_a_live_version_without_a_score(
    registry: Registry, programs: Programs
):
    programs.in_production()
    programs.register(metrics={"score": 0.9})
    [advice] = registry.status("qa").recommendations
    assert advice.startswith("Measure what is live: `dspyreg score qa@1.0.0")


def test_status_can_describe_another_environment(registry: Registry, programs: Programs):
    programs.register(metrics={"score": 0.5})
    registry.deploy("qa@1.0.0", environment="development")
    assert registry.status("qa").deployed_version is None
    status = registry.status("qa", environment="development")
    assert (status.deployed_version, status.performance) == ("1.0.0", {"score": 0.5})


def test_status_can_be_read_as_of_an_earlier_entry(days: Registry):
    assert days.status("qa", at="3").history["latest_score"] == 0.7
    assert days.status("qa", at="3").history["improvement_trend"] == 0.0


def test_many_metrics_of_many_versions_are_read(registry: Registry, programs: Programs):
    for nth in range(10):
        metrics = {f"m{n}": float(n + nth) for n in range(150)}
        programs.register(metrics={**metrics, "score": float(nth)})
    assert len(registry.history("qa").versions) == 10
    assert len(registry.trends("qa").metrics) == 151


def test_undoing_and_redoing_an_older_measurement_does_not_make_it_the_newest(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    first, second = (registry.score("qa@1.0.0", {"em": each}).entry for each in (0.7, 0.6))
    assert first is not None
    assert second is not None
    registry.undo(first.seq)
    assert registry.show("qa@1.0.0").metrics == {"em": 0.6}
    registry.redo()
    assert registry.show("qa@1.0.0").metrics == {"em": 0.6}
    registry.undo(second.seq)
    assert registry.show("qa@1.0.0").metrics == {"em": 0.7}
    assert registry.verify().ok


def test_a_promotion_does_not_read_the_measurements_of_a_version(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register(label="1.0.0")
    for nth in range(20):
        registry.score("qa@1.0.0", {"em": nth / 20})
    registry.resolve("qa")
    asked: list[str] = []
    real = IndexState.each

    def each(self: IndexState, kind: str, program: str, numbers: Collection[int]):
        asked.extend(f"{kind} of {number}" for number in numbers)
        return real(self, kind, program, numbers)

    monkeypatch.setattr(IndexState, "each", each)
    registry.promote("qa@1.0.0")
    assert registry.show("qa@1.0.0").metrics == {"em": 0.95}
    assert "metrics of 1" not in asked
    assert "versions of 1" in asked


def test_csv_output_contains_no_spreadsheet_formulas(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    act_as(registry, "=HYPERLINK(1)")
    registry.score("qa@1.0.0", {"score": 0.5})
    assert ",'=HYPERLINK(1)\n" in render(registry.history("qa"), "csv")


def test_a_limited_history_has_the_newest_versions_and_their_total(
    registry: Registry, programs: Programs
):
    for nth in range(5):
        programs.register(label=f"1.{nth}.0", metrics={"score": nth / 10})
    some = registry.history("qa", limit=2)
    assert [each.label for each in some.versions] == ["1.3.0", "1.4.0"]
    assert some.notices == ("the newest 2 of 5 versions are shown; --limit shows more",)
    assert some.trends == registry.history("qa").trends
    assert some.trends["total_versions"] == 5
    assert len(registry.history("qa", limit=-1).versions) == 5
    assert registry.history("qa", limit=5).notices == ()
    assert registry.history("qa", limit=2, interval="day").notices == ()
