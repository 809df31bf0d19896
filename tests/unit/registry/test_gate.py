"""The checks between a version and its target."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from builders import act_as

from dspyreg.errors import Refused, UsageError
from dspyreg.registry.read.configuration import current

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

    from dspyreg.registry.facade.registry import Registry


def approve(registry: Registry, person: str, selector: str = "qa@1.0.0", to: str | None = None):
    act_as(registry, person)
    registry.approve(selector, to=to)


def failures(registry: Registry, selector: str = "qa@1.0.0", **where: str) -> list[str]:
    return list(registry.check(selector, **where).failures)


@pytest.fixture
def staged(registry: Registry, programs: Programs) -> Registry:
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0")
    return registry


def test_a_check_writes_nothing(staged: Registry):
    staged.apply("policies: {production: {changelog: true}}")
    before = staged.resolve("qa").seq
    staged.check("qa@1.0.0")
    staged.check("qa@1.0.0")
    assert staged.resolve("qa").seq == before


def test_every_check_includes_the_order_of_stages(registry: Registry, programs: Programs):
    programs.register(label="1.0.0")
    decision = registry.check("qa@1.0.0", to="production")
    assert not decision.passed
    assert [finding.rule for finding in decision.findings] == ["stage"]
    assert "must be in staging first" in decision.failures[0]


def test_checking_a_version_already_at_the_target_passes_with_a_notice(staged: Registry):
    decision = staged.check("qa@1.0.0", to="staging")
    assert decision.passed
    assert decision.notices[0].startswith("already")


def test_an_approval_is_void_after_a_demotion_and_a_new_promotion(staged: Registry):
    staged.apply("policies: {production: {required_approvals: 1}}")
    approve(staged, "bob")
    assert not failures(staged)
    staged.demote("qa@1.0.0")
    staged.promote("qa@1.0.0")
    assert failures(staged) == ["Approvals 0 < required 1"]
    approve(staged, "bob")
    assert not failures(staged)


def test_undoing_a_demotion_keeps_approvals_valid(staged: Registry):
    staged.apply("policies: {production: {required_approvals: 1}}")
    approve(staged, "bob")
    staged.demote("qa@1.0.0")
    staged.undo()
    assert not failures(staged)


def test_an_approval_can_be_undone_and_redone(staged: Registry):
    staged.apply("policies: {production: {required_approvals: 1}}")
    approve(staged, "bob")
    staged.undo()
    assert failures(staged) == ["Approvals 0 < required 1"]
    staged.redo()
    assert not failures(staged)


def test_approving_twice_reports_already(staged: Registry):
    approve(staged, "bob")
    outcome = staged.approve("qa@1.0.0")
    assert outcome.entry is None
    assert outcome.notices[0].startswith("already: bob approved")


def test_approving_a_version_below_the_previous_rung_is_refused(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    with pytest.raises(Refused, match="approvals for production count once it is in staging"):
        registry.approve("qa@1.0.0", to="production")


def test_approving_without_a_version_is_a_usage_error(staged: Registry):
    with pytest.raises(UsageError, match="which version"):
        staged.approve("qa")


def test_the_newest_evidence_of_a_name_counts(staged: Registry):
    staged.apply("policies: {production: {required_evidence: [load_testing]}}")
    staged.add_evidence("qa@1.0.0", "load_testing")
    assert not failures(staged)
    staged.add_evidence("qa@1.0.0", "load_testing", passed=False)
    assert failures(staged) == ["Evidence load_testing failed"]


def test_evidence_from_before_the_previous_rung_does_not_count(
    registry: Registry, programs: Programs
):
    registry.apply("policies: {production: {required_evidence: [load_testing]}}")
    programs.register(label="1.0.0")
    registry.add_evidence("qa@1.0.0", "load_testing")
    registry.promote("qa@1.0.0")
    assert failures(registry) == ["Missing evidence load_testing"]


def test_a_program_policy_overrides_the_policy_of_the_rung(staged: Registry):
    staged.apply(
        "policies: {production: {required_approvals: 2, changelog: true}}\n"
        "programs: {qa: {policies: {production: {required_approvals: 0}}}}"
    )
    assert failures(staged) == ["Missing changelog"]


def test_a_margin_compares_with_the_live_version(staged: Registry, programs: Programs):
    staged.apply('policies: {production: {against_live: ["accuracy >= -2%"]}}')
    staged.score("qa@1.0.0", {"accuracy": 0.8})
    staged.promote("qa@1.0.0", to="production")
    programs.register(label="1.1.0", metrics={"accuracy": 0.7})
    staged.promote("qa@1.1.0")
    assert failures(staged, "qa@1.1.0") == [
        "accuracy 0.7 is -12.5% against 1.0.0 (0.8), does not meet >= -2%"
    ]


EU = """
environments:
  production: {rung: production}
  eu: {rung: production, auto_deploy: false, {demands}}
"""


def test_an_environment_policy_guards_deployments_to_it(staged: Registry):
    staged.apply(EU.replace("{demands}", "policy: {required_evidence: [gdpr]}"))
    staged.promote("qa@1.0.0", to="production")
    with pytest.raises(Refused) as refused:
        staged.deploy("qa@1.0.0", environment="eu")
    assert refused.value.failures == ("Missing evidence gdpr",)
    staged.add_evidence("qa@1.0.0", "gdpr")
    staged.deploy("qa@1.0.0", environment="eu")
    assert staged.resolve("qa@eu").label == "1.0.0"


def test_an_environment_can_require_approval_and_monitoring(staged: Registry):
    staged.apply(EU.replace("{demands}", "approval_required: true, monitoring_required: true"))
    staged.promote("qa@1.0.0", to="production")
    assert failures(staged, environment="eu") == [
        "Approvals 0 < required 1",
        "Missing evidence monitoring_setup",
    ]
    approve(staged, "bob", to="eu")
    assert failures(staged, environment="eu") == ["Missing evidence monitoring_setup"]


def test_a_deployment_is_checked_by_the_rung_policy_when_validation_is_required(staged: Registry):
    staged.promote("qa@1.0.0", to="production")
    staged.apply(
        EU.replace("{demands}", "validation_required: true")
        + "policies: {production: {changelog: true}}"
    )
    assert failures(staged, environment="eu") == ["Missing changelog"]


def test_force_overrules_an_environment_policy(staged: Registry):
    staged.promote("qa@1.0.0", to="production")
    staged.apply(EU.replace("{demands}", "approval_required: true"))
    entry = staged.deploy("qa@1.0.0", environment="eu", force=True, reason="outage").entry
    assert entry is not None
    assert entry.forced
    assert entry.evidence["failures"] == ["Approvals 0 < required 1"]


def test_force_that_overrules_nothing_is_not_logged_as_force(staged: Registry):
    entry = staged.promote("qa@1.0.0", to="production", force=True, reason="to be sure").entry
    assert entry is not None
    assert not entry.forced


def test_a_rollback_checks_no_policy(staged: Registry, programs: Programs):
    staged.promote("qa@1.0.0", to="production")
    programs.register(label="1.1.0")
    staged.promote("qa@1.1.0")
    staged.promote("qa@1.1.0", to="production")
    staged.apply(
        "policies: {production: {required_approvals: 9}}\n"
        "environments: {production: {approval_required: true}}"
    )
    staged.rollback("qa")
    assert staged.resolve("qa@production").label == "1.0.0"


def test_a_decision_names_the_configuration_it_applied(staged: Registry):
    staged.apply("policies: {production: {required_approvals: 1}}")
    judged_by = current(staged.context).digest
    assert staged.check("qa@1.0.0").configuration == judged_by
    with pytest.raises(Refused):
        staged.promote("qa@1.0.0", to="production")
    [entry] = staged.log(limit=1)
    assert entry.evidence["configuration"] == judged_by


def test_an_approval_added_during_a_promotion_is_considered(
    staged: Registry, monkeypatch: pytest.MonkeyPatch
):
    """The judgement is repeated on the new state, so that its entry describes one state."""
    from dspyreg.policy import evaluate as rules

    staged.apply("policies: {production: {required_approvals: 1, changelog: true}}")
    real, waiting = rules.evaluate, ["bob"]

    def evaluate(*given):
        found = list(real(*given))
        if waiting:
            approve(staged, waiting.pop())
        return found

    monkeypatch.setattr("dspyreg.policy.evaluate.evaluate", evaluate)
    with pytest.raises(Refused) as refused:
        staged.promote("qa@1.0.0", to="production")
    assert refused.value.failures == ("Missing changelog",)


def test_a_check_uses_the_configuration_from_when_it_began(
    staged: Registry, monkeypatch: pytest.MonkeyPatch
):
    from dspyreg.policy import evaluate as rules

    staged.apply("policies: {production: {changelog: true}}")
    real, waiting = rules.evaluate, ["policies: {production: {required_approvals: 1}}"]

    def evaluate(*given):
        found = list(real(*given))
        if waiting:
            staged.apply(waiting.pop())
        return found

    monkeypatch.setattr("dspyreg.policy.evaluate.evaluate", evaluate)
    decision = staged.check("qa@1.0.0")
    assert decision.failures == ("Missing changelog",)
    assert decision.configuration != current(staged.context).digest
    assert staged.check("qa@1.0.0").failures == ("Approvals 0 < required 1",)


def test_a_measurement_must_be_a_finite_number(staged: Registry):
    for value in (float("nan"), float("inf"), True, "0.9"):
        with pytest.raises(UsageError):
            staged.score("qa@1.0.0", {"accuracy": value})  # type: ignore[dict-item]
    with pytest.raises(UsageError, match="nothing was measured"):
        staged.score("qa@1.0.0", {})


def test_the_newest_measurement_is_the_score_and_older_ones_are_kept(staged: Registry):
    staged.score("qa@1.0.0", {"score": 0.7})
    staged.score("qa@1.0.0", {"score": 0.6})
    assert staged.show("qa@1.0.0").score == 0.6
    staged.undo()
    assert staged.show("qa@1.0.0").score == 0.7


def test_evidence_is_stored_with_its_file(staged: Registry, tmp_path):
    report = tmp_path / "report.html"
    report.write_bytes(b"<p>fine</p>")
    staged.add_evidence("qa@1.0.0", "load_testing", file=report, note="1000 users")
    [listed] = staged.evidence("qa@1.0.0").evidence
    assert (listed.name, listed.passed, listed.note) == ("load_testing", True, "1000 users")
    assert listed.file_name == "report.html"
    assert staged.evidence_file("qa@1.0.0", "load_testing") == b"<p>fine</p>"


def test_a_version_is_promoted_automatically_once_every_rule_passes(staged: Registry):
    staged.apply(
        'policies: {production: {metrics: ["em >= 0.8"], required_approvals: 1, '
        "auto_promote: true}}"
    )
    assert staged.score("qa@1.0.0", {"em": 0.9}).entries[-1].operation == "score"
    act_as(staged, "bob")
    outcome = staged.approve("qa@1.0.0", reason="fine")
    assert [entry.operation for entry in outcome.entries] == ["approve", "promote"]
    assert staged.resolve("qa@production").label == "1.0.0"
    assert "by itself" in outcome.notices[-1]
    approved, promoted = outcome.entries
    assert not approved.automatic
    assert promoted == staged.log(seq=promoted.seq)[0]
    assert (promoted.automatic, promoted.actor, promoted.reason) == (True, "bob", None)
    assert promoted.evidence["cause"] == {"rule": "auto_promote", "entry": approved.seq}


def test_a_required_environment_approval_follows_the_author_rule_of_the_rung(
    staged: Registry,
):
    staged.apply(
        "environments:\n"
        "  staging: {rung: staging}\n"
        "  eu: {rung: staging, approval_required: true, validation_required: true}\n"
        "policies: {staging: {author_may_approve: true, min_age: 0s}}"
    )
    staged.approve("qa@1.0.0", to="staging")
    assert failures(staged, environment="eu") == []


def test_a_rolled_back_version_is_not_promoted_automatically_again(
    staged: Registry, programs: Programs
):
    staged.apply('policies: {production: {metrics: ["em >= 0.8"], auto_promote: true}}')
    staged.score("qa@1.0.0", {"em": 0.9})
    programs.register(label="1.1.0", metrics={"em": 0.95})
    staged.promote("qa@1.1.0")
    staged.score("qa@1.1.0", {"em": 0.95})
    assert staged.resolve("qa@production").label == "1.1.0"
    staged.rollback("qa")
    staged.restore("qa@1.1.0")
    staged.score("qa@1.1.0", {"em": 0.97})
    assert staged.resolve("qa@production").label == "1.0.0"


def test_a_dry_run_shows_the_automatic_promotion(staged: Registry):
    staged.apply('policies: {production: {metrics: ["em >= 0.8"], auto_promote: true}}')
    outcome = staged.score("qa@1.0.0", {"em": 0.9}, dry_run=True)
    assert [entry.operation for entry in outcome.entries] == ["score", "promote"]
    assert staged.show("qa@1.0.0").stage == "staging"


def test_a_hook_that_vetoes_an_automatic_promotion_is_reported(staged: Registry):
    staged.apply(
        'policies: {production: {metrics: ["em >= 0.8"], auto_promote: true}}\n'
        "hooks: {before: {promote: ['echo frozen; exit 1']}}"
    )
    outcome = staged.score("qa@1.0.0", {"em": 0.9})
    assert [entry.operation for entry in outcome.entries] == ["score"]
    assert "qa@1.0.0 was not promoted by itself: vetoed" in outcome.notices[-1]


def test_an_environment_policy_guards_automatic_deployment_to_the_first_rung(
    registry: Registry, programs: Programs
):
    registry.apply("environments: {development: {auto_deploy: true, policy: {changelog: true}}}\n")
    refused = programs.register(label="1.0.0")
    assert refused.version is not None
    assert not refused.version.is_deployed
    assert "qa@1.0.0 was not deployed by itself: Missing changelog" in refused.notices[-1]
    programs.register(label="1.1.0", changelog="better")
    assert registry.resolve("qa@development").label == "1.1.0"


def state(predictor: str) -> str:
    signature = {"instructions": "Answer.", "fields": []}
    return json.dumps({predictor: {"demos": [], "lm": None, "signature": signature}})


@pytest.mark.parametrize("copy", [False, True])
def test_a_rollback_over_a_breaking_contract_succeeds_with_a_notice(
    registry: Registry, programs: Programs, copy: bool
):
    programs.in_production(label="1.0.0", content=state("generate"))
    programs.in_production(label="2.0.0", content=state("answer"))
    programs.in_production(label="3.0.0", content=state("answer") + " ")
    alike = registry.rollback("qa")
    assert not any("breaks callers" in notice for notice in alike.notices)
    done = registry.rollback("qa", as_new_version=copy)
    [told] = [notice for notice in done.notices if "breaks callers of 2.0.0: " in notice]
    assert told.startswith(f"qa@{'3.0.1' if copy else '1.0.0'} ")
    assert "\n" not in told
    assert registry.read("qa@production") == state("generate").encode()


def test_a_rollback_from_a_damaged_version_succeeds(registry: Registry, programs: Programs):
    programs.in_production(label="1.0.0", content=state("generate"))
    programs.in_production(label="2.0.0", content=state("answer"))
    registry.context.blobs.delete(registry.show("qa@2.0.0").digest, if_older_than=timedelta(0))
    registry.rollback("qa")
    assert registry.resolve("qa@production").label == "1.0.0"


def test_a_contract_that_breaks_callers_of_the_live_version_fails_the_check(
    registry: Registry, programs: Programs
):
    programs.in_production(label="1.0.0", content=state("generate"))
    registry.apply("policies: {production: {contract: compatible}}")
    programs.register(label="2.0.0", content=state("answer"))
    registry.promote("qa@2.0.0")
    [failure] = failures(registry, "qa@2.0.0")
    assert failure.startswith("Contract breaks with 1.0.0: ")
    assert "generate" in failure


def smoke(run: str) -> str:
    """Return a configuration whose production policy has a command."""
    command = {"run": run, "timeout": "5s"}
    return json.dumps({"policies": {"production": {"command": command}}})


def test_a_policy_command_reads_the_files_of_the_version(registry: Registry, programs: Programs):
    registry.apply(smoke('grep -q good "$DSPYREG_CHECKOUT/program.json"'))
    for label, content in (("1.0.0", "good"), ("1.1.0", "bad")):
        programs.register(label=label, content=content)
        registry.promote(f"qa@{label}")
    assert registry.check("qa@1.0.0").passed
    [failure] = failures(registry, "qa@1.1.0")
    assert "exit status 1" in failure


def test_the_output_of_a_policy_command_is_stored_with_the_decision(staged: Registry):
    staged.apply(smoke("echo 7 of 8 passed; exit 3"))
    with pytest.raises(Refused, match="may not go to production"):
        staged.promote("qa@1.0.0", to="production")
    [entry] = staged.log(limit=1)
    [told] = entry.evidence["commands"]
    assert not told["passed"]
    assert staged.context.blobs.open(told["output"]["blob"]).read() == b"7 of 8 passed\n"


def test_json_printed_by_a_policy_command_is_its_verdict(staged: Registry):
    run = """echo '{"passed": false, "message": "recall is down", "recall": 0.4}'"""
    staged.apply(smoke(run))
    assert failures(staged) == ["recall is down"]


def test_a_check_does_not_store_the_output_of_a_policy_command(staged: Registry):
    staged.apply(smoke("echo fine"))
    before = {blob.digest for blob in staged.context.blobs.list()}
    assert staged.check("qa@1.0.0").passed
    assert {blob.digest for blob in staged.context.blobs.list()} == before


def test_a_policy_command_runs_once_for_a_promotion(staged: Registry, tmp_path: Path):
    runs = tmp_path / "runs"
    staged.apply(smoke(f"echo run >> {runs}"))
    staged.promote("qa@1.0.0", to="production")
    assert runs.read_text() == "run\n"


def test_no_policy_command_runs_for_an_automatic_promotion_that_fails_anyway(
    staged: Registry, tmp_path: Path
):
    runs = tmp_path / "runs"
    staged.apply(
        "policies: {production: {metrics: ['em >= 0.8'], auto_promote: true, "
        f"command: 'echo run >> {runs}'}}}}"
    )
    staged.score("qa@1.0.0", {"em": 0.7})
    assert not runs.exists()
    staged.score("qa@1.0.0", {"em": 0.9})
    assert runs.read_text() == "run\n"
    assert staged.resolve("qa@production").label == "1.0.0"


def test_a_void_approval_stays_void_when_a_newer_one_is_undone(staged: Registry):
    staged.apply("policies: {production: {required_approvals: 1}}")
    approve(staged, "bob")
    staged.demote("qa@1.0.0")
    staged.promote("qa@1.0.0")
    approve(staged, "bob")
    staged.undo()
    assert failures(staged) == ["Approvals 0 < required 1"]


def test_a_void_approval_stays_void_when_it_is_undone_and_redone(staged: Registry):
    staged.apply("policies: {production: {required_approvals: 1}}")
    act_as(staged, "bob")
    given = staged.approve("qa@1.0.0").entry
    assert given is not None
    staged.demote("qa@1.0.0")
    staged.promote("qa@1.0.0")
    staged.undo(given.seq)
    staged.redo()
    assert failures(staged) == ["Approvals 0 < required 1"]


@pytest.mark.parametrize("value", [2**63, 99999999999999999999, 10**300])
def test_a_measurement_can_exceed_the_integers_of_sqlite(staged: Registry, value: int):
    staged.score("qa@1.0.0", {"examples": value})
    assert staged.show("qa@1.0.0").score == float(value)
    assert staged.verify().ok


def test_check_and_promote_agree_on_an_infinite_relative_change(
    staged: Registry, programs: Programs
):
    staged.score("qa@1.0.0", {"m": 1e-300})
    staged.promote("qa@1.0.0", to="production")
    staged.apply('policies: {production: {against_live: ["m >= -2%"]}}')
    programs.register(label="1.1.0", metrics={"m": 1e300})
    staged.promote("qa@1.1.0")
    assert staged.check("qa@1.1.0").passed
    staged.promote("qa@1.1.0", to="production")
    assert staged.resolve("qa@production").label == "1.1.0"


def test_a_policy_command_can_print_numbers_beyond_floating_point(staged: Registry):
    staged.apply(smoke("""echo '{"a": 1e400}'"""))
    staged.promote("qa@1.0.0", to="production")
    assert staged.show("qa@1.0.0").stage == "production"


def test_a_check_lists_the_demands_of_an_environment_before_the_stage_is_reached(staged: Registry):
    staged.apply(EU.replace("{demands}", "approval_required: true"))
    assert failures(staged, environment="eu")[1:] == ["Approvals 0 < required 1"]
    plan = staged.plan("qa@1.0.0", environment="eu")
    assert not plan.deployment_safe


def test_a_check_without_a_version_uses_the_deployment_strategy(
    staged: Registry, programs: Programs
):
    staged.apply("integration: {deployment_strategy: best_score}\nenvironments: {edge: {}}")
    staged.score("qa@1.0.0", {"score": 0.9})
    programs.register(label="1.1.0", metrics={"score": 0.5})
    assert staged.check("qa", environment="edge").label == "1.0.0"


def test_damaged_files_do_not_hide_policy_findings(staged: Registry):
    staged.apply("policies: {production: {changelog: true}}")
    [file] = staged.show("qa@1.0.0").files
    staged.context.blobs.delete(file.digest, if_older_than=timedelta(0))
    assert failures(staged) == ["Missing changelog"]


def test_undoing_an_approval_names_its_version(staged: Registry):
    approve(staged, "bob")
    assert [str(version) for version in staged.undo().versions] == ["qa@1.0.0"]


def test_a_dry_registration_reports_rules_it_cannot_check(registry: Registry, programs: Programs):
    registry.apply('policies: {staging: {metrics: ["em >= 0.8"], auto_promote: true}}')
    outcome = programs.register(label="1.0.0", metrics={"em": 0.9}, dry_run=True)
    assert [entry.operation for entry in outcome.entries] == ["register"]
    assert "once it is registered" in outcome.notices[-1]
    programs.register(label="1.0.0", metrics={"em": 0.9})
    assert registry.show("qa@1.0.0").stage == "staging"


FALLING = "integration: {rollback_on_performance_drop: true}"


@pytest.fixture
def replaced(registry: Registry, programs: Programs) -> Registry:
    """A registry in which 1.1.0 (0.9) has replaced 1.0.0 (0.8) in production."""
    registry.apply(FALLING)
    for label, score in (("1.0.0", 0.8), ("1.1.0", 0.9)):
        programs.in_production(label=label, metrics={"score": score})
    return registry


def test_a_live_version_whose_score_drops_is_rolled_back_automatically(
    replaced: Registry, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level("INFO", logger="dspyreg"):
        outcome = replaced.score("qa@production", {"score": 0.7})
    assert [entry.operation for entry in outcome.entries] == ["score", "rollback"]
    assert replaced.resolve("qa@production").label == "1.0.0"
    assert "score went from 0.9 to 0.7" in outcome.notices[-1]
    assert "dspy.registry.automatic_rollback" in caplog.messages


@pytest.mark.parametrize("score", [0.88, 0.855, 0.95])
def test_a_drop_within_the_threshold_changes_nothing(replaced: Registry, score: float):
    replaced.score("qa@production", {"score": score})
    assert replaced.resolve("qa@production").label == "1.1.0"


def test_a_lower_score_of_a_version_that_is_not_live_changes_nothing(replaced: Registry):
    replaced.score("qa@1.0.0", {"score": 0.1})
    assert replaced.resolve("qa@production").label == "1.1.0"


def test_a_score_drop_without_a_previous_version_is_reported(
    registry: Registry, programs: Programs
):
    registry.apply(FALLING)
    programs.in_production(label="1.0.0", metrics={"score": 0.9})
    outcome = registry.score("qa@production", {"score": 0.1})
    assert "was not rolled back by itself: No previous version" in outcome.notices[-1]
