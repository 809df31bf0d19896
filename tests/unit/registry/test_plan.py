"""Plans, automatic deployment, and comparison of two versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from comparing import a_predictor_state, a_state

from dspyreg.errors import Conflict, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

HERE = "default_environment: development\n"
BEST = HERE + "integration: {auto_deploy_best_versions: true}\n"
STRICT = "policies: {staging: {metrics: ['score >= 0.9']}}\n"


def test_a_plan_writes_nothing(registry: Registry, programs: Programs):
    programs.in_production(metrics={"score": 0.8})
    programs.register(metrics={"score": 0.5})
    before = registry.log()
    assert not registry.plan("qa@1.0.1").deployment_safe
    assert registry.log() == before


def test_a_plan_recommends_measuring_a_version_without_a_score(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"score": 0.8})
    registry.deploy("qa@1.0.0", environment="development")
    programs.register()
    plan = registry.plan("qa@1.0.1", environment="development")
    assert (plan.deployment_safe, plan.performance_change) == (True, None)
    assert plan.recommendations == (
        "Run an evaluation of both: `dspyreg score qa@1.0.1 METRIC=NUMBER`",
        "Deploy it: `dspyreg deploy qa@1.0.1 --env development`",
    )


def test_a_plan_accepts_a_drop_below_the_tie(registry: Registry, programs: Programs):
    for score in (0.80, 0.795):
        programs.register(metrics={"score": score})
    registry.deploy("qa@1.0.0", environment="development")
    plan = registry.plan("qa@1.0.1", environment="development")
    assert (plan.deployment_safe, plan.performance_change) == (True, -0.005)
    assert plan.checks[0].startswith("no significant difference")


def test_a_plan_reports_higher_latency_as_a_regression(registry: Registry, programs: Programs):
    registry.apply("metrics: {primary: latency}")
    for latency in (100, 200):
        programs.register(metrics={"latency": latency})
    registry.deploy("qa@1.0.0", environment="development")
    assert "regression" in registry.plan("qa@1.0.1", environment="development").checks[0]
    assert registry.plan("qa@1.0.0", environment="development").checks == (
        "qa@1.0.0 is live in development already",
    )


def test_a_plan_for_a_version_two_rungs_below_is_not_safe(registry: Registry, programs: Programs):
    programs.register(metrics={"score": 0.8})
    plan = registry.plan("qa@1.0.0")
    assert not plan.deployment_safe
    assert "production needs stage production; qa@1.0.0 is in development" in plan.checks


def test_a_plan_for_a_version_one_rung_below_recommends_promoting_it(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"score": 0.8})
    plan = registry.plan("qa@1.0.0", environment="staging")
    assert plan.deployment_safe
    assert "Promote it: `dspyreg promote qa@1.0.0 --to staging`" in plan.recommendations


def test_a_plan_is_not_safe_when_the_policy_of_the_next_rung_fails(
    registry: Registry, programs: Programs
):
    registry.apply(STRICT)
    programs.register(metrics={"score": 0.8})
    plan = registry.plan("qa@1.0.0", environment="staging")
    assert not plan.deployment_safe
    assert any("0.8" in check and "0.9" in check for check in plan.checks)
    registry.score("qa@1.0.0", {"score": 0.95})
    assert registry.plan("qa@1.0.0", environment="staging").deployment_safe


def test_a_plan_for_an_archived_version_is_not_safe(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    programs.register(label="2.0.0")
    registry.archive("qa@1.0.0")
    plan = registry.plan("qa@1.0.0", environment="development")
    assert not plan.deployment_safe
    assert "qa@1.0.0 is archived" in plan.checks
    assert plan.command == "Bring it back first: `dspyreg restore qa@1.0.0`"


def test_a_plan_for_a_deprecated_version_names_the_rollback_that_brings_it_back(
    registry: Registry, programs: Programs
):
    for label in ("1.0.0", "2.0.0"):
        programs.in_production(label=label)
    plan = registry.plan("qa@1.0.0")
    assert not plan.deployment_safe
    assert plan.command == ("Roll back to it: `dspyreg rollback qa --env production --to 1.0.0`")
    registry.apply(
        "environments: {eu: {rung: production, auto_deploy: false}, production: {rung: production}}"
    )
    elsewhere = registry.plan("qa@1.0.0", environment="eu")
    assert elsewhere.command == "Bring it back first: `dspyreg restore qa@1.0.0`"


def test_a_plan_reports_breaking_changes(registry: Registry, programs: Programs):
    for fields in (("question", "answer"), ("question", "response")):
        state = a_state(generate=a_predictor_state(fields=fields))
        programs.register(content=state, metrics={"score": 0.5})
    registry.deploy("qa@1.0.0", environment="development")
    plan = registry.plan("qa@2.0.0", environment="development")
    assert not plan.deployment_safe
    assert any(check.startswith("breaking change: ") for check in plan.checks)
    assert "Change the callers of qa@1.0.0 first" in plan.recommendations


@pytest.mark.parametrize("auto", ["true", "false"])
@pytest.mark.parametrize("stage", ["development", "staging", "production"])
def test_following_a_safe_plan_makes_the_version_live(
    registry: Registry, programs: Programs, auto: str, stage: str
):
    registry.apply(f"environments: {{staging: {{rung: staging, auto_deploy: {auto}}}}}")
    programs.register()
    for rung in {"development": [], "staging": ["staging"]}.get(stage, ["staging", "production"]):
        registry.promote("qa@1.0.0", to=rung)
    plan = registry.plan("qa@1.0.0", environment="staging")
    if plan.command is None:
        assert plan.checks == ("qa@1.0.0 is live in staging already",)
    for command in re.findall("`dspyreg ([^`]*)`", plan.command or ""):
        verb, *words = command.split()
        assert registry_does(registry, verb, words).entry is not None
    assert registry.resolve("qa@staging").label == "1.0.0"


def registry_does(registry: Registry, verb: str, words: list[str]) -> Outcome:
    selector, option, value = words
    if verb == "promote":
        assert option == "--to"
        return registry.promote(selector, to=value)
    assert (verb, option) == ("deploy", "--env")
    return registry.deploy(selector, environment=value)


def test_a_plan_can_be_made_as_of_an_earlier_entry(registry: Registry, programs: Programs):
    programs.register(metrics={"em": 0.8})
    registry.promote("qa@1.0.0")
    then = registry.context.entries.refresh().seq
    registry.promote("qa@1.0.0", to="production")
    registry.archive("qa@1.0.0", force=True, reason="a test")
    plan = registry.plan("qa@1.0.0", at=str(then))
    assert plan.deployment_safe
    assert plan.command == "Promote it: `dspyreg promote qa@1.0.0 --to production`"
    assert not registry.plan("qa@1.0.0").deployment_safe


def test_a_plan_lists_every_command_it_takes(registry: Registry, programs: Programs):
    programs.register()
    plan = registry.plan("qa@1.0.0")
    assert not plan.deployment_safe
    assert plan.command == (
        "It takes several commands: `dspyreg promote qa@1.0.0 --to staging`, "
        "`dspyreg promote qa@1.0.0 --to production`"
    )


def test_a_contract_policy_decides_whether_a_breaking_plan_is_safe(
    registry: Registry, programs: Programs
):
    registry.apply("policies: {staging: {contract: compatible}}")
    for fields in (("question", "answer"), ("question", "response")):
        programs.register(content=a_state(generate=a_predictor_state(fields=fields)))
    registry.promote("qa@1.0.0", to="staging")
    plan = registry.plan("qa@2.0.0", environment="staging")
    unsafe = [check.message for check in plan.results if not check.is_safe]
    assert unsafe == ["Contract breaks with 1.0.0: generate: field `answer` was removed or renamed"]
    assert not [check for check in plan.checks if check.startswith("breaking change")]


def test_a_breaking_plan_is_not_safe_when_the_policy_fails_for_another_reason(
    registry: Registry, programs: Programs
):
    registry.apply("policies: {staging: {contract: captured}}")
    for fields in (("question", "answer"), ("question", "response")):
        programs.register(content=a_state(generate=a_predictor_state(fields=fields)))
    registry.promote("qa@1.0.0", to="staging", force=True, reason="first")
    plan = registry.plan("qa@2.0.0", environment="staging")
    unsafe = [check.message for check in plan.results if not check.is_safe]
    assert [message.split(":")[0] for message in unsafe] == [
        "Contract was not captured",
        "breaking change",
    ]


def test_a_plan_reports_each_problem_once(registry: Registry, programs: Programs):
    registry.apply("policies: {staging: {against_live: ['score >= -2%']}}")
    for score in (91.5, 0.97):
        programs.register(metrics={"score": score})
    registry.promote("qa@1.0.0", to="staging", force=True, reason="first")
    plan = registry.plan("qa@1.0.1", environment="staging")
    assert ["not comparable" in check for check in plan.checks] == [True]
    assert not plan.deployment_safe


def test_a_plan_that_compares_percentages_with_fractions_is_not_safe(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"em": 91.5})
    registry.deploy("qa@1.0.0", environment="development")
    programs.register(metrics={"em": 0.97})
    plan = registry.plan("qa@1.0.1", environment="development")
    assert (plan.deployment_safe, plan.performance_change) == (False, None)
    assert plan.checks[0].startswith("em is not comparable: 91.5 and 0.97 look like percent")
    registry.apply("metrics: {scale: {em: percent}}")
    assert "regression" in registry.plan("qa@1.0.1", environment="development").checks[0]


def test_without_a_primary_metric_a_version_better_in_all_metrics_is_better(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"em": 0.7, "f1": 0.5})
    registry.deploy("qa@1.0.0", environment="development")
    programs.register(metrics={"em": 0.8, "f1": 0.6})
    programs.register(metrics={"em": 0.8, "f1": 0.4})
    better, mixed = (registry.plan(f"qa@1.0.{nth}", environment="development") for nth in (1, 2))
    assert better.checks[0] == (
        "performance improvement: em 0.7 → 0.8 (+14.29%); f1 0.5 → 0.6 (+20.00%)"
    )
    assert mixed.checks[0] == (
        "mixed: better in em, worse in f1; `metrics.primary` in `dspyreg config edit` decides"
    )
    assert (better.deployment_safe, mixed.deployment_safe) == (True, False)


def test_a_plan_reports_complexity_recorded_in_metadata(registry: Registry, programs: Programs):
    told = {"instruction": "a" * 600, "few_shot_examples_count": 4}
    programs.register(content="no state", metadata={"configuration": told})
    plan = registry.plan("qa", environment="development")
    assert any("600 characters of instructions, 4 demos" in check for check in plan.checks)


def test_planning_with_something_missing_is_not_found(registry: Registry, programs: Programs):
    programs.register()
    for selector, place in (("sum", None), ("qa@7.0.0", None), ("qa", "mars")):
        with pytest.raises(NotFound):
            registry.plan(selector, environment=place)


# Strategies


def test_a_choice_by_strategy_is_logged_with_its_evidence(registry: Registry, programs: Programs):
    programs.register(metrics={"score": 0.8})
    made = registry.deploy("qa", environment="development", select="best_score")
    assert made.entry is not None
    assert made.entry.evidence["selection"] == {
        "strategy": "best_score",
        "metric": "score",
        "score": 0.8,
        "live_score": None,
    }


def test_repeating_a_choice_by_strategy_changes_nothing(registry: Registry, programs: Programs):
    programs.register(metrics={"score": 0.8})
    registry.deploy("qa", environment="development", select="conservative")
    again = registry.deploy("qa", environment="development", select="conservative")
    assert again.entry is None
    assert again.notices == ("already: qa@1.0.0 is live in development",)


def test_a_strategy_without_a_candidate_is_a_logged_refusal(registry: Registry, programs: Programs):
    programs.register()
    with pytest.raises(Refused):
        registry.deploy("qa", environment="development", select="aggressive")
    assert (registry.log()[0].operation, registry.log()[0].outcome) == ("deploy", "refused")


def test_a_strategy_asks_for_a_primary_metric_when_several_were_measured(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"em": 0.7, "f1": 0.8})
    with pytest.raises(Refused, match=r"has a score among em, f1\n") as refused:
        registry.deploy("qa", environment="development", select="best_score")
    assert "metrics.primary" in str(refused.value.hint)


def test_a_strategy_without_an_environment_uses_the_top_environment(
    registry: Registry, programs: Programs
):
    programs.in_production(metrics={"score": 0.8})
    programs.in_production(metrics={"score": 0.7})
    registry.rollback("qa")
    made = registry.deploy("qa", select="best_score")
    assert made.notices == ("already: qa@1.0.0 is live in production",)


def test_the_configured_strategy_is_followed(registry: Registry, programs: Programs):
    registry.apply(HERE + "integration: {deployment_strategy: best_score}")
    for score in (0.9, 0.8):
        programs.register(metrics={"score": score})
    registry.deploy("qa")
    assert registry.resolve("qa@development").label == "1.0.0"


def test_a_measurement_added_during_a_choice_is_considered(registry: Registry, programs: Programs):
    """The choice is repeated on the state that its entry names."""
    registry.apply(HERE)
    for score in (0.9, 0.8):
        programs.register(metrics={"score": score})
    append, late = registry.context.entries.append, [True]

    def slow(*given: Any, **more: Any) -> Any:
        if late:
            late.clear()
            registry.score("qa@1.0.1", {"score": 1.0})
        return append(*given, **more)

    registry.context.entries.append = slow  # type: ignore[method-assign]
    registry.deploy("qa", select="best_score")
    assert registry.resolve("qa@development").label == "1.0.1"


# Automatic deployment


def live(registry: Registry) -> str | None:
    return registry.status("qa").deployed_version


def test_a_gain_of_a_tenth_is_deployed_automatically(registry: Registry, programs: Programs):
    registry.apply(BEST)
    for score in (0.80, 0.88):
        programs.register(metrics={"score": score})
    assert live(registry) == "1.0.1"
    assert [entry.operation for entry in registry.log(limit=2)] == ["deploy", "register"]


def test_a_version_without_a_score_is_not_deployed_automatically(
    registry: Registry, programs: Programs
):
    registry.apply(BEST)
    made = programs.register()
    assert live(registry) is None
    assert len(made.entries) == 1


def test_nothing_is_deployed_automatically_unless_configured(
    registry: Registry, programs: Programs
):
    registry.apply(HERE)
    programs.register(metrics={"score": 0.9})
    assert live(registry) is None


def test_a_version_that_does_not_qualify_is_registered_and_not_deployed(
    registry: Registry, programs: Programs
):
    registry.apply("integration: {auto_deploy_best_versions: true}")
    made = programs.register(metrics={"score": 0.9})
    assert registry.show("qa").stage == "development"
    assert made.notices[-1] == (
        "qa@1.0.0 was not deployed by itself: production needs stage production; "
        "qa@1.0.0 is in development"
    )


def test_an_environment_policy_guards_automatic_deployment(registry: Registry, programs: Programs):
    strict = "environments: {development: {policy: {metrics: ['score >= 0.9']}}}"
    registry.apply(BEST + strict)
    made = programs.register(metrics={"score": 0.8})
    assert live(registry) is None
    assert "was not deployed by itself" in made.notices[-1]
    assert registry.log()[0].operation == "register"


def test_a_dry_run_shows_the_automatic_deployment(registry: Registry, programs: Programs):
    registry.apply(BEST)
    made = programs.register(metrics={"score": 0.9}, dry_run=True)
    assert [entry.operation for entry in made.entries] == ["register", "deploy"]
    assert made.version is not None
    assert made.version.live_in == ("development",)
    assert made.version.created_by == "ada"
    assert registry.programs() == []


def test_undoing_an_automatic_deployment_keeps_the_version(registry: Registry, programs: Programs):
    registry.apply(BEST)
    programs.register(metrics={"score": 0.9})
    registry.undo()
    assert live(registry) is None
    assert registry.show("qa").label == "1.0.0"


def test_max_versions_never_archives_the_version_just_deployed(
    registry: Registry, programs: Programs
):
    registry.apply(BEST + "versioning: {max_versions: 1}")
    for score in (0.5, 0.9):
        programs.register(metrics={"score": score})
    assert live(registry) == "1.0.1"
    assert registry.verify().ok


# Results


def test_a_result_can_name_its_program_and_file(
    registry: Registry, programs: Programs, tmp_path: Path
):
    programs.file(a_state(generate=a_predictor_state()), "out/best.json")
    told = {"signature_name": "qa", "program_path": "best.json", "best_score": 0.5}
    made = registry.register_result(told, beside=tmp_path / "out")
    assert made.version is not None
    assert (str(made.version), made.version.score) == ("qa@1.0.0", 0.5)


def test_a_signature_is_not_a_program_name(registry: Registry, programs: Programs):
    with pytest.raises(UsageError, match="names no program"):
        registry.register_result({"signature": "question -> answer"}, None, programs.file())


def test_a_result_without_a_file_is_a_usage_error(registry: Registry):
    with pytest.raises(UsageError, match="names no file"):
        registry.register_result({"program": "qa"})


def test_automatic_registration_of_results_can_be_disabled(registry: Registry, programs: Programs):
    registry.apply("integration: {auto_register_optimizations: false}")
    told = {"program_name": "qa", "best_score": 0.5}
    with pytest.raises(Refused, match="auto_register_optimizations is off"):
        registry.register_result(told, None, programs.file())
    assert registry.register_result(told, "qa", programs.file()).version is not None


def test_explicit_arguments_override_those_of_a_result(registry: Registry, programs: Programs):
    told = {"best_score": 0.5, "optimizer": "MIPROv2", "team": "search"}
    more: dict[str, Any] = {"metrics": {"score": 0.6}, "metadata": {"team": "support"}}
    registry.register_result(told, "qa", programs.file(), version="2.0.0", **more)
    version = registry.show("qa@2.0.0")
    assert (version.score, version.metadata["team"]) == (0.6, "support")
    with pytest.raises(Conflict):
        registry.register_result(told, "qa", programs.file(), version="2.0.0")


# Comparison


def compared(registry: Registry, programs: Programs, *metadata: Any) -> Any:
    for told in metadata:
        programs.register(metadata=told)
    return registry.compare("qa@#1", "qa@#2")


def test_compare_shows_differences_of_the_recorded_configurations(
    registry: Registry, programs: Programs
):
    for nth in range(2):
        state = a_state(generate=a_predictor_state(f"Answer {nth}."))
        programs.register(content=state, metadata={"configuration": {"k": nth}})
    found = registry.compare("qa@#1", "qa@#2")
    assert found.configuration_changes == ("changed k: 0 → 1 (+1)",)
    assert found.metadata_changes == ()


def test_compare_does_not_compare_a_recorded_configuration_with_a_state(
    registry: Registry, programs: Programs
):
    programs.register(content=a_state(generate=a_predictor_state("One.")))
    more: dict[str, Any] = {"metadata": {"configuration": {"k": 1}}}
    programs.register(content=a_state(generate=a_predictor_state("Two.")), **more)
    found = registry.compare("qa@1.0.0", "qa@1.0.1")
    assert found.configuration_changes == ("changed generate.instructions: One. → Two.",)


def test_compare_names_metrics_that_only_one_version_has(registry: Registry, programs: Programs):
    programs.register(metrics={"em": 0.5, "old": 1})
    programs.register(metrics={"em": 0.5, "new": 1})
    found = registry.compare("qa@#1", "qa@#2")
    assert [row.metric for row in found.metrics] == ["em"]
    assert (found.added, found.removed) == (("new",), ("old",))


def test_compare_without_common_metrics_has_no_winner(registry: Registry, programs: Programs):
    found = compared(registry, programs, {}, {})
    assert found.to_json()["winner"] == "none"
    assert found.recommendation.startswith("Nothing was measured for both")


def test_comparing_a_version_with_itself_is_a_tie(registry: Registry, programs: Programs):
    programs.register(metrics={"em": 0.5})
    found = registry.compare("qa@1.0.0", "qa")
    assert (found.result.winner, found.verdict.compatibility) == ("tie", "identical")


def test_compare_can_be_made_as_of_an_earlier_entry(registry: Registry, programs: Programs):
    for score in (0.5, 0.6):
        programs.register(metrics={"score": score})
    registry.score("qa@1.0.0", {"score": 0.9})
    assert registry.compare("qa@#1", "qa@#2").result.winner == "a"
    assert registry.compare("qa@#1", "qa@#2", at="2").result.winner == "b"


def test_each_program_has_its_own_tie(registry: Registry, programs: Programs):
    registry.apply("programs: {qa: {metrics: {tie: 0.2}}}")
    for program in ("qa", "sum"):
        for score in (0.5, 0.6):
            programs.register(program, metrics={"score": score})
    assert registry.compare("qa@#1", "qa@#2").result.winner == "tie"
    assert registry.compare("sum@#1", "sum@#2").result.winner == "b"
