"""The workflows of the page: every step runs, in the successful and the failing cases."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from repositories import a_program
from workflows import PAGE, annotations, blocks, workflow

if TYPE_CHECKING:
    from repositories import Repository
    from workflows import Job

BETTER = a_program("Answer the question in one word.")
BREAKING = a_program(output="reply")


def comment(job: Job) -> str:
    return (job.home / "posted.md").read_text(encoding="utf-8")


def test_a_release_registers_promotes_and_pushes_the_registry(repository: Repository):
    job = repository.release()
    assert not job.failed, job.complaints
    assert repository.dspyreg("resolve", "qa@production") == "1.0.0\n"
    assert repository.git("log", "-1", "--format=%an %s") == (
        "github-actions[bot] Registry: 1.0.0\n"
    )
    promoted = json.loads(repository.dspyreg("log", "--json", "-n", "1"))["entries"][0]
    assert promoted["reason"] == "all tests passed"
    assert promoted["context"]["ci"] == "https://github.com/acme/answers/actions/runs/42"
    shown = json.loads(repository.dspyreg("show", "qa", "--json"))
    assert shown["changelog"] == "Better 'answers'\n\n$(false) `false`"


def test_a_repeated_release_job_releases_nothing(repository: Repository):
    repository.release()
    again = repository.release()
    assert not again.failed, again.complaints
    assert repository.dspyreg("list", "qa").count("\n") == 1
    assert "already" in again.step("To production").log


def test_a_refused_release_is_logged_and_fails_the_job(repository: Repository):
    repository.release()
    job = repository.release(program_json=BETTER, accuracy="0.8")
    assert job.failed
    below, lost = annotations(job.step("To production").log)
    title = "::error title=qa@1.0.1 to production::"
    assert below == f"{title}accuracy 0.8 does not meet >= 0.85"
    assert lost.startswith(f"{title}accuracy 0.8 is -11.11")
    assert lost.endswith("against 1.0.0 (0.9), does not meet >= -2%25")
    assert repository.dspyreg("resolve", "qa@production") == "1.0.0\n"
    assert repository.dspyreg("resolve", "qa@staging") == "1.0.1\n"


def test_a_release_is_pushed_after_others_have_pushed(repository: Repository):
    document = workflow("release")
    meanwhile = 'git clone -q "$(git remote get-url origin)" "$RUNNER_TEMP/else"\n' + (
        'cd "$RUNNER_TEMP/else" && touch README && git add README\n'
        "git -c user.name=eve -c user.email=eve@example.org commit -q -m Words && git push -q\n"
    )
    document["jobs"]["release"]["steps"].insert(-1, {"name": "Others", "run": meanwhile})
    job = repository.job().run(document)
    assert not job.failed, job.complaints
    repository.pull()
    assert (repository.work / "README").exists()
    assert repository.dspyreg("resolve", "qa@production") == "1.0.0\n"


def test_a_candidate_is_compared_in_a_comment_and_not_registered(repository: Repository):
    repository.release()
    before = repository.git("rev-parse", "origin/main")
    job = repository.pull_request(program_json=BETTER, accuracy="0.95")
    assert not job.failed, job.complaints
    told = comment(job)
    assert told.startswith("<!-- candidate -->\n### ✅ `qa@1.0.1` → `production`\n")
    assert "| ✅ | `metrics` | `accuracy 0.95 meets >= 0.85` |" in told
    assert "### `qa@1.0.0` → `qa@1.0.1`" in told
    assert "+ Answer the question in one word." in told
    assert "`qa@1.0.1` → `staging`" in job.summary
    assert "`qa@1.0.1` → `production`" in job.summary
    assert job.outputs("production")["label"] == "1.0.1"
    assert job.outputs("production")["digest"].startswith("b3:")
    assert job.outputs("production")["passed"] == "true"
    repository.git("fetch", "-q", "origin")
    assert repository.git("rev-parse", "origin/main") == before
    assert "pr comment 7" in (job.home / "gh.txt").read_text()


def test_the_first_candidate_has_nothing_to_compare_with(repository: Repository):
    job = repository.pull_request(program_json=BETTER)
    assert not job.failed, job.complaints
    assert "Nothing to compare with: there is no `qa@production`." in comment(job)


def test_an_existing_comment_is_updated(repository: Repository):
    document = workflow("candidate")
    earlier = {"name": "Earlier", "run": 'echo 17 >"$HOME/comments.txt"'}
    document["jobs"]["candidate"]["steps"].insert(0, earlier)
    job = repository.pull_request(document=document, program_json=BETTER)
    assert not job.failed, job.complaints
    assert "-X PATCH repos/acme/answers/issues/comments/17 -F body=@comment.md" in (
        job.home / "gh.txt"
    ).read_text(encoding="utf-8")


def test_a_worse_candidate_fails_and_the_comment_gives_the_reason(repository: Repository):
    repository.release()
    job = repository.pull_request(program_json=BETTER, accuracy="0.8")
    assert job.step("Would it go to production?").conclusion == "failure"
    assert "| ❌ | `metrics` | `accuracy 0.8 does not meet >= 0.85` |" in comment(job)
    assert job.outputs("production")["passed"] == "false"


def test_a_candidate_with_failing_tests_stops_at_staging(repository: Repository):
    job = repository.pull_request(program_json=BETTER, broken="")
    assert job.step("To staging").conclusion == "failure"
    assert job.step("Would it go to production?").conclusion == "skipped"
    assert "integration_tests" in annotations(job.step("To staging").log)[0]
    assert "### ❌ `qa@1.0.0` → `staging`" in comment(job)


def test_a_candidate_that_breaks_callers_fails_with_an_annotation_on_a_line(repository: Repository):
    repository.release()
    job = repository.pull_request(program_json=BREAKING)
    assert job.step("Break no caller").conclusion == "failure"
    found = annotations(job.step("Break no caller").log)
    assert found
    assert all(
        line.startswith("::error file=program.json,title=Breaks callers::") for line in found
    )


def test_a_pull_request_label_allows_breaking_callers(repository: Repository):
    repository.release()
    job = repository.pull_request("breaking", program_json=BREAKING)
    assert job.step("Break no caller").conclusion == "skipped"
    assert job.step("Register").conclusion == "success"
    (broken,) = annotations(job.step("Would it go to production?").log)
    assert "Contract breaks with 1.0.0: generate: field `answer`" in broken


def test_a_candidate_must_not_change_the_registry(repository: Repository):
    (repository.work / ".dspyreg/extra").write_text("")
    job = repository.pull_request(program_json=BETTER)
    assert job.step("Leave the registry to the release").conclusion == "failure"
    assert job.step("Register").conclusion == "skipped"


def test_a_pull_request_from_a_fork_gets_a_summary_instead_of_a_comment(repository: Repository):
    job = repository.pull_request(program_json=BETTER, fork="eve/answers")
    assert not job.failed
    assert job.step("Comment").conclusion == "skipped"
    assert "`qa@1.0.0` → `production`" in job.summary


def test_the_rollback_workflow_acts_in_the_name_of_who_started_it(repository: Repository):
    repository.release()
    repository.release(program_json=BETTER, accuracy="0.91")
    job = repository.operate(do="rollback", version="", reason="don't $(touch here) `x`")
    assert not job.failed, job.complaints
    assert repository.dspyreg("resolve", "qa@production") == "1.0.0\n"
    entry = json.loads(repository.dspyreg("log", "--json", "-n", "1"))["entries"][0]
    assert (entry["operation"], entry["reason"]) == ("rollback", "don't $(touch here) `x`")
    assert entry["actor"] == "ada"
    assert "1.0.0" in job.summary


def test_the_promote_workflow_approves_and_promotes(repository: Repository):
    repository.release(load_test_sh="#!/bin/sh\nexit 1\n")
    assert repository.operate(do="promote", version="1.0.0", reason="now").failed
    repository.dspyreg("evidence", "add", "qa@1.0.0", "load_testing")
    repository.git("commit", "-q", "-a", "-m", "Evidence")
    repository.git("push", "-q", "origin", "main")
    for do in ("approve", "promote"):
        job = repository.operate(do=do, version="1.0.0", reason="it was the network")
        assert not job.failed, job.complaints
    assert repository.dspyreg("resolve", "qa@production") == "1.0.0\n"


def test_the_registry_can_live_on_its_own_branch(repository: Repository):
    repository.git("checkout", "-q", "-b", "registry")
    repository.git("push", "-q", "origin", "registry")
    document = yaml.load(blocks(PAGE, "yaml")[-1], yaml.BaseLoader)  # noqa: S506
    job = repository.job().run({"jobs": {"release": document}, "env": document["env"]})
    assert not job.failed, job.complaints
    repository.git("fetch", "-q", "origin")
    assert ".dspyreg/log" in repository.git("diff", "--stat", "origin/main", "origin/registry")


@pytest.mark.parametrize("name", ["candidate", "release", "operate"])
def test_a_workflow_sets_permissions_concurrency_and_a_timeout(name: str):
    document = workflow(name)
    (job,) = document["jobs"].values()
    assert document["permissions"]
    assert document["concurrency"]
    assert job["timeout-minutes"]
